using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance;

/// <summary>What one subscriber to all nodes has received.</summary>
internal sealed class RollupLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Count, Rollup Last)> _byNode = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _byNode.Values.Sum(n => n.Count);
        }
    }

    public int Nodes
    {
        get
        {
            lock (_lock)
                return _byNode.Count;
        }
    }

    /// <summary>Updates per node id.</summary>
    public Dictionary<string, int> Counts
    {
        get
        {
            lock (_lock)
                return _byNode.ToDictionary(n => n.Key, n => n.Value.Count);
        }
    }

    /// <summary>Updates that were not newer than the one before.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
                return [.. _faults];
        }
    }

    /// <summary>Subscribes and keeps each update; after the first one it waits, like a reader that has stalled.</summary>
    public async Task FollowAsync(RiskGridClient client, Task pauseAfterFirst, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var rollup in client.SubscribeRollupsAsync("/", depth: -1, cancellationToken: cancellationToken))
            {
                Take(rollup);
                await pauseAfterFirst.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Seen enough.
        }
    }

    /// <summary>Whether the last rollup received of every node says what these say.</summary>
    public bool Holds(IEnumerable<Rollup> settled) => Missing(settled).Length == 0;

    public string Missing(IEnumerable<Rollup> settled)
    {
        lock (_lock)
        {
            return string.Join(", ", settled.Where(s => !_byNode.TryGetValue(s.NodeId, out var seen) || !seen.Last.Result().Equals(s.Result())).Select(s => s.Path));
        }
    }

    private void Take(Rollup rollup)
    {
        lock (_lock)
        {
            var (count, last) = _byNode.GetValueOrDefault(rollup.NodeId);
            if (last is not null && rollup.Version <= last.Version)
                _faults.Add($"{rollup.Path}: version {rollup.Version} after {last.Version}");
            if (last is not null && rollup.AsOf.Sequence < last.AsOf.Sequence)
                _faults.Add($"{rollup.Path}: market sequence {rollup.AsOf.Sequence} after {last.AsOf.Sequence}");
            _byNode[rollup.NodeId] = (count + 1, rollup);
        }
    }
}

/// <summary>What of a rollup is a result: not how often it was computed, nor where a server's count of quotes stands.</summary>
internal static class RollupResults
{
    public static Rollup Result(this Rollup rollup)
    {
        var result = rollup.Clone();
        result.Version = 0;
        result.AsOf = new MarketPoint { Market = rollup.AsOf.Market, Valuation = rollup.AsOf.Valuation };
        if (result.Tail is not null)
            result.Tail.AsOf = null;
        return result;
    }
}
