using System.Collections.Concurrent;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>A subscription to all nodes, kept through whatever happens.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Rollup> _latest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _sinceBreak = new(StringComparer.Ordinal);
    private readonly Task _following;
    private int _breaks;
    private int _count;

    public Subscriber(TestCluster cluster, RiskGridClient client)
    {
        _cluster = cluster;
        _following = Task.Run(() => FollowAsync(client));
    }

    /// <summary>How often the client had to subscribe anew.</summary>
    public int Breaks => Volatile.Read(ref _breaks);

    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits until every node has come.</summary>
    public static async Task<Subscriber> StartAsync(TestCluster cluster, RiskGridClient client)
    {
        var subscriber = new Subscriber(cluster, client);
        await subscriber.UntilAsync(_ => true, TimeSpan.FromSeconds(60), "every node comes");
        return subscriber;
    }

    /// <summary>Waits until the newest rollup of every node is as it should be.</summary>
    public Task UntilAsync(Func<Rollup, bool> condition, TimeSpan within, string what) => _cluster.WaitUntilAsync(
        async () =>
        {
            if (_following.IsFaulted)
                await _following;
            return Firm.Nodes.All(n => _latest.TryGetValue(n, out var rollup) && condition(rollup));
        },
        within,
        () => $"{what}; the subscriber saw {string.Join(", ", Firm.Nodes.Select(n => _latest.TryGetValue(n, out var r) ? $"{n} v{r.Version} {r.AsOf.Epoch}.{r.AsOf.Sequence} {condition(r)}" : $"no {n}"))} after {Count} updates, {Breaks} breaks");

    /// <summary>Waits until every node has come again after the newest break.</summary>
    public Task ResumedAsync(TimeSpan within) => _cluster.WaitUntilAsync(
        () => Task.FromResult(Breaks > 0 && Firm.Nodes.All(_sinceBreak.ContainsKey)),
        within,
        () => $"every node comes again; missing are {string.Join(", ", Firm.Nodes.Where(n => !_sinceBreak.ContainsKey(n)))}, breaks {Breaks}");

    /// <summary>The newest numbers of every node are these.</summary>
    public Task HoldsAsync(IReadOnlyDictionary<string, Rollup> settled, TimeSpan within) =>
        UntilAsync(r => r.Numbers().Equals(settled[r.NodeId].Numbers()), within, "every node's newest rollup is the settled one");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task FollowAsync(RiskGridClient client)
    {
        await foreach (var rollup in client.SubscribeRollupsAsync("/", depth: -1, onBroken: _ => Broke(), cancellationToken: _end.Token))
        {
            Interlocked.Increment(ref _count);
            _latest[rollup.NodeId] = rollup;
            _sinceBreak[rollup.NodeId] = true;
        }
    }

    private void Broke()
    {
        _sinceBreak.Clear();
        Interlocked.Increment(ref _breaks);
    }
}
