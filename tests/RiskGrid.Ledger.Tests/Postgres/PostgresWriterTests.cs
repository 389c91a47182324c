using System.Collections.Concurrent;
using NodaTime;
using RiskGrid.Ledger.Postgres;

namespace RiskGrid.Ledger.Tests.Postgres;

/// <summary>Many processes on one database, each with connections of its own.</summary>
public sealed class PostgresWriterTests : IAsyncLifetime
{
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Silos_that_take_books_from_each_other_and_retry_apply_each_command_once()
    {
        // Each silo goes through the same commands of the same books, taking a book again whenever it was taken from it.
        const int Batches = 25;
        string[] books = ["B1", "B2", "B3"];
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        await using var three = await OpenAsync();
        await Task.WhenAll(
            from silo in new[] { one, two, three } from book in books select Task.Run(() => RunAsync(silo, book)));
        foreach (var book in books)
        {
            var events = await one.ReadBookEventsAsync(book);
            Assert.Equal(Enumerable.Range(1, Batches * LedgerChild.BatchSize).Select(i => (long)i), events.Select(e => e.BookSequence));
            Assert.Equal(events.Count, events.Select(e => e.Trade.Id).Distinct().Count());
            Assert.True(events.Zip(events.Skip(1)).All(p => p.First.RecordedAt <= p.Second.RecordedAt), "times grow with the sequences");
        }

        Assert.Equal(0, (await one.RebuildAsync(CancellationToken.None)).Differences);

        static async Task RunAsync(ILedger silo, string book)
        {
            var epoch = await silo.TakeEpochAsync(book);
            for (var number = 0; number < Batches;)
            {
                try
                {
                    await silo.AppendAsync(LedgerChild.Batch(book, epoch, number), CancellationToken.None);
                    number++;
                }
                catch (EpochLostException)
                {
                    epoch = await silo.TakeEpochAsync(book);
                }
            }
        }
    }

