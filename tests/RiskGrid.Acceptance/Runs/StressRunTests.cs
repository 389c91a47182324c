using System.Text.Json;
using RiskGrid.Acceptance.Face;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid stress</c> against a running server.</summary>
public sealed class StressRunTests(RunServer server) : IClassFixture<RunServer>
{
    // Of an amount of some ten thousand dollars: two codes for the normal distribution.
    private const double Cent = 0.01;

    [Fact]
    public async Task A_crash_of_a_tenth_is_what_Blacks_formula_says_on_every_trade()
    {
        var run = await server.DocumentAsync("stress", "/DESK", "--ladder", "IDX.SP500:-0.1,0,0.1");
        var (down, none, up) = (Pnl(run.Top, 0), Pnl(run.Top, 1), Pnl(run.Top, 2));
        Assert.Equal(0, none);
        Assert.Equal(Expected(0.9), down, Cent);
        Assert.Equal(Expected(1.1), up, Cent);
    }

    [Fact]
    public async Task Books_add_up_to_their_desk_under_every_crisis_and_the_library_says_what_it_has()
    {
        var library = (await server.RunAsync("stress", "--list", "--json")).MustEndWith(0).OneDocument().GetProperty("crises").EnumerateArray().ToList();
        Assert.Contains("2008-10", library.Select(c => RunDocument.Text(c, "name")));
        var run = await server.DocumentAsync("stress", "/");
        var named = run.Top.GetProperty("stress").EnumerateArray().Select(s => RunDocument.Text(s, "scenario")).ToList();
        Assert.Equal(library.Select(c => RunDocument.Text(c, "name")).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        for (var s = 0; s < named.Count; s++)
            Assert.Equal(Pnl(run.Node("/DESK/BOOK-A"), s) + Pnl(run.Node("/DESK/BOOK-B"), s), Pnl(run.Node("/DESK"), s));
        Assert.Contains("2008-10", (await server.RunAsync("stress", "/", "--crises", "2008-10,2020-03")).MustEndWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_matrix_has_every_spot_with_every_volatility_and_stands_still_in_its_middle()
    {
        var run = await server.DocumentAsync("stress", "/", "--matrix", "spot:-0.1,0,0.1;vol:-0.2,0,0.2");
        var cells = run.Top.GetProperty("stress").EnumerateArray().ToList();
        Assert.Equal(9, cells.Select(c => (c.GetProperty("spot_move").GetDouble(), c.GetProperty("volatility_move").GetDouble())).Distinct().Count());
        var middle = cells.Single(c => c.GetProperty("spot_move").GetDouble() == 0 && c.GetProperty("volatility_move").GetDouble() == 0);
        Assert.Equal(0, middle.GetProperty("pnl").GetDouble());
        var table = (await server.RunAsync("stress", "/", "--matrix", "spot:-0.1,0,0.1;vol:-0.2,0,0.2")).MustEndWith(0).Output;
        Assert.Contains("vol +20 %", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shocks_of_ones_own_are_applied_and_split_by_class()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("shocks.json", """
            {"name": "mine", "scenarios": [
              {"name": "calm", "shocks": []},
              {"name": "down", "shocks": [{"selector": "IDX.SP500", "kind": "relative", "value": -0.1}]}
            ]}
            """);
        var run = await server.DocumentAsync("stress", "/DESK", "--scenarios", file, "--classes", "spot,volatility,rates");
        var down = run.Top.GetProperty("stress").EnumerateArray().Single(s => RunDocument.Text(s, "scenario").EndsWith("down", StringComparison.Ordinal));
        Assert.Equal(Expected(0.9), down.GetProperty("pnl").GetDouble(), Cent);
        Assert.Equal(down.GetProperty("pnl").GetDouble(), RunDocument.Numbers(down.GetProperty("classes"), "pnl").Sum(), Cent);
        Assert.Equal(down.GetProperty("pnl").GetDouble(), down.GetProperty("classes").EnumerateArray().Single(c => RunDocument.Text(c, "name") == "spot").GetProperty("pnl").GetDouble(), Cent);
    }

    [Fact]
    public async Task A_stress_run_is_repeated_to_the_bit()
    {
        var run = await server.DocumentAsync("stress", "/", "--crises", "2008-10", "--ladder", "IDX.*:-0.2,0.2");
        Assert.Contains("to the bit", (await server.RunAsync("rerun", run.RunId)).MustEndWith(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1720-south-sea", "stress", "--crises", "1720-south-sea")]
    [InlineData("EQ.NOBODY", "stress", "--ladder", "EQ.NOBODY:0.1")]
    public async Task What_the_library_or_the_market_does_not_have_is_named(string named, params string[] arguments) =>
        CommandTests.AssertOneLineThatNames((await server.RunAsync(arguments)).MustEndWith(1), named);

    [Fact]
    public async Task A_file_of_shocks_that_is_wrong_is_refused_where_it_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var missing = await server.RunAsync("stress", "--scenarios", folder.File("nowhere.json"));
        CommandTests.AssertOneLineThatNames(missing.MustEndWith(1), "nowhere.json");
        var broken = await server.RunAsync("stress", "--scenarios", folder.Write("broken.json", """{ "name": "broken", "scenarios": [ { "name": 5, "shocks": [] } ] }"""));
        CommandTests.AssertOneLineThatNames(broken.MustEndWith(1), "scenarios[0].name");
    }

    private static double Pnl(JsonElement node, int scenario) => node.GetProperty("stress")[scenario].GetProperty("pnl").GetDouble();

    // Every option keeps its own volatility (sticky strike), rates and dividend yield.
    private static double Expected(double factor)
    {
        (double Quantity, double Strike, bool IsCall)[] trades = [(10, 6900, true), (-4, 7000, true), (7, 6800, false), (0.5, 6900, true)];
        var time = 21.0 / 365 - 0.25 / 24 / 365;
        return trades.Sum(t => 100 * t.Quantity * (Price(t.Strike, t.IsCall, SmallMarket.Spot * factor) - Price(t.Strike, t.IsCall, SmallMarket.Spot)));

        double Price(double strike, bool isCall, double spot)
        {
            var (rate, dividends) = (0.04, 0.012);
            var forward = spot * Math.Exp((rate - dividends) * time);
            return BlackFormula.Price(isCall, forward, strike, Math.Exp(-rate * time), time, 0.15 + (0.00005 * (SmallMarket.Spot - strike)));
        }
    }
}
