using RiskGrid.Pricing;
using RiskGrid.Protocol.V1;
using TradeFailure = RiskGrid.Pricing.TradeFailure;

namespace RiskGrid.Grains.Runs;

/// <summary>Which trades a run's numbers cover, node by node.</summary>
internal static class RunCoverages
{
    /// <summary>Per node of the tree. A trade is missing when it could not be priced, or when a leg could not revalue it.</summary>
    public static RunCoverage[] Of(RunContext context, SheetValuation[] valuations)
    {
        var coverages = new RunCoverage[context.Tree.Nodes.Length];
        var failures = new IReadOnlyList<TradeFailure>[coverages.Length];
        for (var i = coverages.Length - 1; i >= 0; i--)
        {
            var node = context.Tree.Nodes[i];
            var (trades, missing) = (0, 0);
            if (node.Book >= 0)
            {
                trades = context.Markets[node.Book].Sheet.Count;
                (missing, failures[i]) = Missing(context, valuations[node.Book], node.Book);
            }
            else
            {
                trades = node.Children.Sum(c => (int)coverages[c].Trades);
                missing = node.Children.Sum(c => (int)coverages[c].Missing);
                failures[i] = [.. node.Children.SelectMany(c => failures[c]).OrderBy(f => f.Trade).Take(Pricing.Coverage.FailuresKept)];
            }

            coverages[i] = new RunCoverage { Trades = (uint)trades, Missing = (uint)missing, Priced = (uint)(trades - missing) };
            coverages[i].Failures.AddRange(failures[i].Select(f => new Protocol.V1.TradeFailure { TradeId = f.Trade.Value, Reason = f.Reason }));
        }

        return coverages;
    }

    // Legs of one run share their drivers, so they miss the same trades or, with fewer drivers, more of them.
    private static (int Count, IReadOnlyList<TradeFailure> First) Missing(RunContext context, SheetValuation valuation, int book)
    {
        var (count, first) = (valuation.Coverage.Failed, (IReadOnlyList<TradeFailure>)valuation.Coverage.Failures);
        foreach (var leg in context.Legs)
        {
            if (leg.Books[book].TradesMissing > count)
                (count, first) = (leg.Books[book].TradesMissing, leg.Books[book].Missing);
        }

        return (count, first);
    }
}
