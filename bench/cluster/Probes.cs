using System.Globalization;
using RiskGrid.Grains;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Runs;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Bench;

/// <summary>Calls that reach grains of every kind: every book and desk, the market, the hierarchy and the registry of runs, and a trade and a
/// run (one that does not exist, which its grain says) of every partition.</summary>
internal sealed class Probes
{
    private const int Kinds = 7;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly List<Func<IGrains, Task>> _calls = [];

    private Probes()
    {
    }

    public int Count => _calls.Count;

    public int Partitions => Kinds * Partition.Count;

    public static async Task<Probes> MakeAsync(RiskCluster cluster, CancellationToken cancellationToken)
    {
        var probes = new Probes();
        probes._calls.Add(g => g.Get<IMarketGrain>(SiloServices.DefaultMarket).GetPoint());
        probes._calls.Add(g => g.Get<IHierarchyGrain>(HierarchyGrain.Key).GetHierarchy());
        probes._calls.Add(g => g.Get<IRunsGrain>(RunsGrain.Key).ListRuns(new ListRunsRequest { PageSize = 1 }));
        foreach (var node in await cluster.Client.GetRollupAsync("/", -1, cancellationToken: cancellationToken))
            probes._calls.Add(g => node.Kind == "book" ? g.Get<IBookGrain>(node.NodeId).GetReport() : g.Get<IDeskGrain>(node.NodeId).GetReport());
        foreach (var trade in OnePerPartition(await TradesAsync(cluster, cancellationToken)))
            probes._calls.Add(async g => Require((await g.Get<ITradeGrain>(trade).Locate()).Book.Length > 0, trade));
        foreach (var run in OnePerPartition(Enumerable.Range(0, 10_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"probe-{i}"))))
            probes._calls.Add(g => RefusesAsync(g.Get<IRunGrain>(run)));
        return probes;
    }

    /// <summary>Completes when all have answered.</summary>
    /// <returns>How many calls failed and were sent again.</returns>
    public async Task<int> AnswerAsync(IGrains grains, CancellationToken cancellationToken)
    {
        var refused = 0;
        await Task.WhenAll(_calls.Select(async call =>
        {
            while (true)
            {
                try
                {
                    await call(grains).WaitAsync(Limit, cancellationToken);
                    return;
                }
                catch (GridException e) when (e.Code is GridErrorCode.Unavailable)
                {
                    Interlocked.Increment(ref refused);
                    await Task.Delay(Pause, cancellationToken);
                }
            }
        }));
        return refused;
    }

    private static async Task<IEnumerable<string>> TradesAsync(RiskCluster cluster, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await using var ledger = await Ledgers.OpenAsync(cluster.Ledger.OriginalString, TimeProvider.System, cancellationToken);
        foreach (var book in (await ledger.ReadPositionAsync(cancellationToken)).Keys)
            ids.AddRange((await ledger.ReadBookAsync(book, null, cancellationToken)).Trades.Select(t => t.Id.Value));
        return ids;
    }

    private static List<string> OnePerPartition(IEnumerable<string> keys)
    {
        var found = keys.DistinctBy(Partition.Of).ToList();
        return found.Count == Partition.Count ? found : throw new InvalidOperationException($"keys were found for {found.Count} partitions only");
    }

    private static async Task RefusesAsync(IRunGrain run)
    {
        try
        {
            await run.GetRun(new GetRunRequest());
        }
        catch (GridException e) when (e.Code == GridErrorCode.NotFound)
        {
            // As it should.
        }
    }

    private static void Require(bool isTrue, string trade)
    {
        if (!isTrue)
            throw new InvalidOperationException($"trade {trade} is in no book");
    }
}
