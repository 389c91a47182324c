using System.Globalization;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests.Sqlite;

/// <summary>Acknowledged means durable, applied exactly once: killed processes, torn logs, full disks.</summary>
public sealed class SqliteCrashTests : IDisposable
{
    private const int Seed = 4711;
    private const int Kills = 12;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("riskgrid-ledger-crash-");

    private string File => Path.Combine(_folder.FullName, "ledger.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task After_every_kill_each_acknowledged_command_is_there_once_and_each_batch_whole_or_absent()
    {
        var random = new Random(Seed);
        var replies = new Dictionary<(string Book, int Number), string>();
        var next = new Dictionary<string, int>(StringComparer.Ordinal) { ["B1"] = 0, ["B2"] = 0, ["B3"] = 0 };
        for (var kill = 0; kill < Kills; kill++)
        {
            using var child = ChildProcess.Start(typeof(LedgerChild).Assembly, ["stream", File, .. next.Select(b => $"{b.Key}={Math.Max(0, b.Value - 1)}")]);
            var wanted = random.Next(5, 80);
            for (var acknowledged = 0; acknowledged < wanted;)
            {
                var line = await child.ReadLineAsync();
                Assert.True(line is not null, $"kill {kill}, seed {Seed}: the child ended by itself: {child.Errors()}");
                if (string.Equals(line, "open", StringComparison.Ordinal))
                    await HeldByTheChildAsync();
                else if (Note(line))
                    acknowledged++;
            }

            foreach (var line in await child.KillAsync())
                _ = Note(line);
            await VerifyAsync($"kill {kill}, seed {Seed}");
        }

        bool Note(string line)
        {
            var parts = line.Split(' ', 4);
            if (parts is not ["ack", var book, var text, var reply])
                return false;
            var number = int.Parse(text, CultureInfo.InvariantCulture);
            if (!replies.TryAdd((book, number), reply))
                Assert.Equal(replies[(book, number)], reply);
            next[book] = Math.Max(next[book], number + 1);
            return true;
        }

        async Task HeldByTheChildAsync()
        {
            var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(
                () => SqliteLedger.OpenAsync(File, TimeProvider.System, null, CancellationToken.None));
            Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        }

        async Task VerifyAsync(string when)
        {
            await using var ledger = await SqliteLedger.OpenAsync(File, TimeProvider.System, null, CancellationToken.None);
            foreach (var (book, acknowledged) in next)
            {
                var state = await ledger.ReadBookAsync(book);
                var batches = await LedgerChild.WholeBatchesAsync(ledger, book, when);
                Assert.True(batches >= acknowledged, $"{when}: {book} acknowledged {acknowledged} batches and holds {batches}");
                Assert.True(batches <= acknowledged + 1, $"{when}: {book} holds {batches} batches and only {acknowledged + 1} were sent");
                Assert.Equal(state.Sequence, (await ledger.ReadBookEventsAsync(book)).Count);
            }

            Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);
        }
    }

    [Fact]
    public async Task A_log_torn_or_garbled_anywhere_leaves_whole_batches_from_the_first_on()
    {
        // All in the log: nothing is carried into the file before the copies are taken.
        const int Batches = 30;
        var options = new SqliteLedgerOptions { CheckpointPages = 1_000_000 };
        var copy = Path.Combine(_folder.FullName, "copy.db");
        await using (var ledger = await SqliteLedger.OpenAsync(File, TimeProvider.System, options, CancellationToken.None))
        {
            var epoch = await ledger.TakeEpochAsync("B1");
            for (var number = 0; number < Batches; number++)
                await ledger.AppendAsync(LedgerChild.Batch("B1", epoch, number), CancellationToken.None);
            System.IO.File.Copy(File, copy + ".whole");
            System.IO.File.Copy(File + "-wal", copy + ".log");
        }

        var whole = await System.IO.File.ReadAllBytesAsync(copy + ".log");
        var random = new Random(Seed);
        var survived = new HashSet<int>();
        foreach (var (offset, garble) in Enumerable.Range(0, 40).Select(i => (random.Next(whole.Length + 1), i % 2 == 0)).OrderBy(t => t))
        {
            var torn = garble ? [.. whole] : whole[..offset];
            if (garble && offset < torn.Length)
                torn[offset] ^= 0x55;
            System.IO.File.Copy(copy + ".whole", copy, overwrite: true);
            System.IO.File.Delete(copy + "-shm");
            await System.IO.File.WriteAllBytesAsync(copy + "-wal", torn);
            await using var ledger = await SqliteLedger.OpenAsync(copy, TimeProvider.System, options, CancellationToken.None);
            var batches = await LedgerChild.WholeBatchesAsync(ledger, "B1", $"log cut at {offset} of {whole.Length}");
            survived.Add(batches);
            Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);

            // And it goes on: the batches that were lost were never acknowledged as far as this file knows, so they apply.
            var epoch = await ledger.TakeEpochAsync("B1");
            for (var number = 0; number < Batches; number++)
                await ledger.AppendAsync(LedgerChild.Batch("B1", epoch, number), CancellationToken.None);
            Assert.Equal(Batches, await LedgerChild.WholeBatchesAsync(ledger, "B1", "after retry"));
        }

        Assert.True(survived.Count > 5 && survived.Max() > Batches / 2, $"the cuts should hit many places, they left {string.Join(',', survived.Order())}");
    }

    [Fact]
    public async Task A_full_disk_refuses_acknowledges_nothing_and_is_got_over_without_reopening()
    {
        using var child = ChildProcess.Start(typeof(LedgerChild).Assembly, "starve", File);
        var acknowledged = 0;
        var refused = 0;
        string? line;
        while ((line = await child.ReadLineAsync()) is not null && !line.StartsWith("done", StringComparison.Ordinal))
        {
            if (line.StartsWith("ack", StringComparison.Ordinal))
                acknowledged++;
            else if (line.StartsWith("unavailable", StringComparison.Ordinal))
                refused++;
            if (refused > 0 && line.StartsWith("unavailable", StringComparison.Ordinal))
                Assert.Contains(File, line, StringComparison.Ordinal);
        }

        Assert.True(line is not null, $"the child did not get over the full disk: {child.Errors()}");
        Assert.Equal((1000, 3), (acknowledged, refused));
        _ = await child.KillAsync();
        await using var ledger = await SqliteLedger.OpenAsync(File, TimeProvider.System, null, CancellationToken.None);
        Assert.Equal(1000, await LedgerChild.WholeBatchesAsync(ledger, "B1", "after the disk was full"));
        Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);
    }
}
