using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using RiskGrid.Compute;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>How far a computation is.</summary>
internal readonly record struct RunCounts(int Done, int Resumed, int Total, long Revaluations, long TotalRevaluations, TimeSpan Pricing, string Stage);

/// <summary>Hands out a run's items, keeps their results, and merges them as they come: beside the turns of the run's grain.</summary>
/// <remarks>Each result goes to the ledger before it counts. What an earlier activation left there is not computed again. The merge does not
/// depend on the order of arrival, and an item that comes twice counts once.</remarks>
internal sealed partial class RunComputation
{
    private readonly SiloServices _silo;
    private readonly GrainContext _grain;
    private readonly RunId _run;
    private readonly RunContext _context;
    private readonly ImmutableArray<RunItemPlan> _items;
    private readonly TailAccumulator[] _tails;
    private readonly Action<RunCounts> _progress;

    // One merge at a time; guards the tails, the thresholds and the counts.
    private readonly SemaphoreSlim _merging = new(1);
    private readonly ByteString[] _thresholds;
    private readonly HashSet<(int Leg, int Block)> _stored = [];
    private RunCounts _counts;

    public RunComputation(SiloServices silo, GrainContext grain, RunId run, RunContext context, ImmutableArray<RunItemPlan> items, Action<RunCounts> progress)
    {
        (_silo, _grain, _run, _context, _items, _progress) = (silo, grain, run, context, items, progress);
        _tails = [.. context.Legs.Select(l => new TailAccumulator(l.Plan, l.Scenarios.IsSampled))];
        _thresholds = [.. context.Legs.Select(_ => ByteString.Empty)];
        var revaluations = items.Sum(i => context.Legs[i.Leg].RevaluationsPerScenario * i.Count);
        _counts = new RunCounts(0, 0, items.Length, 0, revaluations, TimeSpan.Zero, "computing");
    }

    /// <summary>Computes what is not in the ledger yet.</summary>
    /// <returns>The tails of every leg; null when the ledger says that the run has ended.</returns>
    public async Task<RunTails[]?> RunAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await _silo.Ledger.ReadRunItemsAsync(_run, cancellationToken).ConfigureAwait(false))
            await ResumeAsync(item, cancellationToken).ConfigureAwait(false);
        _progress(_counts);
        do
        {
            if (!await HandOutAllAsync(cancellationToken).ConfigureAwait(false))
                return null;
        }
        while (await StartOverAsync(cancellationToken).ConfigureAwait(false));

        return await _silo.Pool.RunAsync(ComputePriority.Run, () => Array.ConvertAll(_tails, t => t.Finish()), cancellationToken).ConfigureAwait(false);
    }

    // A leg of which an item left out what belongs to a tail is computed anew, with thresholds that are certain. False: there is none.
    private async Task<bool> StartOverAsync(CancellationToken cancellationToken)
    {
        var sound = await _silo.Pool.RunAsync(ComputePriority.Run, () => Array.ConvertAll(_tails, t => t.IsSound()), cancellationToken).ConfigureAwait(false);
        if (Array.TrueForAll(sound, s => s))
            return false;
        for (var leg = 0; leg < sound.Length; leg++)
        {
            if (sound[leg])
                continue;
            _silo.Log.RunLegAnew(_run.Value, _context.Legs[leg].Name);
            _tails[leg] = new TailAccumulator(_context.Legs[leg].Plan);
            _thresholds[leg] = ByteString.Empty;
        }

        var again = _items.Where(i => !sound[i.Leg]).ToList();
        _counts = _counts with
        {
            Done = _counts.Done - again.Count,
            Resumed = _counts.Resumed - again.Count(i => _stored.Contains((i.Leg, i.Block))),
            Revaluations = _counts.Revaluations - again.Sum(i => _context.Legs[i.Leg].RevaluationsPerScenario * i.Count),
        };
        _stored.Clear();
        _stored.UnionWith(_items.Where(i => sound[i.Leg]).Select(i => (i.Leg, i.Block)));
        (_next, _out) = (-1, 0);
        return true;
    }

    // Only what fits the present cut counts; the rest is computed again.
    private async Task ResumeAsync(RunItem item, CancellationToken cancellationToken)
    {
        var plan = _items.FirstOrDefault(i => i.Leg == item.Leg && i.Block == item.Block);
        if (plan.Count == 0)
            return;
        var block = await _silo.Pool.RunAsync(ComputePriority.Run, () => Decode(plan, item.Payload), cancellationToken).ConfigureAwait(false);
        if (block is null)
            return;
        await _silo.Pool.RunAsync(ComputePriority.Run, () => _tails[plan.Leg].Add(block), cancellationToken).ConfigureAwait(false);
        _stored.Add((plan.Leg, plan.Block));
        _thresholds[plan.Leg] = Wire(_tails[plan.Leg]);
        Count(plan, TimeSpan.Zero, resumed: true);
    }

    private BlockTails? Decode(RunItemPlan plan, byte[] payload)
    {
        try
        {
            var block = BlockTailsCodec.FromBytes(payload, _context.Legs[plan.Leg].Plan);
            return block.First == plan.First && block.Count == plan.Count ? block : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private async Task MergeAsync(RunItemPlan plan, RunWorkResult result, CancellationToken cancellationToken)
    {
        var tails = _tails[plan.Leg];
        await _merging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var thresholds = await _silo.Pool.RunAsync(
                ComputePriority.Run,
                () =>
                {
                    tails.Add(BlockTailsCodec.FromBytes(result.Content.Span, tails.Plan));
                    return Wire(tails);
                },
                cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _thresholds[plan.Leg], thresholds);
            Count(plan, TimeSpan.FromSeconds(result.PricingSeconds), resumed: false);
        }
        finally
        {
            _merging.Release();
        }

        _progress(_counts);
    }

    private void Count(RunItemPlan plan, TimeSpan pricing, bool resumed) => _counts = _counts with
    {
        Done = _counts.Done + 1,
        Resumed = _counts.Resumed + (resumed ? 1 : 0),
        Revaluations = _counts.Revaluations + (_context.Legs[plan.Leg].RevaluationsPerScenario * plan.Count),
        Pricing = _counts.Pricing + pricing,
    };

    private static ByteString Wire(TailAccumulator tails) =>
        tails.Plan.IsWhole ? ByteString.Empty : ByteString.CopyFrom(MemoryMarshal.AsBytes<double>(tails.Thresholds()));
}
