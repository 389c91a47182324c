using System.Buffers.Binary;
using RiskGrid.Ledger.Sqlite;

namespace RiskGrid.Ledger.Tests.Sqlite;

/// <summary>How many commits, each of them a flush of the disk, the items of a run cost: counted in the write-ahead log.</summary>
public sealed class SqliteGroupCommitTests
{
    // SQLite, "WAL-mode File Format", sections 2 and 3: a frame that ends a commit holds the size of the file after it at offset 4.
    private const int LogHeader = 32;
    private const int FrameHeader = 24;
    private const int PageSizeOffset = 8;
    private const int CommitOffset = 4;

    [Theory]
    [InlineData(200, 1000, 1)]
    [InlineData(10, 2_000_000, 2)]
    public async Task Items_that_wait_together_share_a_commit_of_up_to_8_MiB(int items, int bytes, int commits)
    {
        // All in the log: nothing is carried into the file meanwhile.
        var options = new SqliteLedgerOptions { CheckpointPages = 1_000_000 };
        await using var ledger = await SqliteLedger.OpenAsync(SqliteLedger.Temporary, new ManualClock(), options, CancellationToken.None);
        var epoch = await ledger.TakeEpochAsync("B1");
        var run = (await ledger.CreateRunAsync(LedgerChild.Run(0), CancellationToken.None)).Id;

        // While a batch holds the writer the items gather behind it.
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var before = Commits(ledger.Path);
        var holding = ledger.AppendAsync(
            Make.Batch("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))) with
            {
                EncodeReply = (_, _) =>
                {
                    begun.Set();
                    goOn.Wait();
                    return [];
                },
            },
            CancellationToken.None);
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30)), "the writer has not begun with the batch");
        var waiting = Enumerable.Range(0, items)
            .Select(block => ledger.PutRunItemAsync(run, 0, block, new byte[bytes], CancellationToken.None)).ToList();
        goOn.Set();

        await holding;
        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal(1 + commits, Commits(ledger.Path) - before);
    }

    private static int Commits(string path)
    {
        using var file = new FileStream(path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var log = new byte[file.Length];
        file.ReadExactly(log);
        var frame = FrameHeader + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(PageSizeOffset));
        var commits = 0;
        for (var start = LogHeader; start + frame <= log.Length; start += frame)
            commits += BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(start + CommitOffset)) != 0 ? 1 : 0;
        return commits;
    }
}
