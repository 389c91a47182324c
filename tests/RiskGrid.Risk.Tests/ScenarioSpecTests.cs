using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class ScenarioSpecTests
{
    private static readonly FactorName[] Drivers = BlockBits.Names("IDX.SP500", "IDX.VIX", "EQ.AAPL", "ZC.USD.1Y", "ZC.USD.5Y", "FX.EURUSD", "FX.EURGBP");

    public static TheoryData<string> Kinds => [.. Sets().Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_set_made_again_from_its_spec_has_the_same_bits(string kind)
    {
        var set = Sets()[kind];
        var again = ScenarioSets.FromSpec(set.Spec, hash => hash == Panels.Real.Hash ? Panels.Real : null);
        Assert.Equal((set.Spec, set.Hash, set.Count, set.Rules, set.IsAntithetic), (again.Spec, again.Hash, again.Count, again.Rules, again.IsAntithetic));
        Assert.Equal(set.Drivers.AsEnumerable(), again.Drivers.AsEnumerable());
        Assert.Equal(set.Weights.ToArray(), again.Weights.ToArray());
        Assert.Equal(Enumerable.Range(0, Math.Min(set.Count, 100)).Select(set.Label), Enumerable.Range(0, Math.Min(set.Count, 100)).Select(again.Label));
        Assert.Equal(BlockBits.Whole(set), BlockBits.Whole(again));
        Assert.True(set.Layout.Fits(again.Layout));
    }

    [Fact]
    public void Sets_that_differ_have_hashes_that_differ() =>
        Assert.Equal(Sets().Count, Sets().Values.Select(s => s.Hash).Distinct().Count());

    [Theory]
    [InlineData("{", "$", "not JSON")]
    [InlineData("[]", "$", "an object is expected")]
    [InlineData("{}", "$.generator", "is missing")]
    [InlineData("{\"generator\":\"astrology\"}", "$.generator", "no generator 'astrology'")]
    [InlineData("{\"generator\":\"historical\",\"panel\":\"ab\",\"shifts\":[],\"version\":1}", "$.panel", "no history panel with the hash ab")]
    public void What_is_no_spec_is_refused_with_its_place(string spec, string place, string reason)
    {
        var refusal = Assert.Throws<ValidationException>(() => ScenarioSets.FromSpec(spec, _ => null));
        Assert.Equal(place, refusal.Field);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_of_another_version_or_order_of_keys_is_refused()
    {
        var spec = Sets()["monte carlo"].Spec;
        Assert.EndsWith("\"version\":1}", spec, StringComparison.Ordinal);
        foreach (var other in new[] { spec.Replace("\"version\":1", "\"version\":9", StringComparison.Ordinal), spec.Replace(",", ", ", StringComparison.Ordinal) })
        {
            var refusal = Assert.Throws<ValidationException>(() => ScenarioSets.FromSpec(other, _ => Panels.Real));
            Assert.Contains("not the canonical one of this build", refusal.Reason, StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, ScenarioSet> Sets()
    {
        var (market, trades) = SampleMarket.Portfolio(40, 3);
        var snapshot = market.Set("IDX.VIX", 20).Snapshot();
        var sheet = new SheetBinding(Sheet.Build(SampleMarket.Book, trades), new FactorDirectory(snapshot.Quotes.Keys), SampleMarket.Options);
        NamedScenario[] shocks =
        [
            new("a", [Shock.Relative("spot", -0.2), Shock.Relative("VOL.SAP.*", 0.3), Shock.Absolute("VOL.*", 0.01), Shock.Absolute("EQ.SAP", 3)]),
            new("b", [Shock.Curve("ZC.USD.*", new CurvePoint("5Y", 0.01), new CurvePoint("1Y", -0.01)), Shock.Relative("ZC.EUR.10Y", 0.1), Shock.Absolute("IDX.VIX", 12.5)]),
            new("still", []),
        ];
        var historical = ScenarioSet.Historical(Panels.Real, Drivers);
        return new Dictionary<string, ScenarioSet>
        {
            ["historical"] = historical,
            ["historical with options"] = ScenarioSet.Historical(
                Panels.Real,
                Drivers,
                new HistoricalOptions { Decay = 0.99, Filter = new VolatilityFilter(0.97, 100), From = new LocalDate(2007, 7, 1), To = new LocalDate(2009, 6, 30), HorizonDays = 10 }),
            ["monte carlo"] = ScenarioSet.MonteCarlo(Panels.Real, Drivers, new MonteCarloOptions { Paths = 500, Seed = ulong.MaxValue }),
            ["monte carlo with options"] = ScenarioSet.MonteCarlo(
                Panels.Real,
                Drivers,
                new MonteCarloOptions
                {
                    Paths = 500, Seed = 7, DegreesOfFreedom = 4, Antithetic = true, Decay = 0.97, From = new LocalDate(2007, 7, 1), To = new LocalDate(2009, 6, 30), HorizonDays = 10,
                }),
            ["crises"] = ScenarioSet.Replays(Panels.Real, Drivers, StressLibrary.Crises),
            ["explicit"] = ScenarioSet.Explicit("shocks", shocks, snapshot),
            ["explicit with the rules of history"] = ScenarioSet.Explicit("shocks", shocks, snapshot, ScenarioRules.VixConstantMoneyness),
            ["bumps"] = ScenarioSet.Bumps([sheet], Drivers),
            ["bumps with options"] = ScenarioSet.Bumps([sheet], Drivers, new BumpSteps(0.01, 0.02, 0.001), ScenarioRules.StickyStrike),
            ["only rates of history"] = historical.Only(FactorClassMask.Rates),
            ["only spot and volatility of shocks"] = ScenarioSet.Explicit("shocks", shocks, snapshot).Only(FactorClassMask.Spot | FactorClassMask.Volatility),
        };
    }
}
