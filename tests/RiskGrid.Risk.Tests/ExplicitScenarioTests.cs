using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class ExplicitScenarioTests
{
    private const int Seed = 71;

    [Fact]
    public void A_shocked_scenario_is_worth_what_the_pricer_makes_of_the_shocked_market()
    {
        var (market, trades) = Portfolio(250, Seed);
        var contract = ((EuropeanOption)trades[0].Terms.Instrument).VolatilityFactor.Value;
        var sheet = Sheet.Build(SampleMarket.Book, trades);
        (string Name, Shock[] Shocks, Action<SampleMarket> Move)[] cases =
        [
            ("nothing", [], _ => { }),
            ("crash", [Shock.Relative("spot", -0.2)], m => Scale(m, f => f.Class is FactorClass.Index or FactorClass.Equity, 0.8)),
            ("one stock", [Shock.Absolute("EQ.SAP", -12.5)], m => m.Bump("EQ.SAP", -12.5)),
            ("dollar", [Shock.Relative("FX.*", 0.04)], m => Scale(m, f => f.Class == FactorClass.Fx, 1.04)),
            ("one pair", [Shock.Absolute("FX.EURUSD", 0.07)], m => m.Bump("FX.EURUSD", 0.07)),
            ("parallel", [Shock.Absolute("rates", 0.01)], m => Shift(m, f => f.Class == FactorClass.Zero, 0.01)),
            ("one curve", [Shock.Absolute("ZC.USD.*", -0.005)], m => m.BumpCurve("USD", -0.005)),
            ("one pillar", [Shock.Absolute("ZC.USD.1Y", 0.02)], m => m.Bump("ZC.USD.1Y", 0.02)),
            ("rates by half", [Shock.Relative("ZC.EUR.*", 0.5)], m => Scale(m, f => f.Value.StartsWith("ZC.EUR.", StringComparison.Ordinal), 1.5)),
            ("twist", [Shock.Curve("ZC.USD.*", new CurvePoint("5Y", 0.02), new CurvePoint("1Y", -0.01))],
                m => m.Bump("ZC.USD.3M", -0.01).Bump("ZC.USD.1Y", -0.01).Bump("ZC.USD.5Y", 0.02)),
            ("volatility up", [Shock.Relative("volatility", 0.4)], m => Scale(m, f => f.Class == FactorClass.Volatility, 1.4)),
            ("one root", [Shock.Relative("VOL.SPXW.*", -0.3)], m => Scale(m, f => f.Value.StartsWith("VOL.SPXW.", StringComparison.Ordinal), 0.7)),
            ("points", [Shock.Absolute("VOL.SAP.*", 0.05)], m => Shift(m, f => f.Value.StartsWith("VOL.SAP.", StringComparison.Ordinal), 0.05)),
            ("one contract to zero", [Shock.Absolute(contract, -9)], m => m.Set(contract, 0)),
            ("one after the other", [Shock.Relative("spot", 0.1), Shock.Relative("spot", -0.1), Shock.Absolute("EQ.SAP", 1)],
                m => { Scale(m, f => f.Class is FactorClass.Index or FactorClass.Equity, 1.1 * 0.9); m.Bump("EQ.SAP", 1); }),
            ("everything", [Shock.Absolute("VOL.*", 0.02), Shock.Relative("VOL.HSBA.*", 0.25), Shock.Relative("EQ.*", -0.1), Shock.Relative("FX.EURGBP", -0.05), Shock.Absolute("ZC.GBP.1Y", 0.003)],
                m =>
                {
                    Scale(m, f => f.Value.StartsWith("VOL.HSBA.", StringComparison.Ordinal), 1.25);
                    Shift(m, f => f.Class == FactorClass.Volatility, 0.02);
                    Scale(m, f => f.Class == FactorClass.Equity, 0.9);
                    Scale(m, f => f.Value == "FX.EURGBP", 0.95);
                    m.Bump("ZC.GBP.1Y", 0.003);
                }),
        ];
        var set = ScenarioSet.Explicit("cases", cases.Select(c => new NamedScenario(c.Name, [.. c.Shocks])), market.Snapshot());
        var revaluation = new SheetRevaluation(market.For(sheet), set);
        Assert.Equal(0, revaluation.TradesMissing);
        var pnl = revaluation.ComputeAll();

        var before = SheetPricer.Price(market.For(sheet));
        var gross = 0.0;
        foreach (var trade in before.Trades)
            gross += Math.Abs(trade.Mtm);
        for (var s = 0; s < cases.Length; s++)
        {
            var moved = market.Copy();
            cases[s].Move(moved);
            var expected = SheetPricer.Price(moved.For(sheet)).Total.Mtm - before.Total.Mtm;
            Assert.True(Math.Abs(expected - pnl[s]) < 1e-12 * gross, $"seed {Seed}: {cases[s].Name} by the pricer {expected:R}, by the scenario {pnl[s]:R}, gross {gross:R}");
            Assert.True(s == 0 ? pnl[s] == 0 : Math.Abs(expected) > 1e-7 * gross, $"{cases[s].Name} moved {expected:R} of {gross:R}");
            Assert.Equal(cases[s].Name, set.Label(s));
        }
    }

    [Fact]
    public void A_move_of_the_volatility_index_moves_volatilities_by_its_rule_and_a_move_of_spot_leaves_them()
    {
        var (market, trades) = Portfolio(100, Seed + 1);
        market.Set("IDX.VIX", 20);
        var sheet = Sheet.Build(SampleMarket.Book, trades);
        var set = ScenarioSet.Explicit("vix", [new NamedScenario("points", [Shock.Absolute("IDX.VIX", 10), Shock.Relative("spot", -0.05)])], market.Snapshot());
        var moved = market.Copy();
        Scale(moved, f => f.Value is "IDX.SP500" || f.Class == FactorClass.Equity, 0.95);
        foreach (var option in trades.Select(t => (EuropeanOption)t.Terms.Instrument).DistinctBy(o => o.VolatilityFactor))
        {
            var beta = Math.Min(1, Math.Sqrt(30 / 365.0 / option.YearsToExpiry(SampleMarket.Valuation)));
            moved.Set(option.VolatilityFactor.Value, market.Quotes[option.VolatilityFactor].Value * Math.Pow(1.5, beta));
        }

        var expected = SheetPricer.Price(moved.For(sheet)).Total.Mtm - SheetPricer.Price(market.For(sheet)).Total.Mtm;
        var pnl = Assert.Single(new SheetRevaluation(market.For(sheet), set).ComputeAll());
        Assert.Equal(1, expected / pnl, 10);
        Assert.Equal(ScenarioRules.StickyStrike, set.Rules);
    }

    [Fact]
    public void A_curve_without_shocked_pillars_of_its_own_follows_that_of_its_currency()
    {
        var option = SampleMarket.Option(OptionType.Put, 1e6, 3, curve: "USD-SPX");
        var market = new SampleMarket().Set("IDX.SP500", 1e-3).Set("ZC.USD-SPX.1Y", 0.03).Set("ZC.USD.1Y", 0.03).Set("ZC.USD.5Y", 0.03).QuoteContract(option, 0.01);
        var set = ScenarioSet.Explicit(
            "curves",
            [
                new NamedScenario("pillar of the currency", [Shock.Absolute("ZC.USD.5Y", 0.002)]),
                new NamedScenario("nothing", []),
            ],
            market.Snapshot());
        var pnl = new SheetRevaluation(market.For(Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T", option)])), set).ComputeAll();

        // Halfway between a pillar that stands still and one that moves by 20 basis points.
        Assert.Equal(1e6 * (Math.Exp(-0.031 * 3) - Math.Exp(-0.03 * 3)), pnl[0], 1e-6);
        Assert.Equal(0, pnl[1]);

        var all = ScenarioSet.Explicit("all", [new NamedScenario("dollar", [Shock.Absolute("ZC.USD.*", 0.001)])], market.Snapshot());
        Assert.Equal(["ZC.USD-SPX.1Y", "ZC.USD.1Y", "ZC.USD.5Y"], all.Drivers.Select(d => d.Value));
    }

    [Fact]
    public void Shocks_that_cannot_be_are_refused_by_name()
    {
        var (market, _) = Portfolio(10, Seed);
        void Refused(string message, params Shock[] shocks) => Assert.Contains(
            message,
            Assert.Throws<ValidationException>(() => ScenarioSet.Explicit("s", [new NamedScenario("odd", [.. shocks])], market.Snapshot())).Message,
            StringComparison.Ordinal);
        Refused("EQ.NOBODY in scenario 'odd' matches no factor", Shock.Relative("EQ.NOBODY", 0.1));
        Refused("CMD.* in scenario 'odd' matches no factor", Shock.Relative("CMD.*", 0.1));
        Refused("VOL.NOBODY.* in scenario 'odd' matches no factor", Shock.Relative("VOL.NOBODY.*", 0.1));
        Refused("would move EQ.HSBA to zero or below", Shock.Relative("EQ.*", -1));
        Refused("would move EQ.SAP to zero or below", Shock.Absolute("EQ.SAP", -180));
        Refused("would move VOL.* to zero or below", Shock.Relative("VOL.*", -1));
        Refused("stand still in scenarios", Shock.Relative("DIV.*", 0.1));
        Refused("not a finite number", Shock.Relative("EQ.SAP", double.NaN));
        Refused("only zero rates move by tenor", Shock.Curve("EQ.*", new CurvePoint("1Y", 0.1)));
        Refused("names one tenor twice", Shock.Curve("ZC.USD.*", new CurvePoint("12M", 0.1), new CurvePoint("1Y", 0.1)));
        Refused("not a tenor", Shock.Curve("ZC.USD.*", new CurvePoint("soon", 0.1)));
        Assert.Throws<ValidationException>(() => Shock.Relative("EQ", 0.1));
        Assert.Throws<ValidationException>(() => ScenarioSet.Explicit("s", [], market.Snapshot()));
        Assert.Throws<ValidationException>(() => ScenarioSet.Explicit("s", [new NamedScenario("a", []), new NamedScenario("a", [])], market.Snapshot()));
    }

    [Fact]
    public void A_matrix_is_its_rows_and_columns_applied_together()
    {
        var (market, trades) = Portfolio(60, Seed + 2);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        var grid = new StressGrid("spot x vol", StressAxis.Relative("spot", -0.1, 0, 0.1), StressAxis.Absolute("VOL.*", 0, 0.05));
        Assert.Equal(
            ["spot x vol: spot -10%, VOL.* 0", "spot x vol: spot -10%, VOL.* +0.05", "spot x vol: spot 0%, VOL.* 0"],
            grid.Scenarios().Take(3).Select(s => s.Name));
        var pnl = new SheetRevaluation(sheet, ScenarioSet.Explicit("m", grid.Scenarios(), market.Snapshot())).ComputeAll();
        Assert.Equal(6, pnl.Length);
        Assert.Equal(0, pnl[2]);
        var single = ScenarioSet.Explicit("one", [new NamedScenario("x", [Shock.Relative("spot", 0.1), Shock.Absolute("VOL.*", 0.05)])], market.Snapshot());
        Assert.Equal(new SheetRevaluation(sheet, single).ComputeAll()[0], pnl[(2 * grid.Width) + 1]);
        var ladder = new StressGrid("ladder", StressAxis.Relative("spot", -0.1, 0, 0.1));
        var rungs = new SheetRevaluation(sheet, ScenarioSet.Explicit("l", ladder.Scenarios(), market.Snapshot())).ComputeAll();
        Assert.Equal(0, rungs[1]);
        Assert.Equal(1, rungs[0] / pnl[0], 10);
    }

    private static (SampleMarket Market, List<Trade> Trades) Portfolio(int count, int seed)
    {
        var (market, trades) = SampleMarket.Portfolio(count, seed);
        return (market.Set("ZC.USD.3M", 0.03), trades);
    }

    private static void Scale(SampleMarket market, Func<FactorName, bool> which, double by) => Each(market, which, v => v * by);

    private static void Shift(SampleMarket market, Func<FactorName, bool> which, double by) => Each(market, which, v => v + by);

    private static void Each(SampleMarket market, Func<FactorName, bool> which, Func<double, double> move)
    {
        foreach (var name in market.Quotes.Keys.Where(which).ToList())
            market.Set(name.Value, move(market.Quotes[name].Value));
    }
}
