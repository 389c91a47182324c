using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using RiskGrid.Compute;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>Computes items of runs on this silo: the handler of the work kind <see cref="Kind"/>.</summary>
/// <remarks>An item is a block of scenarios over all books of the run. Its steps are jobs of short slices on the compute pool: the moves, the
/// books' P&amp;L (a book and a range of scenarios a slice), the desks' sums, the tails. A slice writes where no other does, so the bits do not
/// depend on threads, and a step of one item runs while another item is between its steps.</remarks>
internal sealed class RunWorker(SiloServices silo)
{
    /// <summary>The work kind.</summary>
    public const string Kind = "run-item";

    // About 1 ms on one core at 4 ns a revaluation.
    private const int RevaluationsPerSlice = 1 << 18;

    // The kernel's inner loop wants some scenarios at a time.
    private const int SmallestSlice = 64;

    // Scenarios whose moves one slice makes.
    private const int ScenariosPerPart = 512;

    // One item prices at a time, and the next begins with its last slice: items that priced together would end together, and threads would
    // wait while they are reduced, stored and replaced.
    private readonly SemaphoreSlim _pricing = new(1);

    // The last runs of which an item was begun here.
    private const int MostRemembered = 16;
    private readonly Queue<string> _begun = new();

    /// <summary>Computes one item.</summary>
    /// <exception cref="GrainCallException">The run's inputs are not in this silo's ledger, or not as its manifest says.</exception>
    public async Task<RunWorkResult> ComputeAsync(RunWork item, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silo.Runs.Ended(item.RunId));
        RunContext context;
        var (received, isFirst) = (silo.Time.GetTimestamp(), IsFirst(item.ManifestHash));
        try
        {
            context = await silo.Contexts.GetAsync(item.ManifestHash, () => ReadAsync(item), stop.Token).ConfigureAwait(false);
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Precondition(e);
        }
        catch (LedgerUnavailableException e)
        {
            throw GrainErrors.Retry($"the ledger cannot be read now ({e.Message})");
        }

