using System.Collections.Concurrent;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Processes;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>Books, asks for prices and for rollups without end, each call once, and keeps what failed. Only the store of a machine under load may
/// ask for a booking again.</summary>
internal sealed class SteadyCaller : IAsyncDisposable
{
    private const int StoreTries = 3;

    private readonly TestCluster _cluster;
    private readonly RiskGridClient _client;
    private readonly List<Task> _loops;
    private readonly ConcurrentQueue<CallOutcome> _failures = new();
    private volatile bool _stopped;
    private int _calls;
    private long _slowest;

    private SteadyCaller(TestCluster cluster, RiskGridClient client, string book)
    {
        (_cluster, _client) = (cluster, client);
        var one = new OneTry(client);
        _loops =
        [
            Task.Run(() => LoopAsync(n => one.BookAsync(book, $"{book}-{n}", StoreTries))),
            Task.Run(() => LoopAsync(n => one.PriceAsync(Firm.Trade(1 + (n % 8), 1 + (n % Firm.TradesInBook))))),
            Task.Run(() => LoopAsync(_ => one.RollupAsync("/DESK-B"))),
        ];
    }

    public IReadOnlyCollection<CallOutcome> Failures => _failures;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The longest that a call took.</summary>
    public TimeSpan Slowest => TimeSpan.FromTicks(Interlocked.Read(ref _slowest));

    public static async Task<SteadyCaller> StartAsync(TestCluster cluster, string book)
    {
        var client = cluster.Connect(cluster.Gateways[0]);
        await client.PutHierarchyAsync([SmallMarket.Node(book, "book", "FIRM")]);
        var caller = new SteadyCaller(cluster, client, book);
        await caller.MoreAsync(30);
        return caller;
    }

    public Task MoreAsync(int calls)
    {
        var until = Calls + calls;
        return _cluster.WaitUntilAsync(
            async () =>
            {
                if (_loops.Find(l => l.IsFaulted) is { } failed)
                    await failed;
                return Calls >= until;
            },
            TimeSpan.FromSeconds(60),
            () => $"{calls} more calls are answered; there are {Calls} of {until}");
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
    }

    private async Task LoopAsync(Func<int, Task<CallOutcome>> call)
    {
        for (var n = 0; !_stopped; n++)
        {
            var outcome = await call(n);
            if (outcome.Took.Ticks > Interlocked.Read(ref _slowest))
                Interlocked.Exchange(ref _slowest, outcome.Took.Ticks);
            if (outcome.Failure is not null)
                _failures.Enqueue(outcome);
            Interlocked.Increment(ref _calls);
        }
    }
}
