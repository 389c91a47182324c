using Google.Protobuf;
using RiskGrid.Grains.Nodes;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Desks;

/// <summary>Adds up the reports of a desk's children, always all of them and always in name order: the same reports give the same bits.</summary>
internal static class RollupSum
{
    /// <summary>Sums additive measures, coverage and positions into <paramref name="rollup"/>.</summary>
    /// <param name="rollup">The desk's rollup, without measures.</param>
    /// <param name="children">The children's latest reports in name order.</param>
    public static void Add(Rollup rollup, IReadOnlyList<NodeReport> children)
    {
        var total = Pricing.Measures.Zero;
        var native = new SortedDictionary<string, Pricing.Measures>(StringComparer.Ordinal);
        MarketPoint? asOf = null;
        foreach (var child in children.Select(c => c.Rollup))
        {
            total += RollupMapping.FromWire(child.Measures);
            foreach (var (currency, measures) in child.Native.OrderBy(n => n.Key, StringComparer.Ordinal))
                native[currency] = native.GetValueOrDefault(currency, Pricing.Measures.Zero) + RollupMapping.FromWire(measures);
            rollup.LedgerSequence += child.LedgerSequence;
            asOf = Earlier(asOf, child.AsOf);
        }

        rollup.Measures = RollupMapping.ToWire(total);
        foreach (var (currency, measures) in native)
            rollup.Native.Add(currency, RollupMapping.ToWire(measures));
        rollup.Coverage = RollupMapping.ToWire(Pricing.Coverage.Combine(children.Select(c => RollupMapping.FromWire(c.Rollup.Coverage))));
        rollup.Coverage.LateChildren.AddRange(children.SelectMany(c => c.Rollup.Coverage.LateChildren));
        rollup.TailFailure = children.Select(c => c.Rollup).FirstOrDefault(r => r.TailFailure.Length > 0) is { } failed
            ? $"{failed.Path}: {failed.TailFailure}"
            : string.Empty;
        rollup.AsOf = asOf ?? new MarketPoint();
    }

    /// <summary>Sums the children's P&amp;L vectors and takes the desk's own tail measures from the sum. Trades of children without a vector are
    /// counted as missing.</summary>
    /// <returns>The vector, empty when no child has one.</returns>
    public static ByteString AddVectors(Rollup rollup, IReadOnlyList<NodeReport> children)
    {
        var scenarioSet = children.Select(c => c.Rollup.Tail?.ScenarioSetHash).LastOrDefault(h => h is not null);
        var vectors = new List<ByteString>(children.Count);
        uint missing = 0;
        foreach (var child in children)
        {
            var tail = child.Rollup.Tail;
            if (tail is null || child.Pnl.IsEmpty || !string.Equals(tail.ScenarioSetHash, scenarioSet, StringComparison.Ordinal))
            {
                missing += child.Rollup.Coverage.Trades;
                continue;
            }

            vectors.Add(child.Pnl);
            missing += tail.TradesMissing;
        }

        if (vectors.Count == 0)
            return ByteString.Empty;
        var sum = PnlVectors.Sum(vectors, vectors[0].Length / sizeof(double));
        rollup.Tail = Tails.From(sum, scenarioSet!, TailAsOf(children), (int)missing);
        return PnlVectors.ToWire(sum);
    }

    /// <summary>The point through which every child's vector goes.</summary>
    public static MarketPoint TailAsOf(IReadOnlyList<NodeReport> children) =>
        children.Where(c => c.Rollup.Tail is not null).Aggregate((MarketPoint?)null, (asOf, c) => Earlier(asOf, c.Rollup.Tail.AsOf)) ?? new MarketPoint();

    private static MarketPoint Earlier(MarketPoint? a, MarketPoint b) =>
        a is not null && (a.Epoch < b.Epoch || (a.Epoch == b.Epoch && a.Sequence <= b.Sequence)) ? a : b;
}
