using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task A_retry_gets_the_same_bytes_and_is_not_applied_again()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var command = Make.Booking("c1", "T1", Make.Terms("B1"));
        var first = await Ledger.AppendOneAsync("B1", epoch, command);
        Clock.Now += NodaTime.Duration.FromMinutes(1);
        var second = await Ledger.AppendOneAsync("B1", epoch, command);
        await ReopenAsync();
        var nextEpoch = await Ledger.TakeEpochAsync("B1");
        var third = await Ledger.AppendOneAsync("B1", nextEpoch, command);

        Assert.Equal(first.Reply, second.Reply);
        Assert.Equal(first.Reply, third.Reply);
        Assert.Null(second.Outcome);
        Assert.Null(third.Outcome);
        Assert.Single(await Ledger.ReadTradeAsync("T1"));
    }

    [Fact]
    public async Task A_refusal_is_final_even_when_its_reason_has_gone()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var early = Make.Amendment("c1", "T1", 1, Make.Terms("B1", 20));
        var refused = await Ledger.AppendOneAsync("B1", epoch, early);
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c2", "T1", Make.Terms("B1")));
        var retried = await Ledger.AppendOneAsync("B1", epoch, early);

        Assert.Equal("trade_id", refused.Outcome!.Field);
        Assert.Equal(refused.Reply, retried.Reply);
        Assert.Null(retried.Outcome);
        Assert.Single(await Ledger.ReadTradeAsync("T1"));
    }

    [Fact]
    public async Task A_command_id_with_another_request_is_refused_and_the_first_reply_stays()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var first = Make.Booking("c1", "T1", Make.Terms("B1"));
        var reply = await Ledger.AppendOneAsync("B1", epoch, first);
        var (field, reason) = await Ledger.RefuseAsync("B1", epoch, Make.Booking("c1", "T2", Make.Terms("B1")));

        Assert.Equal("command_id", field);
        Assert.Contains("c1", reason, StringComparison.Ordinal);
        Assert.Equal(reply.Reply, (await Ledger.AppendOneAsync("B1", epoch, first)).Reply);
        Assert.Empty(await Ledger.ReadTradeAsync("T2"));
    }

    [Fact]
    public async Task The_same_command_twice_in_one_batch_is_applied_once()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var command = Make.Booking("c1", "T1", Make.Terms("B1"));
        var results = await Ledger.AppendAsync(
            Make.Batch("B1", epoch, command, Make.Booking("c2", "T2", Make.Terms("B1")), command), CancellationToken.None);

        Assert.NotNull(results[0].Outcome?.Event);
        Assert.Null(results[2].Outcome);
        Assert.Equal(results[0].Reply, results[2].Reply);
        Assert.Equal(2, (await Ledger.ReadBookAsync("B1")).Sequence);
    }

    [Fact]
    public async Task A_trade_id_is_booked_once_ever()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var other = await Ledger.TakeEpochAsync("B2");
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")));
        var again = await Ledger.RefuseAsync("B1", epoch, Make.Booking("c2", "T1", Make.Terms("B1")));
        var elsewhere = await Ledger.RefuseAsync("B2", other, Make.Booking("c3", "T1", Make.Terms("B2")));
        await Ledger.ApplyAsync("B1", epoch, Make.Cancellation("c4", "T1", 1));
        var spent = await Ledger.RefuseAsync("B1", epoch, Make.Booking("c5", "T1", Make.Terms("B1")));

        Assert.Equal(("trade_id", "trade_id", "trade_id"), (again.Field, elsewhere.Field, spent.Field));
        Assert.Contains("B1", elsewhere.Reason, StringComparison.Ordinal);
        Assert.Contains("spent", spent.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amendment_or_cancellation_of_another_version_is_refused_and_names_both()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")));
        await Ledger.ApplyAsync("B1", epoch, Make.Amendment("c2", "T1", 1, Make.Terms("B1", 11)));
        foreach (var command in new[] { Make.Amendment("c3", "T1", 1, Make.Terms("B1", 12)), Make.Cancellation("c4", "T1", 5) })
        {
            var (field, reason) = await Ledger.RefuseAsync("B1", epoch, command);
            Assert.Equal("expected_version", field);
            Assert.Contains("version 2", reason, StringComparison.Ordinal);
            Assert.Contains(command.Command is AmendCommand ? "version 1" : "version 5", reason, StringComparison.Ordinal);
        }

        Assert.Equal(11, Assert.Single((await Ledger.ReadBookAsync("B1")).Trades).Terms.Quantity);
    }

    [Fact]
    public async Task Unknown_and_cancelled_trades_can_be_neither_amended_nor_cancelled()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        Assert.Equal("trade_id", (await Ledger.RefuseAsync("B1", epoch, Make.Amendment("c1", "T1", 1, Make.Terms("B1")))).Field);
        Assert.Equal("trade_id", (await Ledger.RefuseAsync("B1", epoch, Make.Cancellation("c2", "T1", 1))).Field);
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c3", "T1", Make.Terms("B1")));
        var cancelled = await Ledger.ApplyAsync("B1", epoch, Make.Cancellation("c4", "T1", 1));

        Assert.Equal((TradeEventKind.Cancelled, 2L, TradeLifecycle.Cancelled), (cancelled.Kind, cancelled.Trade.Version, cancelled.Trade.Lifecycle));
        Assert.Equal(Make.Terms("B1"), cancelled.Trade.Terms);
        Assert.Equal("trade_id", (await Ledger.RefuseAsync("B1", epoch, Make.Amendment("c5", "T1", 2, Make.Terms("B1")))).Field);
        Assert.Equal("trade_id", (await Ledger.RefuseAsync("B1", epoch, Make.Cancellation("c6", "T1", 2))).Field);
        Assert.Empty((await Ledger.ReadBookAsync("B1")).Trades);
    }

    [Fact]
    public async Task A_change_through_a_book_that_does_not_hold_the_trade_is_refused_and_names_the_one_that_does()
    {
        var epoch1 = await Ledger.TakeEpochAsync("B1");
        var epoch2 = await Ledger.TakeEpochAsync("B2");
        await Ledger.ApplyAsync("B1", epoch1, Make.Booking("c1", "T1", Make.Terms("B1")));
        foreach (var command in new[] { Make.Amendment("c2", "T1", 1, Make.Terms("B2")), Make.Cancellation("c3", "T1", 1) })
        {
            var (field, reason) = await Ledger.RefuseAsync("B2", epoch2, command);
            Assert.Equal("book", field);
            Assert.Contains("book B1", reason, StringComparison.Ordinal);
        }

        Assert.Equal("book", (await Ledger.RefuseAsync("B2", epoch2, Make.Booking("c4", "T2", Make.Terms("B1")))).Field);
        Assert.Equal(0, (await Ledger.ReadBookAsync("B2")).Sequence);
    }

    [Fact]
    public async Task A_move_is_one_event_with_a_sequence_in_each_book()
    {
        var epoch1 = await Ledger.TakeEpochAsync("B1");
        await Ledger.ApplyAsync("B1", epoch1, Make.Booking("c1", "T1", Make.Terms("B1")));
        var moved = await Ledger.ApplyAsync("B1", epoch1, Make.Amendment("c2", "T1", 1, Make.Terms("B2", 7)));

        Assert.Equal((Make.Book("B2"), 1L), (moved.Book, moved.BookSequence));
        Assert.Equal((Make.Book("B1"), 2L), (moved.FromBook!.Value, moved.FromBookSequence!.Value));
        Assert.Equal(moved, Assert.Single(await Ledger.ReadBookEventsAsync("B1", after: 1)));
        Assert.Equal(moved, Assert.Single(await Ledger.ReadBookEventsAsync("B2")));
        Assert.Empty((await Ledger.ReadBookAsync("B1")).Trades);
        Assert.Equal(moved.Trade, Assert.Single((await Ledger.ReadBookAsync("B2")).Trades));

        // Back again, through the book that holds it now.
        var epoch2 = await Ledger.TakeEpochAsync("B2");
        var back = await Ledger.ApplyAsync("B2", epoch2, Make.Amendment("c3", "T1", 2, Make.Terms("B1", 8)));
        Assert.Equal((3L, 2L), (back.BookSequence, back.FromBookSequence!.Value));
        Assert.Equal(8, Assert.Single((await Ledger.ReadBookAsync("B1")).Trades).Terms.Quantity);
        var position = await Ledger.ReadPositionAsync(CancellationToken.None);
        Assert.Equal((3L, 2L), (position[Make.Book("B1")], position[Make.Book("B2")]));
    }
}
