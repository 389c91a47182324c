using Google.Protobuf;
using RiskGrid.Ledger.Cache;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Nodes;

/// <summary>The newest rollup of every node in the cache, for readers that can do with one of a few seconds ago. Thread-safe.</summary>
/// <param name="cache">Where they are kept.</param>
/// <param name="time">The clock of the pauses between two puts.</param>
public sealed class RollupCache(ICache cache, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a rollup is kept: nobody reads an older one from the cache.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(10);

    // Least time between two puts: a node's rollups of the meantime are skipped.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private Dictionary<string, (Rollup Rollup, long At)> _waiting = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private bool _armed;
    private bool _disposed;

    /// <summary>No cache: readers find nothing.</summary>
    public static RollupCache None => new(NoCache.Instance, TimeProvider.System);

    /// <summary>Takes a node's newest rollup; called by the node when it changes, and with every sign of life of its desk.</summary>
    public void Put(Rollup newest)
    {
        ArgumentNullException.ThrowIfNull(newest);
        if (!cache.IsUsable)
            return;
        var now = cache.Now;
        lock (_lock)
        {
            _waiting[newest.NodeId] = (newest, now);
            if (_armed || _disposed)
                return;
            _armed = true;
            _timer ??= time.CreateTimer(_ => _ = FlushAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The rollup of each node as it was at most <paramref name="maxAge"/> ago, null where the cache has none of that age.</summary>
    public async Task<IReadOnlyList<Rollup?>> ReadAsync(IReadOnlyList<string> nodeIds, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(nodeIds);
        var rollups = new Rollup?[nodeIds.Count];
        if (cache is NoCache)
            return rollups;
        var kept = await cache.GetFreshAsync([.. nodeIds.Select(Key)], maxAge, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < rollups.Length; i++)
        {
            var id = nodeIds[i];
            rollups[i] = CachedValue.Read(
                cache, "rollup", kept[i], c => Rollup.Parser.ParseFrom(c) is { } r && string.Equals(r.NodeId, id, StringComparison.Ordinal) ? r : null);
        }

        return rollups;
    }

    /// <summary>Puts nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        ITimer? timer;
        lock (_lock)
        {
            _disposed = true;
            timer = _timer;
        }

        if (timer is not null)
            await timer.DisposeAsync().ConfigureAwait(false);
    }

    private static string Key(string nodeId) => $"rollup:{nodeId}";

    private async Task FlushAsync()
    {
        Dictionary<string, (Rollup Rollup, long At)> taken;
        lock (_lock)
        {
            taken = _waiting;
            _waiting = new(StringComparer.Ordinal);
        }

        try
        {
            await cache.PutFreshAsync([.. taken.Select(t => new FreshValue(Key(t.Key), t.Value.Rollup.ToByteArray(), t.Value.At))], Expiry).ConfigureAwait(false);
        }
        finally
        {
            // However it went, the next put is not held up by it.
            lock (_lock)
            {
                _armed = _waiting.Count > 0 && !_disposed;
                if (_armed)
                    _timer!.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
