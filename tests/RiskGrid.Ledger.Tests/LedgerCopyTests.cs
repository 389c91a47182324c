using NodaTime;
using RiskGrid.Ledger.Postgres;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Ledger.Tests.Contract;
using RiskGrid.Ledger.Tests.Postgres;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests;

/// <summary>A ledger taken from store to store is the same ledger.</summary>
public sealed class LedgerCopyTests : IDisposable
{
    private const int Seed = 815;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("riskgrid-ledger-copy-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task From_a_file_to_a_database_and_back_every_table_is_the_same_and_the_ledger_goes_on()
    {
        var clock = new ManualClock();
        await using (var ledger = await SqliteLedger.OpenAsync(File("a.db"), clock, null, CancellationToken.None))
            await FillAsync(ledger, clock);
        await using var database = await PostgresDatabase.CreateEmptyAsync();
        var told = new List<(string, long)>();
        var there = await LedgerCopy.CopyAsync(File("a.db"), database.Address, (table, rows) => told.Add((table, rows)), CancellationToken.None);
        var back = await LedgerCopy.CopyAsync(database.Address, $"sqlite:{File("b.db")}", null, CancellationToken.None);

        Assert.All(there.Concat(back), t => Assert.True(t.IsSame, $"{t} differs"));
        Assert.Equal(there.Select(t => (t.Table, t.FromRows, t.FromDigest)), back.Select(t => (t.Table, t.ToRows, t.ToDigest)));
        Assert.All(there, t => Assert.True(t.FromRows > 0, $"{t.Table} has no rows: nothing is shown of it"));
        Assert.Equal(there.Take(told.Count).Select(t => (t.Table, t.FromRows)).ToHashSet(), told.ToHashSet());

        // It goes on: same times, same fences, retries answered with the same bytes, new times after the old ones.
        clock.Now -= Duration.FromDays(1);
        await using var first = await SqliteLedger.OpenAsync(File("b.db"), clock, null, CancellationToken.None);
        await using var second = await PostgresLedger.OpenAsync(database.Address, new PostgresLedgerOptions { Clock = clock }, CancellationToken.None);
        Assert.Equal(await GoOnAsync(first), await GoOnAsync(second));
    }

    [Fact]
    public async Task A_target_that_holds_something_is_refused_and_left_alone()
    {
        var clock = new ManualClock();
        foreach (var name in new[] { "a.db", "b.db" })
        {
            await using var ledger = await SqliteLedger.OpenAsync(File(name), clock, null, CancellationToken.None);
            await ledger.ApplyAsync("B1", await ledger.TakeEpochAsync("B1"), Make.Booking("c1", name, Make.Terms("B1")));
        }

        await using var database = await PostgresDatabase.CreateAsync();
        await database.ExecuteAsync("INSERT INTO book (id, epoch) VALUES ('B9', 3)");
        foreach (var target in new[] { File("b.db"), database.Address })
        {
            var refused = await Assert.ThrowsAsync<ValidationException>(() => LedgerCopy.CopyAsync(File("a.db"), target, null, CancellationToken.None));
            Assert.Equal("to", refused.Field);
            Assert.Contains(Ledgers.Describe(target), refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await database.ReadAsync<long>("SELECT count(*) FROM book"));
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM trade_event"));
        await using var untouched = await SqliteLedger.OpenAsync(File("b.db"), clock, null, CancellationToken.None);
        Assert.Single(await untouched.ReadTradeAsync("b.db"));
    }

    [Fact]
    public async Task Without_a_source_and_onto_itself_nothing_is_copied_and_nothing_made()
    {
        Assert.Equal("from", (await Assert.ThrowsAsync<ValidationException>(
            () => LedgerCopy.CopyAsync(File("none.db"), File("b.db"), null, CancellationToken.None))).Field);
        Assert.Equal("to", (await Assert.ThrowsAsync<ValidationException>(
            () => LedgerCopy.CopyAsync(File("a.db"), $"sqlite:{File("a.db")}", null, CancellationToken.None))).Field);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_copy_that_was_stopped_leaves_nothing_that_looks_like_a_ledger()
    {
        var clock = new ManualClock();
        await using (var ledger = await SqliteLedger.OpenAsync(File("a.db"), clock, null, CancellationToken.None))
            await FillAsync(ledger, clock);
        await using var database = await PostgresDatabase.CreateAsync();
        foreach (var target in new[] { File("b.db"), database.Address })
        {
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LedgerCopy.CopyAsync(
                File("a.db"), target, (table, _) => Stop(table, stop), stop.Token));
        }

        Assert.DoesNotContain(_folder.GetFiles(), f => f.Name.StartsWith("b.db", StringComparison.Ordinal));
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM trade_event"));

        static void Stop(string table, CancellationTokenSource stop)
        {
            if (string.Equals(table, "command", StringComparison.Ordinal))
                stop.Cancel();
        }
    }

    [Fact]
    public async Task A_copy_whose_log_could_not_be_carried_into_its_file_fails_and_leaves_no_file()
    {
        var clock = new ManualClock();
        await using (var ledger = await SqliteLedger.OpenAsync(File("a.db"), clock, null, CancellationToken.None))
            await FillAsync(ledger, clock);

        // Somebody reads the copy while it is made; as with a full disk, its log stays.
        SqliteFile.OpenRead? reader = null;
        var failed = await Assert.ThrowsAsync<LedgerUnavailableException>(() => LedgerCopy.CopyAsync(
            File("a.db"), File("b.db"), (_, _) => reader ??= new SqliteFile.OpenRead(File("b.db.copying"), "book"), CancellationToken.None));
        reader!.Dispose();
        Assert.Contains(File("b.db"), failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.GetFiles(), f => f.Name.StartsWith("b.db", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_without_a_ledger_is_refused_and_left_alone()
    {
        await using var database = await PostgresDatabase.CreateEmptyAsync();
        System.IO.File.Create(File("a.db")).Dispose();
        foreach (var source in new[] { database.Address, File("a.db") })
        {
            var refused = await Assert.ThrowsAsync<ValidationException>(() => LedgerCopy.CopyAsync(source, File("b.db"), null, CancellationToken.None));
            Assert.Equal("from", refused.Field);
            Assert.Contains(Ledgers.Describe(source), refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"));
        Assert.Equal(0, new FileInfo(File("a.db")).Length);
        Assert.False(System.IO.File.Exists(File("b.db")));
    }

    [Fact]
    public async Task A_source_of_an_older_schema_is_refused_with_what_to_do_and_left_alone()
    {
        await using var database = await PostgresDatabase.CreateEmptyAsync();
        await (await PostgresLedger.OpenAsync(database.Address, null, [], CancellationToken.None)).DisposeAsync();
        await SqliteLedger.Open(File("a.db"), new ManualClock(), new SqliteLedgerOptions(), [SchemaMigrations.Embedded[0]]).DisposeAsync();
        foreach (var source in new[] { database.Address, File("a.db") })
        {
            var refused = await Assert.ThrowsAsync<LedgerFormatException>(() => LedgerCopy.CopyAsync(source, File("b.db"), null, CancellationToken.None));
            Assert.Contains(Ledgers.Describe(source), refused.Message, StringComparison.Ordinal);
            Assert.Contains("riskgrid serve", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM schema_version"));
        await SqliteLedger.Open(File("a.db"), new ManualClock(), new SqliteLedgerOptions(), [SchemaMigrations.Embedded[0]]).DisposeAsync();
        using var applied = new SqliteFile.OpenRead(File("a.db"), "schema_version");
        Assert.Equal(1, applied.Rows);
    }

    private static async Task FillAsync(ILedger ledger, ManualClock clock)
    {
        for (var number = 0; number < 20; number++)
            await new RandomHistory(ledger, clock, Seed + number, $"h{number}").RunAsync();
        await ledger.ApplyAsync("B1", await ledger.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1", counterparty: "Müller 東京")));
        await ledger.PutHierarchyAsync(new Hierarchy([new HierarchyNode(NodeId.Parse("FIRM"), NodeKind.Desk, "", null)]), 0, CancellationToken.None);
        var snapshot = Snapshots.Random(new Random(Seed), 500);
        await ledger.PutSnapshotAsync(snapshot, CancellationToken.None);
        await ledger.KeepMarketAsync(Make.Book("market:main"), await ledger.TakeEpochAsync("market:main"), snapshot, CancellationToken.None);
        await ledger.PutBlobAsync("panel", LedgerChild.Item(1, 1, 1), CancellationToken.None);
        await ledger.PutBlobAsync("nothing", ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        for (var number = 0; number < 3; number++)
        {
            var run = await ledger.CreateRunAsync(LedgerChild.Run(number), CancellationToken.None);
            await ledger.PutRunItemAsync(run.Id, 0, number, LedgerChild.Item(number, 0, number), CancellationToken.None);
        }

        await ledger.FinishRunAsync(LedgerChild.Run(1).Id, RunOutcome.Done([1], "hash", [LedgerChild.Vector(1, 0)]), CancellationToken.None);
        await ledger.FinishRunAsync(LedgerChild.Run(2).Id, RunOutcome.Failed("no history"), CancellationToken.None);
    }

    private static async Task<string> GoOnAsync(ILedger ledger)
    {
        var retried = await ledger.AppendOneAsync("B1", 1, Make.Booking("c1", "T1", Make.Terms("B1", counterparty: "Müller 東京")));
        Assert.Null(retried.Outcome);
        await Assert.ThrowsAsync<EpochLostException>(() => ledger.AppendOneAsync("B1", 2, Make.Booking("c2", "T2", Make.Terms("B1"))));
        var epoch = await ledger.TakeEpochAsync("B1");
        var next = await ledger.ApplyAsync("B1", epoch, Make.Booking("c2", "T2", Make.Terms("B1")));
        var first = Assert.Single(await ledger.ReadTradeAsync("T1"));
        Assert.True(next.RecordedAt > first.RecordedAt, "a recording time is never before one that was copied");
        var run = await ledger.CreateRunAsync(LedgerChild.Run(9), CancellationToken.None);
        var runs = await ledger.ListRunsAsync(null, 10, null, CancellationToken.None);
        Assert.Equal(run.Id, runs[0].Id);
        return $"{retried.Text()} {epoch} {next.BookSequence} {first} {string.Join(' ', runs.Select(r => r.Id))}";
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);
}
