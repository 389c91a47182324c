using RiskGrid.Acceptance.Processes;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance.Face;

/// <summary>Commands of one trade in one request.</summary>
public sealed class BookingTests
{
    [Fact]
    public async Task A_trade_is_booked_amended_and_cancelled_in_one_request_in_the_order_given()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("ledger.db"), "--history", SmallHistory.WriteTo(folder));
        using var client = server.Connect();
        await client.PutHierarchyAsync([SmallMarket.Node("BOOK-A", "book", "FIRM"), SmallMarket.Node("BOOK-B", "book", "FIRM")]);
        TradeCommand[] commands =
        [
            SmallMarket.Book("T-1", "BOOK-A", 1),
            Amend("T-1", 1, "BOOK-A", 2),
            Amend("T-1", 2, "BOOK-B", 3),
            Amend("T-1", 3, "BOOK-B", 4),
            SmallMarket.Book("T-2", "BOOK-A", 1),
            Amend("T-1", 4, "BOOK-A", 5),
            new() { CommandId = "T-2:cancel", TradeId = "T-2", Cancel = new() { ExpectedVersion = 1 } },
        ];
        var first = await client.BookTradesAsync(commands);
        Assert.All(first, r => Assert.True(r.Outcome == TradeResult.Types.Outcome.Applied, $"{r.CommandId}: {r.Field}: {r.Reason}"));
        Assert.Equal([1, 2, 3, 4, 1, 5, 2], first.Select(r => r.Version));

        // Sent again, as after a lost reply, all get the answer they had.
        Assert.Equal(first, await client.BookTradesAsync(commands));
        var book = (await client.GetRollupAsync("/BOOK-A", settled: true))[0];
        Assert.Equal(1U, book.Coverage.Trades);
    }

    private static TradeCommand Amend(string trade, long version, string book, double quantity) => new()
    {
        CommandId = $"{trade}:amend-{version}",
        TradeId = trade,
        Amend = new() { ExpectedVersion = version, Terms = SmallMarket.Terms(book, quantity) },
    };
}
