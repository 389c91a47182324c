using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Runs;

/// <summary><c>riskgrid pin</c> and <c>riskgrid explain</c> against a running server, whose market and trades this one test moves.</summary>
public sealed class ExplainRunTests(RunServer server) : IClassFixture<RunServer>
{
    private const double SpotAfter = SmallMarket.Spot * 1.01;

    [Fact]
    public async Task The_lines_of_an_explain_add_up_to_the_change_of_value_and_little_is_unexplained()
    {
        var before = await server.DocumentAsync("pin", "/", "--run-id", "acceptance.before");
        using var client = server.Server.Connect();
        await client.BookTradesAsync([SmallMarket.Book("T-NEW", "BOOK-A", 3)]);
        var moved = SmallMarket.Quotes();
        foreach (var quote in moved.Quotes)
        {
            if (quote.Factor == "IDX.SP500")
                quote.Value = SpotAfter;
            if (quote.Factor.StartsWith("VOL.", StringComparison.Ordinal))
                quote.Value += 0.005;
        }

        await SmallMarket.PublishAsync(client, moved);
        await client.GetRollupAsync("/", depth: -1, settled: true);
        var after = await server.DocumentAsync("pin", "/", "--run-id", "acceptance.after");
        var explain = await server.DocumentAsync("explain", "acceptance.before", "acceptance.after");

        foreach (var path in new[] { "/", "/DESK", "/DESK/BOOK-A", "/DESK/BOOK-B" })
        {
            var lines = explain.Node(path).GetProperty("explain").EnumerateArray().ToDictionary(l => RunDocument.Text(l, "name"), l => l.GetProperty("pnl").GetDouble());
            Assert.Equal(lines["total"], lines.Where(l => l.Key != "total").Sum(l => l.Value), 1e-9 * (1 + Math.Abs(lines["total"])));
        }

        // The new trade was bought at no price, so all of its value is P&L.
        var change = after.Top.GetProperty("base_value").GetDouble() - before.Top.GetProperty("base_value").GetDouble();
        var top = explain.Top.GetProperty("explain").EnumerateArray().ToDictionary(l => RunDocument.Text(l, "name"));
        Assert.Equal(change, top["total"].GetProperty("pnl").GetDouble(), 1e-9 * Math.Abs(change));
        Assert.InRange(Math.Abs(top["unexplained"].GetProperty("percent_of_gross").GetDouble()), 0, 2);
        var table = (await server.RunAsync("explain", "acceptance.before", "acceptance.after", "--path", "/DESK")).MustEndWith(0).Output;
        foreach (var named in new[] { "delta", "gamma", "vega", "theta", "unexplained", "total", "of gross" })
            Assert.Contains(named, table, StringComparison.Ordinal);
    }
}
