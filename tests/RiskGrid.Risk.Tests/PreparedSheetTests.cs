using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class PreparedSheetTests
{
    private const int Seed = 83;

    private static readonly FactorName[] Drivers = BlockBits.Names("IDX.SP500", "IDX.VIX", "ZC.USD.1Y", "ZC.USD.5Y", "FX.EURUSD", "FX.EURGBP");

    [Fact]
    public void The_trades_alone_add_up_to_the_bits_of_the_sheet()
    {
        var (market, trades) = SampleMarket.Portfolio(80, Seed);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        foreach (var set in new ScenarioSet[]
        {
            ScenarioSet.MonteCarlo(Panels.Real, Drivers, new MonteCarloOptions { Paths = 100, Seed = 5, DegreesOfFreedom = 5 }),
            ScenarioSet.Explicit(
                "mixed",
                new StressGrid("g", StressAxis.Relative("spot", -0.1, 0, 0.1), StressAxis.Absolute("VOL.SPXW.*", -0.5, 0, 0.03)).Scenarios(),
                market.Snapshot()),
        })
        {
            var prepared = new PreparedSheet(sheet, set);
            var block = set.Block(0, set.Count);
            var expected = new double[set.Count];
            prepared.Accumulate(block, 0, set.Count, expected);
            var start = 2;
            var count = set.Count - start;
            var byTrade = new double[prepared.Trades.Length * count];
            prepared.PnlByTrade(block, start, count, byTrade);
            Assert.True(prepared.Trades.SequenceEqual(prepared.Trades.Order()) && prepared.Trades.Length > 20);
            for (var s = 0; s < count; s++)
            {
                var sum = 0.0;
                for (var t = 0; t < prepared.Trades.Length; t++)
                    sum += byTrade[(t * count) + s];
                Assert.Equal(BitConverter.DoubleToInt64Bits(expected[start + s]), BitConverter.DoubleToInt64Bits(sum));
            }
        }
    }

    [Fact]
    public void Any_split_of_scenarios_has_the_same_bits_also_where_volatilities_are_added_to()
    {
        var (market, trades) = SampleMarket.Portfolio(80, Seed + 1);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        var values = Enumerable.Range(-20, 41).Select(i => i / 100.0).ToArray();
        var grid = new StressGrid("g", StressAxis.Relative("spot", values), StressAxis.Absolute("VOL.SAP.*", values));
        var set = ScenarioSet.Explicit("grid", grid.Scenarios(), market.Snapshot());
        var expected = new SheetRevaluation(sheet, set).ComputeAll();
        var prepared = new PreparedSheet(sheet, set);
        var random = new Random(Seed);
        var pnl = new double[set.Count];
        for (var first = 0; first < set.Count;)
        {
            var count = Math.Min(random.Next(1, 300), set.Count - first);
            prepared.Accumulate(set.Block(first, count), 0, count, pnl.AsSpan(first, count));
            first += count;
        }

        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), pnl.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Only_some_classes_move_in_a_masked_set_and_a_prepared_sheet_takes_all_masks()
    {
        var (market, trades) = SampleMarket.Portfolio(80, Seed + 2);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades.Where(t => ((EuropeanOption)t.Terms.Instrument).Root == "SPXW")));
        var set = ScenarioSet.Historical(Panels.Real, Drivers, new HistoricalOptions { HorizonDays = 5 });
        var prepared = new PreparedSheet(sheet, set);
        Assert.Equal(0, prepared.TradesMissing);
        double[] Pnl(ScenarioSet some)
        {
            var pnl = new double[some.Count];
            prepared.Accumulate(some.Block(0, some.Count), 0, some.Count, pnl);
            return pnl;
        }

        var whole = Pnl(set);
        var spot = Pnl(set.Only(FactorClassMask.Spot));
        Assert.NotEqual(whole, spot);
        Assert.All(Pnl(set.Only(FactorClassMask.Fx)), p => Assert.Equal(0, p));
        var masked = set.Only(FactorClassMask.Spot | FactorClassMask.Rates);
        var block = masked.Block(0, 100);
        Assert.Equal(set.Moves(Drivers[0])[..100].ToArray(), block.Moves(masked.DriverIndex(Drivers[0])).ToArray());
        Assert.All(block.Moves(masked.DriverIndex(ScenarioDrivers.VolatilityIndex)).ToArray(), m => Assert.Equal(0, m));
        Assert.Equal(BlockBits.Whole(set.Only(FactorClassMask.Rates)), BlockBits.Whole(masked.Only(FactorClassMask.Rates)));
        Assert.Equal(set.Only(FactorClassMask.Rates).Hash, masked.Only(FactorClassMask.Rates).Hash);
        Assert.Equal(BlockBits.Of(masked.Block(7, 30)), BlockBits.Of(set.Block(7, 30).Only(FactorClassMask.Spot | FactorClassMask.Rates)));
        Assert.Same(set, set.Only(FactorClassMask.All));
        Assert.Equal(set.Label(3), masked.Label(3));
        Assert.Equal(5, new[] { set, masked, set.Only(FactorClassMask.Spot), set.Only(FactorClassMask.Fx), set.Only(FactorClassMask.Volatility) }.Select(s => s.Hash).Distinct().Count());
        Assert.Equal("classes", Assert.Throws<ValidationException>(() => set.Only(FactorClassMask.None)).Field);
        Assert.Equal("classes", Assert.Throws<ValidationException>(() => masked.Only(FactorClassMask.Fx)).Field);
    }

    [Fact]
    public void Shifts_of_volatilities_belong_to_the_class_of_volatility()
    {
        var (market, trades) = SampleMarket.Portfolio(40, Seed + 3);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        var both = ScenarioSet.Explicit("b", [new NamedScenario("x", [Shock.Relative("spot", -0.1), Shock.Relative("VOL.*", 0.2), Shock.Absolute("VOL.SAP.*", 0.1)])], market.Snapshot());
        var alone = ScenarioSet.Explicit("b", [new NamedScenario("x", [Shock.Relative("VOL.*", 0.2), Shock.Absolute("VOL.SAP.*", 0.1)])], market.Snapshot());
        Assert.Equal(new SheetRevaluation(sheet, alone).ComputeAll(), new SheetRevaluation(sheet, both.Only(FactorClassMask.Volatility)).ComputeAll());
    }

    [Fact]
    public void A_block_of_other_drivers_or_rules_and_a_wrong_range_are_refused()
    {
        var (market, trades) = SampleMarket.Portfolio(10, Seed);
        var sheet = market.For(Sheet.Build(SampleMarket.Book, trades));
        var set = ScenarioSet.Historical(Panels.Real, Drivers);
        var prepared = new PreparedSheet(sheet, set);
        var pnl = new double[10];
        Assert.Throws<ArgumentException>(() => prepared.Accumulate(ScenarioSet.Historical(Panels.Real, Drivers[1..]).Block(0, 10), 0, 10, pnl));
        Assert.Throws<ArgumentException>(() => prepared.Accumulate(set.Block(0, 10), 1, 10, pnl));
        Assert.Throws<ArgumentException>(() => prepared.Accumulate(set.Block(0, 10), 0, 9, pnl));
        Assert.Throws<ArgumentException>(() => prepared.PnlByTrade(set.Block(0, 10), 0, 10, pnl));
        prepared.Accumulate(ScenarioSet.Historical(Panels.Real, Drivers, new HistoricalOptions { HorizonDays = 2 }).Block(0, 10), 0, 10, pnl);
    }
}
