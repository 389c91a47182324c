using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests;

/// <summary>Two desks with three books each on the small market: enough that every silo owns some of it, and priced at once.</summary>
internal static class Portfolio
{
    public static readonly string[] Books = ["A1", "A2", "A3", "B1", "B2", "B3"];

    /// <summary>Makes the tree and publishes the market.</summary>
    public static async Task PrepareAsync(RiskGridClient client)
    {
        await client.PutHierarchyAsync([
            SmallMarket.Node("A", "desk", "FIRM"), SmallMarket.Node("B", "desk", "FIRM"), .. Books.Select(b => SmallMarket.Node(b, "book", b[..1]))]);
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
    }

    /// <summary>Trades of every book, the same for the same numbers.</summary>
    public static IEnumerable<TradeCommand> Trades(int first, int count) => Enumerable.Range(first, count).Select(n => SmallMarket.Book(
        $"T-{n:D5}", Books[n % Books.Length], 1 + (n % 17) - 0.5, SmallMarket.Strikes[n % 3], n % 2 == 0 ? OptionType.Call : OptionType.Put));

    /// <summary>What a rollup says that is the same wherever it was computed: by path, to the bit.</summary>
    public static SortedDictionary<string, (Measures Measures, TailMeasures? Tail, uint Trades, uint Priced)> Numbers(IEnumerable<Rollup> rollups)
    {
        var numbers = new SortedDictionary<string, (Measures, TailMeasures?, uint, uint)>(StringComparer.Ordinal);
        foreach (var rollup in rollups)
        {
            // A market that moves to another silo takes its next epoch: the same market point has another name then.
            var tail = rollup.Tail?.Clone();
            if (tail?.AsOf is { } point)
                (point.Epoch, point.Sequence) = (0, 0);
            numbers.Add(rollup.Path, (rollup.Measures, tail, rollup.Coverage.Trades, rollup.Coverage.Priced));
        }

        return numbers;
    }
}
