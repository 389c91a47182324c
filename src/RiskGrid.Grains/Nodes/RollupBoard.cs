using System.Collections.Concurrent;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Nodes;

/// <summary>The newest rollup of every node that this silo has heard of, for subscribers. Thread-safe.</summary>
/// <remarks>A subscriber waits for a change and then reads what it wants: however slow it is, it sees the newest and costs no queue.</remarks>
public sealed class RollupBoard
{
    /// <summary>The topic on which nodes publish their rollups.</summary>
    public const string Topic = "rollups";

    private readonly ConcurrentDictionary<string, Rollup> _latest = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes in a published rollup; older ones are ignored.</summary>
    public void Apply(Rollup rollup)
    {
        var stored = _latest.AddOrUpdate(rollup.NodeId, rollup, (_, known) => rollup.Version > known.Version ? rollup : known);
        if (ReferenceEquals(stored, rollup))
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Completes with the first change after the call. Take it before reading, so that no change slips between.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    /// <summary>The newest rollup of a node, or null.</summary>
    public Rollup? Latest(string nodeId) => _latest.GetValueOrDefault(nodeId);
}
