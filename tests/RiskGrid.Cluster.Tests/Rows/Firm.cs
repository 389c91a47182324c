using RiskGrid.Acceptance;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>Two desks of four books, twenty options in each, which no test changes.</summary>
internal static class Firm
{
    public const int TradesInBook = 20;
    public const string Scope = "/DESK-A";

    public static IReadOnlyList<string> Books { get; } = [.. Enumerable.Range(1, 8).Select(b => $"BOOK-{b}")];

    /// <summary>Desks and books.</summary>
    public static IReadOnlyList<string> Nodes { get; } = ["DESK-A", "DESK-B", .. Books];

    /// <summary>One of the trades.</summary>
    public static string Trade(int book, int number) => $"T-{book}-{number}";

    public static async Task FillAsync(RiskGridClient client)
    {
        await client.PutHierarchyAsync(
        [
            SmallMarket.Node("DESK-A", "desk", "FIRM"),
            SmallMarket.Node("DESK-B", "desk", "FIRM"),
            .. Books.Select((b, i) => SmallMarket.Node(b, "book", i < 4 ? "DESK-A" : "DESK-B")),
        ]);
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        var results = await client.BookTradesAsync(
            from book in Enumerable.Range(1, Books.Count)
            from n in Enumerable.Range(1, TradesInBook)
            select SmallMarket.Book(Trade(book, n), Books[book - 1], n - 8.5, SmallMarket.Strikes[n % 3], n % 2 == 0 ? OptionType.Call : OptionType.Put));
        Assert.All(results, r => Assert.Equal(Outcome.Applied, r.Outcome));
        await SettledAsync(client);
    }

    /// <summary>All nodes, settled.</summary>
    public static async Task<IReadOnlyDictionary<string, Rollup>> SettledAsync(RiskGridClient client)
    {
        var rollups = new Dictionary<string, Rollup>(StringComparer.Ordinal);
        foreach (var desk in new[] { "/DESK-A", "/DESK-B" })
        {
            foreach (var rollup in await client.GetRollupAsync(desk, depth: -1, settled: true, TimeSpan.FromMinutes(1)))
                rollups.Add(rollup.NodeId, rollup);
        }

        Assert.Equal(Nodes.Order(StringComparer.Ordinal), rollups.Keys.Order(StringComparer.Ordinal));
        Assert.All(rollups.Values, r => Assert.True(IsComplete(r), $"{r}"));
        return rollups;
    }

    /// <summary>Whether a rollup covers all trades of its node, prices them all and has its tail.</summary>
    public static bool IsComplete(Rollup rollup)
    {
        var expected = TradesInBook * (rollup.Kind == "desk" ? 4 : 1);
        return rollup.Coverage.Trades == expected && rollup.Coverage.Priced == expected && rollup.Coverage.LateChildren.Count == 0
            && rollup.Tail is { Scenarios: > 0, TradesMissing: 0 };
    }

    /// <summary>What of a rollup is a number of its node: not how often it was computed, nor in which tree it hangs.</summary>
    public static Rollup Numbers(this Rollup rollup)
    {
        var numbers = rollup.Result();
        numbers.HierarchyVersion = 0;
        return numbers;
    }

    /// <summary>Moves the index, as of the valuation instant, and returns where the market then stands.</summary>
    public static async Task<MarketPoint> MoveAsync(RiskGridClient client, double spot)
    {
        var valuation = (await client.GetMarketAsync(new GetMarketRequest { WithoutQuotes = true })).Point.Valuation;
        return await PublishAsync(client, new QuoteBatch { Quotes = { new Quote { Factor = "IDX.SP500", Value = spot, AsOf = valuation } } });
    }

    public static async Task<MarketPoint> PublishAsync(RiskGridClient client, QuoteBatch batch)
    {
        var response = await client.PublishQuotesAsync(new[] { batch }.ToAsyncEnumerable());
        Assert.True(response.Refused == 0, $"quotes were refused: {response.Refusals}");
        return response.Market;
    }

    /// <summary>Whether a rollup is of this point of the market or a later one.</summary>
    public static bool IsAt(this Rollup rollup, MarketPoint point) =>
        rollup.AsOf.Epoch > point.Epoch || (rollup.AsOf.Epoch == point.Epoch && rollup.AsOf.Sequence >= point.Sequence);

    /// <summary>A run over one desk at the market as it stands now, whatever becomes of it.</summary>
    public static async Task<RunSpec> RunAsync(RiskGridClient client, uint paths, double deadlineSeconds = 0) => new()
    {
        Path = Scope,
        SnapshotHash = (await client.GetMarketAsync(new GetMarketRequest { WithoutQuotes = true, Pin = true })).SnapshotHash,
        ScenariosPerShard = Math.Max(1000, paths / 40),
        DeadlineSeconds = deadlineSeconds,
        Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = paths, Seed = 20260130 }, Decompose = true },
    };

    /// <summary>Waits for a run's end, which must be a good one.</summary>
    public static async Task<Run> FinishedAsync(Processes.TestCluster cluster, RiskGridClient client, string id)
    {
        Run? run = null;
        await cluster.WaitUntilAsync(
            async () =>
            {
                run = await client.GetRunAsync(id);
                return run.State != RunState.Running;
            },
            TimeSpan.FromMinutes(2),
            () => $"{id} ends; it stands at {run?.Progress}");
        Assert.True(run!.State == RunState.Finished, $"{id}: {run.State} {run.Error}\n{cluster.Logs()}");
        return run;
    }
}
