using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grains.Nodes;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
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
        var coverage = new Coverage();
        MarketPoint? asOf = null;
        foreach (var child in children.Select(c => c.Rollup))
        {
            total += RollupMapping.FromWire(child.Measures);
            foreach (var (currency, measures) in child.Native.OrderBy(n => n.Key, StringComparer.Ordinal))
                native[currency] = native.GetValueOrDefault(currency, Pricing.Measures.Zero) + RollupMapping.FromWire(measures);
            Add(coverage, child.Coverage);
            rollup.LedgerSequence += child.LedgerSequence;
            asOf = Earlier(asOf, child.AsOf);
        }

        rollup.Measures = RollupMapping.ToWire(total);
        foreach (var (currency, measures) in native)
            rollup.Native.Add(currency, RollupMapping.ToWire(measures));
        rollup.Coverage = Ordered(coverage);
        rollup.AsOf = asOf ?? new MarketPoint();
    }

    /// <summary>Sums the children's P&amp;L vectors and takes the desk's own tail measures from the sum. Trades of children without a vector are
    /// counted as missing.</summary>
    /// <returns>The vector; empty when no child has one, or when the sum is beyond the range of double precision.</returns>
    public static ByteString AddVectors(Rollup rollup, IReadOnlyList<NodeReport> children)
    {
        var scenarioSet = children.Select(c => c.Rollup.Tail?.ScenarioSetHash).LastOrDefault(h => h is not null);
        var vectors = new List<ByteString>(children.Count);
        uint missing = 0;
        MarketPoint? asOf = null;
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
            asOf = Earlier(asOf, tail.AsOf);
        }

        if (vectors.Count == 0)
            return ByteString.Empty;
        var sum = PnlVectors.Sum(vectors, vectors[0].Length / sizeof(double));
        rollup.Tail = Tails.From(sum, scenarioSet!, asOf!, (int)missing);
        return rollup.Tail is null ? ByteString.Empty : PnlVectors.ToWire(sum);
    }

    // A node that has not been at any point of the market yet is named as late, or counted as failed, and holds nothing back.
    private static MarketPoint Earlier(MarketPoint? a, MarketPoint b) =>
        b.Epoch == 0 || (a is not null && (a.Epoch < b.Epoch || (a.Epoch == b.Epoch && a.Sequence <= b.Sequence))) ? a ?? b : b;

    private static void Add(Coverage sum, Coverage child)
    {
        sum.Trades += child.Trades;
        sum.Priced += child.Priced;
        sum.Failed += child.Failed;
        sum.Stale += child.Stale;
        sum.Failures.AddRange(child.Failures);
        foreach (var (status, count) in child.QuoteStatus)
            sum.QuoteStatus[status] = sum.QuoteStatus.GetValueOrDefault(status) + count;
        foreach (var group in child.StaleGroups)
        {
            if (sum.StaleGroups.FirstOrDefault(g => g.AsOf.Equals(group.AsOf)) is { } same)
                same.Trades += group.Trades;
            else
                sum.StaleGroups.Add(group.Clone());
        }

        sum.OldestQuote = Pick(sum.OldestQuote, child.OldestQuote, earlier: true);
        sum.NewestQuote = Pick(sum.NewestQuote, child.NewestQuote, earlier: false);
        sum.LateChildren.AddRange(child.LateChildren);
    }

    private static Coverage Ordered(Coverage sum)
    {
        var failures = sum.Failures.OrderBy(f => f.TradeId, StringComparer.Ordinal).Take(RollupMapping.MaxFailures).ToList();
        sum.Failures.Clear();
        sum.Failures.AddRange(failures);
        var groups = sum.StaleGroups.OrderBy(g => g.AsOf.ToInstant()).ToList();
        sum.StaleGroups.Clear();
        sum.StaleGroups.AddRange(groups);
        return sum;
    }

    private static Timestamp? Pick(Timestamp? a, Timestamp? b, bool earlier)
    {
        if (a is null || b is null)
            return a ?? b;
        return a.ToInstant() <= b.ToInstant() == earlier ? a : b;
    }
}
