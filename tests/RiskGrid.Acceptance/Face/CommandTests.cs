using System.Text.Json;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Face;

/// <summary>The commands against a running server: their documents, their exit statuses, what their errors name.</summary>
public sealed class CommandTests(SmallServer server) : IClassFixture<SmallServer>
{
    [Fact]
    public async Task A_settled_rollup_shows_the_node_and_those_below_it()
    {
        var nodes = (await server.RunAsync("rollup", "/", "--depth", "-1", "--settled", "--json")).MustEndWith(0).OneDocument()
            .GetProperty("nodes").EnumerateArray().ToList();
        Assert.Equal(["/", "/DESK", "/DESK/BOOK-A", "/DESK/BOOK-B"], nodes.Select(n => n.GetProperty("path").GetString()));
        Assert.All(nodes, n => Assert.Equal(n.GetProperty("coverage").GetProperty("trades").GetInt32(), n.GetProperty("coverage").GetProperty("priced").GetInt32()));
        Assert.All(nodes, n => Assert.True(double.IsFinite(n.GetProperty("var_99_1d").GetDouble())));
        Assert.Equal(nodes[0].GetProperty("mtm").GetDouble(), nodes[2].GetProperty("mtm").GetDouble() + nodes[3].GetProperty("mtm").GetDouble(), 1e-9);

        var table = (await server.RunAsync("rollup", "/DESK", "--settled")).MustEndWith(0).Output;
        Assert.Contains("BOOK-A", table, StringComparison.Ordinal);
        Assert.Contains("BOOK-B", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_price_shows_measures_inputs_and_on_request_the_history()
    {
        var priced = (await server.RunAsync("price", "T-1", "--history", "--json")).MustEndWith(0).OneDocument();
        Assert.Equal(SmallMarket.Spot, priced.GetProperty("inputs").GetProperty("spot").GetDouble());
        Assert.Equal(
            priced.GetProperty("greeks").GetProperty("price").GetDouble() * 10 * 100, priced.GetProperty("measures").GetProperty("mtm").GetDouble(), 1e-9);
        Assert.Equal("/DESK/BOOK-A", priced.GetProperty("book_path").GetString());
        var entry = Assert.Single(priced.GetProperty("history").EnumerateArray());
        Assert.Equal(("booked", "T-1:book", "face"), (Text(entry, "event"), Text(entry, "command_id"), Text(entry, "author")));

        var table = (await server.RunAsync("price", "T-1", "--history")).MustEndWith(0).Output;
        Assert.Contains("volatility", table, StringComparison.Ordinal);
        Assert.Contains("version 1: booked", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ends_after_the_updates_asked_for_with_one_JSON_object_a_line()
    {
        var run = (await server.RunAsync("watch", "/", "--depth", "-1", "--updates", "3", "--json")).MustEndWith(0);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(3, lines.Count);
        Assert.All(lines, l => Assert.StartsWith("/", Text(l, "path"), StringComparison.Ordinal));

        Assert.Contains("/DESK", (await server.RunAsync("watch", "/", "--updates", "2")).MustEndWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_sends_as_many_quotes_as_it_says()
    {
        var report = (await server.RunAsync("quotes", "replay", "--seconds", "1", "--rate", "500", "--json")).MustEndWith(0).OneDocument();
        Assert.Equal((500, 0), (report.GetProperty("accepted").GetInt32(), report.GetProperty("refused").GetInt32()));
        Assert.True(report.GetProperty("seconds").GetDouble() >= 0.9, "the replay keeps its pace");
        var market = (await server.RunAsync("rollup", "/", "--settled", "--json")).OneDocument().GetProperty("nodes")[0].GetProperty("market");
        Assert.Equal(report.GetProperty("market").GetProperty("sequence").GetInt64(), market.GetProperty("sequence").GetInt64());

        // The other tests of this class look at the market as it was.
        using var client = server.Server.Connect();
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        await client.GetRollupAsync("/", settled: true);
    }

    [Theory]
    [InlineData(1, "/DESK/NOPE", "rollup", "/DESK/NOPE")]
    [InlineData(1, "/DESK/NOPE", "rollup", "/DESK/NOPE", "--settled", "--json")]
    [InlineData(1, "/DESK/NOPE", "watch", "/DESK/NOPE", "--updates", "1")]
    [InlineData(1, "NO-TRADE", "price", "NO-TRADE", "--json")]
    [InlineData(1, "depth", "rollup", "/", "--depth", "-7")]
    [InlineData(1, "trade_id", "price", "no trade has spaces")]
    [InlineData(2, "/NO-DESK", "load", "FILE", "--create-books-in", "/NO-DESK")]
    public async Task What_the_server_does_not_know_or_refuses_is_a_failure_that_names_it(int status, string named, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        if (arguments[1] == "FILE")
            arguments[1] = folder.Write("trades.csv", "trade_id,book,type,root,underlying,zero_curve,option_type,strike,expiry_date,expiry_time,currency,multiplier,quantity,counterparty\n");
        var run = (await server.RunAsync(arguments)).MustEndWith(status);
        AssertOneLineThatNames(run, named);
    }

    [Fact]
    public async Task A_trade_that_cannot_be_priced_is_shown_and_is_a_failure()
    {
        using var client = server.Server.Connect();
        await client.PutHierarchyAsync([SmallMarket.Node("UNPRICED", "book", "FIRM")]);
        var command = SmallMarket.Book("T-NO-VOL", "UNPRICED", 1, 6543);
        await client.BookTradesAsync([command]);
        var run = (await server.RunAsync("price", "T-NO-VOL", "--json")).MustEndWith(1);
        Assert.Contains("VOL.SPXW.2026-02-20.6543C", Text(run.OneDocument(), "failure"), StringComparison.Ordinal);
        var cancelled = await client.BookTradesAsync(
            [new Protocol.V1.TradeCommand { CommandId = "T-NO-VOL:cancel", TradeId = "T-NO-VOL", Cancel = new Protocol.V1.Cancellation { ExpectedVersion = 1 } }]);
        Assert.Equal(Protocol.V1.TradeResult.Types.Outcome.Applied, cancelled[0].Outcome);
        await client.GetRollupAsync("/", depth: -1, settled: true);
    }

    internal static void AssertOneLineThatNames(ProgramResult run, string named)
    {
        Assert.Empty(run.Output);
        var lines = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(
            lines.Length > 0 && lines[^1].StartsWith("riskgrid: ", StringComparison.Ordinal) && lines[^1].Contains(named, StringComparison.Ordinal),
            $"`riskgrid {run.Command}` should end with one line that names '{named}'; stderr: {run.Errors}");
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
