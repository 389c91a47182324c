using System.Globalization;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class SheetRevaluationTests
{
    private const int Seed = 31;

    [Fact]
    public void A_market_that_does_not_move_gains_and_loses_exactly_nothing()
    {
        var (market, trades) = SampleMarket.Portfolio(400, Seed);
        var still = string.Join(',', Enumerable.Repeat("5", DriverNames.Length));
        var scenarios = Scenarios(["2020-01-02," + still, "2020-01-03," + still, "2020-01-06," + still]);
        var revaluation = new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, trades)), scenarios);
        Assert.Equal(0, revaluation.TradesMissing);
        Assert.Equal([0L, 0L], revaluation.ComputeAll().Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void A_scenario_is_worth_what_the_pricer_makes_of_the_moved_market()
    {
        var (market, trades) = SampleMarket.Portfolio(300, Seed + 1);
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Skew).ToList())
            market.Set(name.Value, -0.3 - (0.01 * name.Value.Length));
        var sheet = Sheet.Build(SampleMarket.Book, trades);

        // Parallel moves of each curve, so that a move of the pillars is the move at every time.
        var moves = new Dictionary<string, double>
        {
            ["IDX.SP500"] = -0.06, ["EQ.SAP"] = 0.03, ["EQ.HSBA"] = -0.02, ["IDX.VIX"] = 0.35,
            ["FX.EURUSD"] = -0.01, ["FX.EURGBP"] = 0.015,
            ["ZC.USD.1Y"] = -0.002, ["ZC.USD.10Y"] = -0.002, ["ZC.EUR.1Y"] = 0.001, ["ZC.GBP.1Y"] = 0.003,
        };
        var scenarios = Scenarios([Row("2020-01-02", _ => 1), Row("2020-01-03", d => d.StartsWith("ZC.", StringComparison.Ordinal) ? 1 + moves[d] : Math.Exp(moves[d]))]);
        var pnl = Assert.Single(new SheetRevaluation(market.For(sheet), scenarios).ComputeAll());

        var moved = market.Copy();
        foreach (var name in market.Quotes.Keys)
        {
            var value = market.Quotes[name].Value;
            if (name.Class is FactorClass.Index or FactorClass.Equity or FactorClass.Fx)
                moved.Set(name.Value, value * Math.Exp(moves[name.Value]));
            else if (name.Class == FactorClass.Zero)
                moved.Bump(name.Value, moves[$"ZC.{name.Value.Split('.')[1]}.1Y"]);
        }

        foreach (var option in trades.Select(t => (EuropeanOption)t.Terms.Instrument).DistinctBy(o => o.VolatilityFactor))
        {
            var years = option.YearsToExpiry(SampleMarket.Valuation);
            var beta = Math.Min(1, Math.Sqrt(30 / 365.0 / years));
            var skew = market.Quotes[option.SkewFactor].Value;
            var multiplier = Math.Exp((beta * moves["IDX.VIX"]) - (skew * moves[option.Underlying.Value]));
            moved.Set(option.VolatilityFactor.Value, market.Quotes[option.VolatilityFactor].Value * multiplier);
        }

        var before = SheetPricer.Price(market.For(sheet));
        var expected = SheetPricer.Price(moved.For(sheet)).Total.Mtm - before.Total.Mtm;
        var gross = 0.0;
        foreach (var trade in before.Trades)
            gross += Math.Abs(trade.Mtm);
        Assert.True(Math.Abs(expected - pnl) < 1e-12 * gross, $"seed {Seed + 1}: by the pricer {expected:R}, by the scenario kernel {pnl:R}, gross {gross:R}");
        Assert.True(Math.Abs(expected) > 1e-3 * gross, "the sample moved too little to show anything");
    }

    [Fact]
    public void Zero_moves_are_linear_between_the_driver_pillars_and_flat_outside()
    {
        foreach (var (years, expected) in new[] { (0.5, 0.001), (1.0, 0.001), (5.5, 0.002), (10.0, 0.003), (12.0, 0.003) })
        {
            // A deep in-the-money put on a worthless forward is a zero bond: strike·exp(−z·t), here with a tiny volatility.
            var option = SampleMarket.Option(OptionType.Put, 1e6, years, multiplier: 1);
            var market = new SampleMarket().Set("IDX.SP500", 1e-3).Set("ZC.USD.1Y", 0.03).QuoteContract(option, 0.01);
            var scenarios = Scenarios(
                [Row("2020-01-02", _ => 1), Row("2020-01-03", d => d switch { "ZC.USD.1Y" => 1.001, "ZC.USD.10Y" => 1.003, _ => 1 })]);
            var pnl = Assert.Single(new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T", option)])), scenarios).ComputeAll());
            var bond = 1e6 * (Math.Exp(-(0.03 + expected) * years) - Math.Exp(-0.03 * years));
            Assert.True(Math.Abs(bond - pnl) < 1e-6, $"{years} years: bond {bond:R}, option {pnl:R}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7_000)]
    [InlineData(50_000)]
    [InlineData(int.MaxValue / 2)]
    public void The_split_into_blocks_the_order_and_the_threads_do_not_change_a_bit(int revaluationsPerBlock)
    {
        var (market, trades) = SampleMarket.Portfolio(120, Seed + 2);
        var sheetMarket = market.For(Sheet.Build(SampleMarket.Book, trades));
        var scenarios = RandomScenarios(1_003);
        var expected = new SheetRevaluation(sheetMarket, scenarios).ComputeAll();

        var split = new SheetRevaluation(sheetMarket, scenarios, revaluationsPerBlock);
        Parallel.For(0, split.Blocks * 2, i => split.Compute((split.Blocks * 2 - 1 - i) % split.Blocks));
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), split.Pnl.ToArray().Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void The_vector_of_two_sheets_adds_up_to_the_vector_of_their_union_within_rounding()
    {
        var (market, trades) = SampleMarket.Portfolio(100, Seed + 3);
        var scenarios = RandomScenarios(200);
        double[] Vector(IEnumerable<Trade> some) => new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, some)), scenarios).ComputeAll();
        var whole = Vector(trades);
        var (left, right) = (Vector(trades.Take(40)), Vector(trades.Skip(40)));
        var scale = whole.Max(Math.Abs);
        for (var s = 0; s < whole.Length; s++)
            Assert.True(Math.Abs(whole[s] - left[s] - right[s]) < 1e-10 * scale, $"scenario {s}");
    }

    [Fact]
    public void A_trade_that_the_scenarios_cannot_move_is_missing_by_name()
    {
        var option = SampleMarket.Option(OptionType.Call, 100, 1, root: "XYZ", underlying: "EQ.XYZ");
        var euro = SampleMarket.Option(OptionType.Call, 100, 1, root: "CHF", underlying: "EQ.SAP", currency: "CHF");
        var yen = SampleMarket.Option(OptionType.Call, 100, 1, root: "JPY", underlying: "EQ.SAP", curve: "JPY");
        var market = new SampleMarket().Set("EQ.XYZ", 100).Set("EQ.SAP", 100).Set("ZC.USD.1Y", 0.03).Set("ZC.JPY.1Y", 0.01).Set("FX.CHFUSD", 1.1)
            .QuoteContract(option, 0.2).QuoteContract(euro, 0.2).QuoteContract(yen, 0.2);
        var noSkew = SampleMarket.Option(OptionType.Call, 100, 1, root: "NOSKEW", underlying: "EQ.SAP");
        market.QuoteContract(noSkew, 0.2).Quotes.Remove(noSkew.SkewFactor);
        var noVol = SampleMarket.Option(OptionType.Call, 100, 1, root: "NOVOL", underlying: "EQ.SAP");
        market.QuoteContract(noVol, 0.2).Quotes.Remove(noVol.VolatilityFactor);
        var sheet = Sheet.Build(
            SampleMarket.Book,
            [
                SampleMarket.Trade("A", option), SampleMarket.Trade("B", euro), SampleMarket.Trade("C", yen),
                SampleMarket.Trade("D", noSkew), SampleMarket.Trade("E", noVol),
            ]);
        var revaluation = new SheetRevaluation(market.For(sheet), RandomScenarios(10));
        Assert.Equal(5, revaluation.TradesMissing);
        Assert.Equal(
            [
                "A: EQ.XYZ is not a driver of the scenario set",
                "B: no FX rate between CHF and USD is a driver of the scenario set",
                "C: no zero rate ZC.JPY is a driver of the scenario set",
                $"D: no quote for {noSkew.SkewFactor}",
                $"E: no quote for {noVol.VolatilityFactor}",
            ],
            revaluation.Missing.Select(m => $"{m.Trade}: {m.Reason}"));
        Assert.Equal(0, revaluation.Blocks);
        Assert.All(revaluation.ComputeAll(), p => Assert.Equal(0, p));
        Assert.Throws<ArgumentOutOfRangeException>(() => revaluation.Compute(0));
    }

    [Fact]
    public void A_missing_trade_leaves_the_others_as_they_were()
    {
        var (market, trades) = SampleMarket.Portfolio(50, Seed + 4);
        var scenarios = RandomScenarios(64);
        var expected = new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, trades)), scenarios).ComputeAll();
        var stranger = SampleMarket.Option(OptionType.Call, 100, 1, root: "XYZ", underlying: "EQ.XYZ");
        market.Set("EQ.XYZ", 100).QuoteContract(stranger, 0.2);
        var revaluation = new SheetRevaluation(
            market.For(Sheet.Build(SampleMarket.Book, trades.Append(SampleMarket.Trade("T00020x", stranger)))), scenarios);
        Assert.Equal(1, revaluation.TradesMissing);
        Assert.Equal(expected, revaluation.ComputeAll());
    }

    [Fact]
    public void The_drivers_of_a_portfolio_are_what_its_trades_depend_on()
    {
        var (market, trades) = SampleMarket.Portfolio(50, Seed + 5);
        var index = SampleMarket.Option(OptionType.Call, 6900, 1, curve: "USD-SPX");
        market.QuoteContract(index, 0.2);
        SheetBinding Bind(IEnumerable<Trade> some) =>
            new(Sheet.Build(SampleMarket.Book, some), new FactorDirectory(market.Quotes.Keys), SampleMarket.Options);
        var panel = Panels.Of("date," + string.Join(',', DriverNames) + ",CMD.WTI,EQ.OTHER,ZC.JPY.1Y", Row("2020-01-02", _ => 1) + ",1,1,1");
        Assert.Equal(
            ["IDX.SP500", "IDX.VIX", "ZC.USD.10Y", "ZC.USD.1Y"],
            ScenarioDrivers.Of([Bind([SampleMarket.Trade("X", index)])], panel).Select(f => f.Value));
        Assert.Equal(DriverNames.Order(StringComparer.Ordinal), ScenarioDrivers.Of([Bind(trades)], panel).Select(f => f.Value));
        Assert.Empty(ScenarioDrivers.Of([], panel));
    }

    [Fact]
    public void The_bits_of_a_seeded_portfolio_stay_as_long_as_the_version_of_the_rules()
    {
        var (market, trades) = SampleMarket.Portfolio(60, Seed + 6);
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Skew).ToList())
            market.Set(name.Value, -0.3 - (0.01 * name.Value.Length));
        var pnl = new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, trades)), RandomScenarios(257)).ComputeAll();
        var bits = System.Runtime.InteropServices.MemoryMarshal.AsBytes(pnl.AsSpan());
        Assert.Equal("454510e9c6d480311ab3f014e34c8a899523d848", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bits))[..40]);
    }

    private static readonly string[] DriverNames =
    [
        "IDX.SP500", "EQ.SAP", "EQ.HSBA", "IDX.VIX", "FX.EURUSD", "FX.EURGBP",
        "ZC.USD.1Y", "ZC.USD.10Y", "ZC.EUR.1Y", "ZC.GBP.1Y",
    ];

    private static string Row(string date, Func<string, double> level) =>
        date + "," + string.Join(',', DriverNames.Select(d => level(d).ToString("R", CultureInfo.InvariantCulture)));

    private static ScenarioSet Scenarios(IEnumerable<string> rows) =>
        ScenarioSet.Historical(Panels.Of(["date," + string.Join(',', DriverNames), .. rows]), DriverNames.Select(FactorName.Parse));

    private static ScenarioSet RandomScenarios(int count)
    {
        var random = new Random(Seed);
        var day = new NodaTime.LocalDate(2004, 1, 5);
        return Scenarios(Enumerable.Range(0, count + 1).Select(i => Row(
            day.PlusDays(i).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
            d => d.StartsWith("ZC.", StringComparison.Ordinal) ? 0.02 + (0.01 * random.NextDouble()) : 1 + (0.1 * random.NextDouble()))));
    }
}
