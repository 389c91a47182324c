using Google.Protobuf;
using Google.Rpc;
using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Grains.Tests;

public sealed class CommandTests
{
    private static readonly Model.TradeTerms Terms = SmallFirm.Terms(SmallFirm.Near, 1, 5);

    [Fact]
    public async Task A_retry_gets_the_same_bytes_and_is_not_applied_again()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await StartAsync(ledger, TestSiloOptions.Strict(31));
        var commands = new[]
        {
            Commands.Book("c1", "t1", Terms),
            Commands.Amend("c2", "t1", 1, Terms.Of(7)),
            Commands.Amend("c3", "t1", 1, Terms.Of(9)),
            Commands.Cancel("c4", "t1", 2),
            Commands.Book("c5", "t1", Terms),
        };
        var first = await silo.SendAsync(SmallFirm.Near, commands);
        Assert.Equal([Outcome.Applied, Outcome.Applied, Outcome.Refused, Outcome.Applied, Outcome.Refused], first.Results.Select(r => r.Outcome));
        Assert.Equal(first.ToByteString(), (await silo.SendAsync(SmallFirm.Near, commands)).ToByteString());
        foreach (var (command, result) in commands.Zip(first.Results))
            Assert.Equal(result.ToByteString(), (await silo.SendAsync(SmallFirm.Near, command)).Results[0].ToByteString());
        Assert.Equal(3, (await ledger.Store.ReadBookEventsAsync(Model.NodeId.Parse(SmallFirm.Near), 0, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task The_same_id_with_another_payload_is_refused_and_the_first_reply_stays()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await StartAsync(ledger);
        var first = (await silo.SendAsync(SmallFirm.Near, Commands.Book("c1", "t1", Terms))).Results[0];
        var other = (await silo.SendAsync(SmallFirm.Near, Commands.Book("c1", "t1", Terms.Of(6)))).Results[0];
        Assert.Equal((Outcome.Refused, "command_id"), (other.Outcome, other.Field));
        Assert.Equal(first.ToByteString(), (await silo.SendAsync(SmallFirm.Near, Commands.Book("c1", "t1", Terms))).Results[0].ToByteString());
    }

    [Fact]
    public async Task One_bad_command_holds_up_no_other()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await StartAsync(ledger);
        var nan = Commands.Book("nan", "nan", Terms);
        nan.Book.Quantity = double.NaN;
        var results = (await silo.SendAsync(
            SmallFirm.Near,
            Commands.Book("good1", "good1", Terms),
            Commands.Book("", "t", Terms),
            Commands.Book("id", "no spaces", Terms),
            nan,
            new Wire.TradeCommand { CommandId = "none", TradeId = "none" },
            Commands.Book("elsewhere", "elsewhere", SmallFirm.Terms(SmallFirm.Far, 1, 1)),
            Commands.Amend("unknown", "unknown", 1, Terms),
            Commands.Amend("zero", "good1", 0, Terms),
            Commands.Amend("wrong", "good1", 3, Terms),
            Commands.Amend("nowhere", "good1", 1, Terms.In("NOWHERE")),
            Commands.Amend("desk", "good1", 1, Terms.In("D-INDEX")),
            Commands.Book("good2", "good2", Terms),
            Commands.Cancel("cancel", "good2", 1),
            Commands.Amend("cancelled", "good2", 2, Terms))).Results;
        string[] fields =
        [
            "", "command_id", "trade_id", "quantity", "action", "book", "trade_id", "expected_version", "expected_version", "book", "book", "", "", "trade_id",
        ];
        Assert.Equal(fields, results.Select(r => r.Field));
        Assert.Equal(fields.Select(f => f.Length == 0 ? Outcome.Applied : Outcome.Refused), results.Select(r => r.Outcome));
        Assert.All(results, r => Assert.Equal(r.Outcome == Outcome.Refused, r.Reason.Length > 0));
        Assert.Contains("desk", results[10].Reason, StringComparison.Ordinal);
        Assert.Contains("cancelled", results[13].Reason, StringComparison.Ordinal);
        Assert.Equal(1u, (await silo.SettleAsync())[SmallFirm.Near].Rollup.Coverage.Trades);
    }

    [Theory]
    [InlineData("NOWHERE", "there is no book")]
    [InlineData("D-INDEX", "is a desk")]
    public async Task Trades_are_held_by_books_only(string node, string reason)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await StartAsync(ledger);
        var result = (await silo.SendAsync(node, Commands.Book("c", "t", Terms.In(node)))).Results[0];
        Assert.Equal((Outcome.Refused, "book"), (result.Outcome, result.Field));
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_author_that_is_too_long_or_holds_control_characters_is_refused_with_its_field()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await StartAsync(ledger);
        foreach (var author in new[] { new string('x', 65), "line\nbreak" })
        {
            var request = new Wire.BookTradesRequest { Author = author, Commands = { Commands.Book("c", "t", Terms) } };
            var refusal = await Assert.ThrowsAsync<GrainCallException>(() => silo.Book(SmallFirm.Near).BookTrades(request));
            Assert.Equal(GridErrorCode.InvalidArgument, refusal.Code);
            Assert.Equal("author", Assert.Single(refusal.Detail<BadRequest>()!.FieldViolations).Field);
        }

        Assert.Empty(await ledger.Store.ReadTradeAsync(Model.TradeId.Parse("t"), CancellationToken.None));
    }

    [Fact]
    public async Task Who_was_told_of_a_new_book_can_move_a_trade_there_at_once()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await StartAsync(ledger, engine);
        await silo.SendAsync(SmallFirm.Near, Commands.Book("c1", "t1", Terms));

        // The topic has not told this silo yet.
        engine.LosesTopic = topic => topic == Nodes.HierarchyGrain.Topic;
        await silo.Tree.PutHierarchy(await silo.ChangeAsync(SmallFirm.Book("NEW", "NEW", "D-INDEX")));
        var result = (await silo.SendAsync(SmallFirm.Near, Commands.Amend("c2", "t1", 1, Terms.In("NEW")))).Results[0];
        Assert.True(result.Outcome == Outcome.Applied, result.Reason);
    }

    private static async Task<TestSilo> StartAsync(TestLedger ledger, IGridEngine? engine = null)
    {
        var silo = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        await silo.PutAsync(SmallFirm.Nodes);
        return silo;
    }
}