        var read = silo.Time.GetElapsedTime(received);
        var result = await ComputeAsync(context.Legs[(int)item.Leg], item, stop.Token).ConfigureAwait(false);
        if (isFirst)
            silo.Log.RunTakenUp(item.RunId, (long)silo.Time.GetElapsedTime(received).TotalMilliseconds, (long)read.TotalMilliseconds);
        return result;
    }

    private bool IsFirst(string manifestHash)
    {
        lock (_begun)
        {
            if (_begun.Contains(manifestHash))
                return false;
            if (_begun.Count == MostRemembered)
                _begun.Dequeue();
            _begun.Enqueue(manifestHash);
            return true;
        }
    }

    private async Task<RunContext> ReadAsync(RunWork item)
    {
        var run = await silo.Ledger.ReadRunAsync(RunId.Parse(item.RunId), CancellationToken.None).ConfigureAwait(false)
            ?? throw new ValidationException("run_id", $"the ledger has no run {item.RunId}");
        if (!string.Equals(CanonicalJson.Hash(run.ManifestJson), item.ManifestHash, StringComparison.Ordinal))
            throw new ValidationException("manifest_hash", $"the ledger's run {item.RunId} has another manifest than the item names");
        var manifest = RunManifest.Parse(run.ManifestJson);
        manifest.RequireVersions();
        return await RunContextBuilder.BuildAsync(silo, manifest, item.ManifestHash).ConfigureAwait(false);
    }

    private async Task<RunWorkResult> ComputeAsync(RunLegContext leg, RunWork item, CancellationToken cancellationToken)
    {
        var (first, count) = ((int)item.First, (int)item.Count);
        using var reduction = new BlockReduction(leg.Plan, first, count, MemoryMarshal.Cast<byte, double>(item.Thresholds.Span), item.Sampled);
        var parts = new ScenarioBlock[leg.Masks.Length, (count + ScenariosPerPart - 1) / ScenariosPerPart];
        await RunAsync(parts.GetLength(1), part => Move(leg, parts, part, first, count), cancellationToken).ConfigureAwait(false);
        var pricing = await PriceAsync(leg, parts, Slices(leg, count), reduction, cancellationToken).ConfigureAwait(false);
        await RunAsync(reduction.SumSlices, reduction.Sum, cancellationToken).ConfigureAwait(false);
        await RunAsync(reduction.SelectSlices, reduction.Select, cancellationToken).ConfigureAwait(false);
        var content = await silo.Pool.RunAsync(ComputePriority.Run, () => BlockTailsCodec.ToBytes(reduction.Result()), cancellationToken).ConfigureAwait(false);
        return new RunWorkResult
        {
            Content = UnsafeByteOperations.UnsafeWrap(content),
            Revaluations = (ulong)(leg.RevaluationsPerScenario * count),
            PricingSeconds = pricing.TotalSeconds,
        };
    }

    // Time of the threads, added up.
    private async Task<TimeSpan> PriceAsync(
        RunLegContext leg, ScenarioBlock[,] parts, List<Slice> slices, BlockReduction reduction, CancellationToken cancellationToken)
    {
        var (ticks, begun, handedOn) = (0L, 0, 0);
        void HandOn()
        {
            if (Interlocked.Exchange(ref handedOn, 1) == 0)
                _pricing.Release();
        }

        await _pricing.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var span = Activity.Current is null ? null : GrainsTelemetry.Source.StartActivity("price run-item");
        var start = silo.Time.GetTimestamp();
        try
        {
            await RunAsync(
                slices.Count,
                i =>
                {
                    if (Interlocked.Increment(ref begun) == slices.Count)
                        HandOn();
                    var started = silo.Time.GetTimestamp();
                    Price(leg, parts, slices[i], reduction);
                    Interlocked.Add(ref ticks, silo.Time.GetElapsedTime(started).Ticks);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Stopped before its last slice, or without any.
            HandOn();
            GrainsTelemetry.RunItems.Record(silo.Time.GetElapsedTime(start).TotalSeconds);
        }

        return TimeSpan.FromTicks(ticks);
    }

    private Task RunAsync(int slices, Action<int> body, CancellationToken cancellationToken) =>
        silo.Pool.RunAsync(ComputePriority.Run, slices, body, cancellationToken);

    private static void Move(RunLegContext leg, ScenarioBlock[,] parts, int part, int first, int count)
    {
        var start = part * ScenariosPerPart;
        var block = leg.Scenarios.Block(first + start, Math.Min(ScenariosPerPart, count - start));
        for (var mask = 0; mask < leg.Masks.Length; mask++)
            parts[mask, part] = block.Only(leg.Masks[mask]);
    }

    private static void Price(RunLegContext leg, ScenarioBlock[,] parts, Slice slice, BlockReduction reduction)
    {
        var pnl = reduction.BookPnl(slice.Book, slice.Mask).Slice((slice.Part * ScenariosPerPart) + slice.Start, slice.Count);

        // From zero, so that a slice that runs twice gives the same.
        pnl.Clear();
        leg.Books[slice.Book].Accumulate(parts[slice.Mask, slice.Part], slice.Start, slice.Count, pnl);
    }

    // The longest first, so that no thread is left with a long one at the end.
    private static List<Slice> Slices(RunLegContext leg, int count)
    {
        var slices = new List<Slice>();
        for (var book = 0; book < leg.Books.Length; book++)
        {
            var trades = leg.Books[book].Trades.Length;
            if (trades == 0)
                continue;
            // Powers of two fill a part and the kernel's own blocks without a rest.
            var length = Math.Clamp(1 << BitOperations.Log2((uint)(RevaluationsPerSlice / trades)), SmallestSlice, ScenariosPerPart);
            for (var mask = 0; mask < leg.Masks.Length; mask++)
            {
                for (var part = 0; part * ScenariosPerPart < count; part++)
                {
                    var room = Math.Min(ScenariosPerPart, count - (part * ScenariosPerPart));
                    for (var start = 0; start < room; start += length)
                        slices.Add(new Slice(book, mask, part, start, Math.Min(length, room - start), trades));
                }
            }
        }

        slices.Sort(static (a, b) => ((long)b.Trades * b.Count).CompareTo((long)a.Trades * a.Count));
        return slices;
    }

    private readonly record struct Slice(int Book, int Mask, int Part, int Start, int Count, int Trades);
}
