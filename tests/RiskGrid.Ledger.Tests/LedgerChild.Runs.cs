using RiskGrid.Model;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests;

/// <content>Runs.</content>
internal static partial class LedgerChild
{
    public const int Legs = 2;
    public const int Blocks = 12;

    private static readonly NodeId Firm = NodeId.Parse("FIRM");

    /// <summary>Run number <paramref name="number"/>: always the same, so that creating it again is a retry.</summary>
    public static NewRun Run(int number) => new(RunId.Parse($"run-{number}"), "{}", $$"""{"number":{{number}}}""", Legs * Blocks);

    /// <summary>What an item of a run is, whoever computes it: some of a page, some of many.</summary>
    public static byte[] Item(int run, int leg, int block)
    {
        var payload = new byte[100 + (block % 20 * 1500)];
        new Random((run * 1000) + (leg * 100) + block).NextBytes(payload);
        return payload;
    }

    public static RunVector Vector(int run, int leg) => new(leg, Firm, $"set{leg}", Item(run, leg, Blocks));

    /// <summary>Creates a run, stores its items, all at once, and finishes it; and so with the next.</summary>
    private static async Task RunAsync(ILedger ledger, int first)
    {
        for (var number = first; ; number++)
        {
            var run = await ledger.CreateRunAsync(Run(number), CancellationToken.None);
            ChildProcess.Tell($"created {number}");
            await Task.WhenAll(
                from leg in Enumerable.Range(0, Legs) from block in Enumerable.Range(0, Blocks) select PutAsync(ledger, run.Id, number, leg, block));
            var done = RunOutcome.Done(Item(number, 9, 9), "hash", [.. Enumerable.Range(0, Legs).Select(leg => Vector(number, leg))]);
            await ledger.FinishRunAsync(run.Id, done, CancellationToken.None);
            ChildProcess.Tell($"finished {number}");
        }
    }

    private static async Task PutAsync(ILedger ledger, RunId run, int number, int leg, int block)
    {
        if (await ledger.PutRunItemAsync(run, leg, block, Item(number, leg, block), CancellationToken.None))
            ChildProcess.Tell($"item {number} {leg} {block}");
    }

    private static async Task StarveRunAsync(ILedger ledger, string path)
    {
        var run = await ledger.CreateRunAsync(Run(0), CancellationToken.None);
        await StarveAsync(path, block => PutAsync(ledger, run.Id, 0, 0, block));
    }
}