    [Fact]
    public async Task Books_that_move_trades_to_each_other_at_the_same_time_all_get_on()
    {
        // Three books; each sends every trade it holds to the next two in turn, in batches that name both, all at once.
        const int Rounds = 30;
        string[] books = ["B1", "B2", "B3"];
        await using var ledger = await OpenAsync();
        var moved = new ConcurrentBag<long>();
        foreach (var book in books)
        {
            var epoch = await ledger.TakeEpochAsync(book);
            await ledger.AppendAsync(
                Make.Batch(book, epoch, [.. Enumerable.Range(0, 4).Select(i => Make.Booking($"c-{book}-{i}", $"T-{book}-{i}", Make.Terms(book)))]),
                CancellationToken.None);
        }

        await Task.WhenAll(books.Select((book, index) => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var held = (await ledger.ReadBookAsync(book)).Trades;
                var moves = held.Select((t, i) => Make.Amendment(
                    $"m-{book}-{round}-{i}", t.Id.Value, t.Version, Make.Terms(books[(index + 1 + (i % 2)) % 3], round))).ToArray();
                var results = await ledger.AppendAsync(Make.Batch(book, 1, moves), CancellationToken.None);
                Assert.All(results, r => Assert.True(r.Outcome?.Event is not null, r.Text()));
                moved.Add(results.Count);
            }
        })));

        Assert.True(moved.Sum() > Rounds, $"only {moved.Sum()} moves");
        var position = await ledger.ReadPositionAsync(CancellationToken.None);
        Assert.Equal(12 + (2 * moved.Sum()), position.Values.Sum());
        var live = new List<Model.Trade>();
        foreach (var book in books)
            live.AddRange((await ledger.ReadBookAsync(book)).Trades);
        Assert.Equal(12, live.Select(t => t.Id).Distinct().Count());
        Assert.Equal(12 + moved.Sum(), live.Sum(t => t.Version));
        Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);
    }

    [Fact]
    public async Task What_was_read_as_of_a_time_that_had_come_stays_while_books_commit_beside_each_other()
    {
        await using var ledger = await OpenAsync();
        await using var reader = await OpenAsync();
        string[] books = ["B1", "B2", "B3", "B4"];
        foreach (var book in books)
            await ledger.TakeEpochAsync(book);
        var distinct = 0;
        var writing = Task.WhenAll(books.Select(book => Task.Run(async () =>
        {
            // On until the reader, which may stand still for a while, has seen some of it.
            for (var number = 0; number < 60 || (Volatile.Read(ref distinct) <= 5 && number < 3000); number++)
                await ledger.AppendAsync(LedgerChild.Batch(book, 1, number), CancellationToken.None);
        })));

        var read = new List<(AsOf AsOf, string Book, long Sequence)>();
        do
        {
            var now = await reader.ReadClockAsync(CancellationToken.None);
            foreach (var book in books)
                read.Add((new AsOf(now, now + Duration.FromDays(1)), book, (await reader.ReadBookAsync(book, new AsOf(now, now + Duration.FromDays(1)))).Sequence));
            Volatile.Write(ref distinct, read.Select(r => r.Sequence).Distinct().Count());
        }
        while (!writing.IsCompleted);
        await writing;

        Assert.True(distinct > 5, "the reads came all before or all after the commits");
        foreach (var (asOf, book, sequence) in read)
            Assert.Equal(sequence, (await reader.ReadBookAsync(book, asOf)).Sequence);
    }

    [Fact]
    public async Task A_writer_that_falls_silent_in_a_transaction_does_not_hold_its_book_for_long()
    {
        await using var frozen = await PostgresLedger.OpenAsync(
            _database.Address, new PostgresLedgerOptions { SilenceTimeout = TimeSpan.FromMilliseconds(300) }, CancellationToken.None);
        await using var next = await OpenAsync();
        var epoch = await frozen.TakeEpochAsync("B1");
        using var thawed = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var silent = Make.Batch("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))) with
        {
            EncodeReply = (command, outcome) =>
            {
                begun.Set();
                thawed.Wait();
                return Make.Reply(command, outcome);
            },
        };
        var writing = Task.Run(() => frozen.AppendAsync(silent, CancellationToken.None));
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30)), "the batch has not begun");
        var taken = await next.TakeEpochAsync("B1").WaitAsync(TimeSpan.FromSeconds(8));
        thawed.Set();

        // Its transaction is gone; what it tries again is refused by the new epoch.
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => writing);
        Assert.True(failed is EpochLostException or LedgerUnavailableException, $"{failed}");
        Assert.Empty(await next.ReadTradeAsync("T1"));
        await next.ApplyAsync("B1", taken, Make.Booking("c1", "T1", Make.Terms("B1")));
    }

    [Fact]
    public async Task Without_a_stated_clock_the_server_s_clock_stamps()
    {
        await using var ledger = await OpenAsync();
        var before = await _database.ReadAsync<DateTime>("SELECT clock_timestamp()");
        var read = await ledger.ReadClockAsync(CancellationToken.None);
        var stamped = (await ledger.ApplyAsync("B1", await ledger.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1")))).RecordedAt;
        var after = await _database.ReadAsync<DateTime>("SELECT clock_timestamp()");
        Assert.InRange(read, Instant.FromDateTimeUtc(before), stamped);
        Assert.InRange(stamped, read, Instant.FromDateTimeUtc(after));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(199)]
    [InlineData(5000)]
    public async Task A_batch_of_any_size_is_stored_whole_and_answered_again(int size)
    {
        await using var ledger = await OpenAsync();
        var epoch = await ledger.TakeEpochAsync("B1");
        var batch = Make.Batch("B1", epoch, [.. Enumerable.Range(0, size).Select(i => Make.Booking($"c{i}", $"T{i:00000}", Make.Terms("B1", i)))]);
        var first = await ledger.AppendAsync(batch, CancellationToken.None);
        var again = await ledger.AppendAsync(batch, CancellationToken.None);
        Assert.All(again, r => Assert.Null(r.Outcome));
        Assert.Equal(first.Select(r => r.Text()), again.Select(r => r.Text()));
        Assert.Equal(first.Select(r => r.Outcome!.Event), await ledger.ReadBookEventsAsync("B1"));
        Assert.Equal(size, (await ledger.ReadBookAsync("B1")).Trades.Count);
    }

    private Task<PostgresLedger> OpenAsync() => PostgresLedger.OpenAsync(_database.Address, null, CancellationToken.None);
}
