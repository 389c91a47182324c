using System.Text;
using NodaTime;

namespace RiskGrid.Ledger.Tests.Contract;

/// <summary>What every ledger promises, whatever store it stands on. A store's test class names the store and nothing else.</summary>
public abstract partial class LedgerContractTests<TStore> : IAsyncLifetime
    where TStore : LedgerStore, new()
{
    private ILedger? _ledger;

    protected TStore Store { get; } = new();

    protected ManualClock Clock { get; } = new();

    protected ILedger Ledger => _ledger!;

    public async Task InitializeAsync() => _ledger = await Store.OpenAsync(Clock);

    public async Task DisposeAsync()
    {
        await Ledger.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Closes the ledger and opens it again: what is read afterwards comes from the store.</summary>
    protected async Task ReopenAsync()
    {
        await Ledger.DisposeAsync();
        _ledger = await Store.OpenAsync(Clock);
    }

    [Fact]
    public async Task A_booked_trade_is_read_back_as_it_was_acknowledged_also_after_reopening()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var booked = await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")));

        Assert.Equal((TradeEventKind.Booked, 1L, 1L), (booked.Kind, booked.Trade.Version, booked.BookSequence));
        Assert.Equal((Clock.Now, Clock.Now, "tester"), (booked.RecordedAt, booked.ValidAt, booked.Author));
        await ReopenAsync();
        Assert.Equal(booked, Assert.Single(await Ledger.ReadTradeAsync("T1")));
        Assert.Equal(booked, Assert.Single(await Ledger.ReadBookEventsAsync("B1")));
        var state = await Ledger.ReadBookAsync("B1");
        Assert.Equal((1L, booked.Trade), (state.Sequence, Assert.Single(state.Trades)));
        Assert.Equal(1, (await Ledger.ReadPositionAsync(CancellationToken.None))[Make.Book("B1")]);
    }

    [Fact]
    public async Task What_does_not_exist_reads_as_empty()
    {
        Assert.Empty(await Ledger.ReadTradeAsync("T1"));
        Assert.Empty(await Ledger.ReadBookEventsAsync("B1"));
        Assert.Empty(await Ledger.ReadPositionAsync(CancellationToken.None));
        Assert.Null(await Ledger.ReadHierarchyAsync(CancellationToken.None));
        Assert.Null(await Ledger.ReadSnapshotAsync(new string('0', 64), CancellationToken.None));
        var state = await Ledger.ReadBookAsync("B1", new AsOf(Clock.Now, Clock.Now));
        Assert.Equal(0, state.Sequence);
        Assert.Empty(state.Trades);
    }

    [Fact]
    public async Task Trades_come_in_ordinal_id_order_whatever_the_order_of_booking()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        string[] ids = ["b", "B", "a-1", "a.1", "A", "_", "9", "10"];
        await Ledger.AppendAsync(
            Make.Batch("B1", epoch, [.. ids.Select((id, i) => Make.Booking($"c{i}", id, Make.Terms("B1")))]), CancellationToken.None);

        var read = (await Ledger.ReadBookAsync("B1")).Trades.Select(t => t.Id.Value);
        Assert.Equal(ids.Order(StringComparer.Ordinal), read);
        var readAsOf = (await Ledger.ReadBookAsync("B1", new AsOf(Instant.MaxValue, Instant.MaxValue))).Trades.Select(t => t.Id.Value);
        Assert.Equal(ids.Order(StringComparer.Ordinal), readAsOf);
    }

    [Fact]
    public async Task Recording_times_strictly_increase_when_the_clock_stands_still_or_is_set_back()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var times = new List<Instant>();
        async Task Book(int i) => times.Add((await Ledger.ApplyAsync("B1", epoch, Make.Booking($"c{i}", $"T{i}", Make.Terms("B1")))).RecordedAt);

        await Book(0);
        await Book(1);
        Clock.Now -= Duration.FromHours(5);
        await Book(2);
        await ReopenAsync();
        await Book(3);
        Clock.Now += Duration.FromHours(10);
        await Book(4);

        Assert.True(times.Zip(times.Skip(1)).All(pair => pair.First < pair.Second), $"not increasing: {string.Join(", ", times)}");
        Assert.Equal(Clock.Now, times[4]);
    }

    [Fact]
    public async Task The_store_s_clock_is_the_one_that_stamps()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        Clock.Now += Duration.FromDays(400);
        Assert.Equal(Clock.Now, await Ledger.ReadClockAsync(CancellationToken.None));
        Assert.Equal(Clock.Now, (await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")))).RecordedAt);
    }

    [Fact]
    public async Task A_batch_without_commands_and_a_reply_without_bytes_are_fine()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        Assert.Empty(await Ledger.AppendAsync(Make.Batch("B1", epoch), CancellationToken.None));

        var silent = Make.Batch("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1", counterparty: ""))) with { Author = "", EncodeReply = (_, _) => [] };
        Assert.Empty(Assert.Single(await Ledger.AppendAsync(silent, CancellationToken.None)).Reply);
        var again = Assert.Single(await Ledger.AppendAsync(silent, CancellationToken.None));
        Assert.Null(again.Outcome);
        Assert.Empty(again.Reply);
        Assert.Equal("", Assert.Single(await Ledger.ReadTradeAsync("T1")).Author);
    }

    [Fact]
    public async Task A_closed_ledger_refuses_writes_and_reads()
    {
        var ledger = Ledger;
        var epoch = await ledger.TakeEpochAsync("B1");
        await ReopenAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.AppendOneAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.ReadBookAsync("B1"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.ReadClockAsync(CancellationToken.None));
        Assert.Empty((await Ledger.ReadBookAsync("B1")).Trades);
    }

    [Fact]
    public async Task Text_outside_ascii_survives()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var terms = Make.Terms("B1", counterparty: "Müller & Söhne \"東京\" 😀 </x>");
        var batch = Make.Batch("B1", epoch, Make.Booking("c1", "T1", terms)) with { Author = new string('é', 300) };
        await Ledger.AppendAsync(batch, CancellationToken.None);

        var read = Assert.Single(await Ledger.ReadTradeAsync("T1"));
        Assert.Equal(terms, read.Trade.Terms);
        Assert.Equal(batch.Author, read.Author);
        Assert.Equal(batch.EncodeReply(batch.Commands[0].Command, new AppendOutcome(read, null, null)),
            Encoding.UTF8.GetBytes((await Ledger.AppendOneAsync("B1", epoch, batch.Commands[0])).Text()));
    }
}
