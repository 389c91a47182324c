using System.Globalization;
using System.Runtime.InteropServices;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests;

/// <summary>The process that the crash tests start, starve and kill. It tells each acknowledgement on its standard output, after the fact.</summary>
internal static partial class LedgerChild
{
    public const int BatchSize = 7;

    private const int FileSizeLimit = 1;
    private const int SignalFileSizeExceeded = 25;

    /// <summary><c>stream ADDRESS book=first …</c> books batches for ever; <c>runs FILE first</c> does one run after the other for ever;
    /// <c>starve FILE</c> and <c>starve-run FILE</c> meet a full disk and get over it.</summary>
    public static async Task<int> Main(string[] args)
    {
        await using var ledger = await Ledgers.OpenAsync(args[1], TimeProvider.System, CancellationToken.None);
        ChildProcess.Tell("open");
        switch (args[0])
        {
            case "stream":
                await Task.WhenAll(args.Skip(2).Select(a => a.Split('=')).Select(a => StreamAsync(ledger, a[0], Number(a[1]))));
                break;
            case "runs":
                await RunAsync(ledger, Number(args[2]));
                break;
            case "starve-run":
                await StarveRunAsync(ledger, args[1]);
                break;
            default:
                await StarveAsync(ledger, args[1]);
                break;
        }

        return 0;

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Batch number <paramref name="number"/> of a book: always the same commands, so that sending it again is a retry.</summary>
    public static AppendBatch Batch(string book, long epoch, int number) => Make.Batch(
        book, epoch,
        [.. Enumerable.Range(0, BatchSize).Select(i => Make.Booking($"c-{book}-{number}-{i}", $"T-{book}-{number:000000}-{i}", Make.Terms(book, number)))]);

    public static string Text(IReadOnlyList<AppendResult> results) => string.Join('|', results.Select(r => r.Text()));

    /// <summary>How many batches a book holds; fails when one of them is not whole, out of order or there twice.</summary>
    public static async Task<int> WholeBatchesAsync(ILedger ledger, string book, string when)
    {
        var events = await ledger.ReadBookEventsAsync(book);
        Assert.True(events.Count % BatchSize == 0, $"{when}: {book} holds {events.Count} events, a batch is torn");
        for (var i = 0; i < events.Count; i++)
        {
            Assert.Equal($"T-{book}-{i / BatchSize:000000}-{i % BatchSize}", events[i].Trade.Id.Value);
            Assert.Equal(i + 1, events[i].BookSequence);
        }

        var state = await ledger.ReadBookAsync(book);
        Assert.Equal(events.Select(e => e.Trade), state.Trades);
        return events.Count / BatchSize;
    }

    private static async Task StreamAsync(ILedger ledger, string book, int first)
    {
        var epoch = await ledger.TakeEpochAsync(book);
        for (var number = first; ; number++)
        {
            var results = await ledger.AppendAsync(Batch(book, epoch, number), CancellationToken.None);
            ChildProcess.Tell($"ack {book} {number} {Text(results)}");
        }
    }

    private static async Task StarveAsync(ILedger ledger, string path)
    {
        var epoch = await ledger.TakeEpochAsync("B1");
        await StarveAsync(path, async number =>
            ChildProcess.Tell($"ack B1 {number} {Text(await ledger.AppendAsync(Batch("B1", epoch, number), CancellationToken.None))}"));
    }

    /// <summary>Does steps 0 to 999 in order, each until it succeeds, on a disk that is full after the first few.</summary>
    private static async Task StarveAsync(string path, Func<int, Task> step)
    {
        _ = Signal(SignalFileSizeExceeded, 1);
        LimitFileSize(new FileInfo(path + "-wal").Length + 400_000);
        var number = 0;
        var failed = 0;
        while (number < 1000)
        {
            try
            {
                await step(number);
                number++;
            }
            catch (LedgerUnavailableException full)
            {
                ChildProcess.Tell($"unavailable {number} {full.Message}");

                // The third failure in a row frees the disk: no reopening by the caller in between.
                if (++failed == 3)
                    LimitFileSize(long.MaxValue);
            }
        }

        ChildProcess.Tell($"done {failed}");
    }

    private static void LimitFileSize(long bytes)
    {
        if (GetLimit(FileSizeLimit, out var limit) != 0)
            throw new InvalidOperationException("getrlimit failed");
        limit.Soft = (ulong)Math.Min((decimal)bytes, limit.Hard);
        if (SetLimit(FileSizeLimit, ref limit) != 0)
            throw new InvalidOperationException("setrlimit failed");
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
