using System.Buffers;

namespace RiskGrid.Risk.Runs;

/// <summary>Cuts the tail out of one vector of a block.</summary>
internal static class TailSelector
{
    /// <summary>The at most <paramref name="depth"/> largest losses that are not below the threshold; of equal ones those of the
    /// higher scenarios.</summary>
    /// <param name="pnl">The block's P&amp;L.</param>
    /// <param name="first">Number of the block's first scenario.</param>
    /// <param name="depth">How many losses to keep.</param>
    /// <param name="threshold">Losses below it are known not to matter; −∞ when nothing is known.</param>
    /// <param name="companions">P&amp;L vectors of the parts, each of the block's length.</param>
    public static BlockTail Select(ReadOnlySpan<double> pnl, int first, int depth, double threshold, ReadOnlySpan<ReadOnlyMemory<double>> companions)
    {
        var candidates = 0;
        for (var s = 0; s < pnl.Length; s++)
        {
            if (!double.IsFinite(pnl[s]))
                return BlockTail.Failed(first + s);
            if (0.0 - pnl[s] >= threshold)
                candidates++;
        }

        var cut = threshold;
        var skippedTies = 0;
        var kept = candidates;
        if (candidates > depth)
        {
            (cut, skippedTies) = Cut(pnl, candidates, depth, threshold);
            kept = depth;
        }

        var scenarios = new int[kept];
        var losses = new double[kept];
        var at = 0;
        for (var s = 0; s < pnl.Length; s++)
        {
            var loss = 0.0 - pnl[s];
            if (loss < cut || (loss == cut && skippedTies-- > 0))
                continue;
            scenarios[at] = first + s;
            losses[at++] = loss;
        }

        return new BlockTail(scenarios, losses, Companions(scenarios, first, companions), failedScenario: -1);
    }

    // The loss at the given depth, and how many of those equal to it no longer belong to the tail.
    private static (double Cut, int SkippedTies) Cut(ReadOnlySpan<double> pnl, int candidates, int depth, double threshold)
    {
        var rented = ArrayPool<double>.Shared.Rent(candidates);
        try
        {
            var losses = rented.AsSpan(0, candidates);
            var at = 0;
            foreach (var value in pnl)
            {
                var loss = 0.0 - value;
                if (loss >= threshold)
                    losses[at++] = loss;
            }

            var cut = Selection.Largest(losses, depth);
            var reached = 0;
            foreach (var loss in losses)
            {
                if (loss >= cut)
                    reached++;
            }

            return (cut, reached - depth);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    private static double[] Companions(int[] scenarios, int first, ReadOnlySpan<ReadOnlyMemory<double>> companions)
    {
        if (companions.IsEmpty)
            return [];
        var rows = new double[scenarios.Length * companions.Length];
        for (var c = 0; c < companions.Length; c++)
        {
            var vector = companions[c].Span;
            for (var i = 0; i < scenarios.Length; i++)
            {
                var loss = 0.0 - vector[scenarios[i] - first];

                // The sign of a computed NaN differs between processors.
                rows[(i * companions.Length) + c] = double.IsNaN(loss) ? double.NaN : loss;
            }
        }

        return rows;
    }
}
