namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid var --contributors</c> against a running server.</summary>
public sealed class ContributorTests(RunServer server) : IClassFixture<RunServer>
{
    [Fact]
    public async Task The_largest_contributors_are_trades_and_their_parts_add_up_to_the_whole()
    {
        var run = await server.DocumentAsync("var", "/DESK", "--confidence", "0.99", "--contributors", "10");
        var trades = run.Measure("/DESK", "0.99").GetProperty("trades");
        var names = trades.EnumerateArray().Select(t => RunDocument.Text(t, "name")).ToList();
        Assert.Equal(["T-1", "T-2", "T-3", "T-4"], names.Where(n => n != "other trades").Order(StringComparer.Ordinal));
        var parts = RunDocument.Numbers(trades, "component_es");
        Assert.Equal(parts.Take(4).OrderByDescending(Math.Abs), parts.Take(4));
        Assert.Equal(run.Shortfall("/DESK", "0.99"), parts.Sum(), 1e-9 * run.Shortfall("/DESK", "0.99"));
    }
}
