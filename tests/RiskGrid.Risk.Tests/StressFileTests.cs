using RiskGrid.Model;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

public sealed class StressFileTests
{
    private const string Sample =
        """
        {
          // What the desk asked for in January.
          "name": "house 2026",
          "scenarios": [
            { "name": "crash", "description": "spot and vol", "shocks": [
              { "selector": "spot", "kind": "relative", "value": -0.2 },
              { "selector": "VOL.*", "kind": "absolute", "value": 0.15 } ] },
            { "name": "steeper", "shocks": [
              { "selector": "ZC.USD.*", "kind": "absolute", "tenors": { "1Y": -0.005, "5Y": 0.01 } } ] }
          ],
          "ladders": [ { "name": "spot", "selectors": ["spot"], "kind": "relative", "values": [-0.1, 0, 0.1] } ],
          "matrices": [ { "name": "spot x vol",
            "rows": { "selectors": ["EQ.*", "IDX.SP500"], "kind": "relative", "values": [-0.1, 0.1] },
            "columns": { "selectors": ["VOL.*"], "kind": "relative", "values": [-0.25, 0, 0.25] } } ],
        }
        """;

    [Fact]
    public void A_file_gives_its_scenarios_and_where_its_grids_begin()
    {
        var file = StressFile.Parse(Sample);
        Assert.Equal(("house 2026", ScenarioRules.StickyStrike, 2 + 3 + 6), (file.Name, file.Rules, file.Scenarios.Length));
        Assert.Equal([("spot", 2, 1), ("spot x vol", 5, 3)], file.Grids.Select(g => (g.Grid.Name, g.First, g.Grid.Width)));
        Assert.Equal("spot and vol", file.Scenarios[0].Description);
        Assert.Equal([Shock.Relative("spot", -0.2), Shock.Absolute("VOL.*", 0.15)], file.Scenarios[0].Shocks.Select(s => s with { Points = [] }), (a, b) => (a.Selector, a.Kind, a.Value) == (b.Selector, b.Kind, b.Value));
        Assert.Equal([new CurvePoint("1Y", -0.005), new CurvePoint("5Y", 0.01)], file.Scenarios[1].Shocks[0].Points.AsEnumerable());
        Assert.Equal("spot x vol: EQ.*+IDX.SP500 +10%, VOL.* -25%", file.Scenarios[8].Name);
        var (market, _) = SampleMarket.Portfolio(10, 1);
        Assert.Equal(11, file.On(market.Snapshot()).Count);
        Assert.Equal(ScenarioRules.VixConstantMoneyness, StressFile.Parse(Sample.Replace("\"scenarios\"", "\"rules\": \"vix_constant_moneyness\", \"scenarios\"", StringComparison.Ordinal)).Rules);
    }

    [Theory]
    [InlineData("\"value\": -0.2", "\"value\": \"x\"", "$.scenarios[0].shocks[0].value", "a finite number")]
    [InlineData("\"value\": -0.2", "\"value\": 1e999", "$.scenarios[0].shocks[0].value", "a finite number")]
    [InlineData(", \"value\": -0.2", "", "$.scenarios[0].shocks[0].value", "is missing")]
    [InlineData("\"selector\": \"spot\"", "\"selector\": \"SPX\"", "$.scenarios[0].shocks[0].selector", "does not begin with")]
    [InlineData("\"selector\": \"spot\"", "\"selektor\": \"spot\"", "$.scenarios[0].shocks[0].selektor", "is not one of")]
    [InlineData("\"kind\": \"absolute\", \"value\": 0.15", "\"kind\": \"add\", \"value\": 0.15", "$.scenarios[0].shocks[1].kind", "relative or absolute")]
    [InlineData("\"kind\": \"absolute\", \"value\": 0.15", "\"kind\": \"absolute\", \"kind\": \"absolute\", \"value\": 0.15", "$.scenarios[0].shocks[1].kind", "comes twice")]
    [InlineData("\"1Y\": -0.005", "\"1 Y\": -0.005", "$.scenarios[1].shocks[0].tenors.1 Y", "not a tenor")]
    [InlineData("{ \"1Y\": -0.005, \"5Y\": 0.01 }", "{}", "$.scenarios[1].shocks[0].tenors", "no tenor")]
    [InlineData("\"selector\": \"ZC.USD.*\"", "\"selector\": \"EQ.*\"", "$.scenarios[1].shocks[0].tenors", "only zero rates")]
    [InlineData("\"values\": [-0.1, 0, 0.1]", "\"values\": [-0.1, 0, 0]", "$.ladders[0].values", "comes twice")]
    [InlineData("\"values\": [-0.1, 0, 0.1]", "\"values\": []", "$.ladders[0].values", "no value")]
    [InlineData("\"columns\"", "\"cols\"", "$.matrices[0].cols", "is not one of")]
    [InlineData("\"steeper\"", "\"crash\"", "$", "two scenarios are called 'crash'")]
    [InlineData("\"name\": \"house 2026\"", "\"name\": \" \"", "$.name", "empty")]
    [InlineData("\"name\": \"house 2026\",", "\"name\": \"house 2026\", \"rules\": \"sticky\",", "$.rules", "sticky_strike or vix_constant_moneyness")]
    [InlineData("\"name\": \"house 2026\",", "\"name\": \"house 2026\"", "$", "not JSON: line")]
    public void A_mistake_is_refused_with_its_place(string good, string bad, string place, string reason)
    {
        Assert.Contains(good, Sample, StringComparison.Ordinal);
        var refusal = Assert.Throws<ValidationException>(() => StressFile.Parse(Sample.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Equal(place, refusal.Field);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "an object is expected")]
    [InlineData("{\"name\":\"x\"}", "there is no scenario")]
    [InlineData("{\"name\":\"x\",\"scenarios\":{}}", "a list is expected")]
    public void What_is_no_stress_file_is_refused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<ValidationException>(() => StressFile.Parse(json)).Reason, StringComparison.Ordinal);
}
