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
    /// <param name="rank">Where there is no threshold, the loss at this rank is one; as large as the depth: none is.</param>
    /// <param name="threshold">Losses below it are left out; −∞ for none.</param>
    /// <param name="companions">P&amp;L vectors of the parts, each of the block's length.</param>
    public static BlockTail Select(ReadOnlySpan<double> pnl, int first, int depth, int rank, double threshold, ReadOnlySpan<ReadOnlyMemory<double>> companions)
    {
        var count = pnl.Length;
        var numbers = ArrayPool<double>.Shared.Rent(2 * count);
        var positions = ArrayPool<int>.Shared.Rent(count);
        try
        {
            var losses = numbers.AsSpan(0, count);
            var scenarios = positions.AsSpan(0, count);
            var kept = 0;
            for (var s = 0; s < count; s++)
            {
                var loss = 0.0 - pnl[s];
                if (!double.IsFinite(loss))
                    return BlockTail.Failed(first + s);

                // Written always and counted if it stays: no branch to guess wrong.
                losses[kept] = loss;
                scenarios[kept] = first + s;
                kept += loss >= threshold ? 1 : 0;
            }

            if (rank < Math.Min(depth, kept) && double.IsNegativeInfinity(threshold))
            {
                losses.CopyTo(numbers.AsSpan(count));
                threshold = Selection.Largest(numbers.AsSpan(count, count), rank);
                kept = Reaching(threshold, losses, scenarios);
            }

            if (kept > depth)
                kept = Cut(losses[..kept], scenarios, depth, numbers.AsSpan(count, kept));
            var scenariosKept = scenarios[..kept].ToArray();
            return new BlockTail(scenariosKept, losses[..kept].ToArray(), Companions(scenariosKept, first, companions), threshold);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(numbers);
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    private static int Reaching(double threshold, Span<double> losses, Span<int> scenarios)
    {
        var kept = 0;
        for (var i = 0; i < losses.Length; i++)
        {
            (losses[kept], scenarios[kept]) = (losses[i], scenarios[i]);
            kept += losses[i] >= threshold ? 1 : 0;
        }

        return kept;
    }

    private static int Cut(Span<double> losses, Span<int> scenarios, int depth, Span<double> scratch)
    {
        losses.CopyTo(scratch);
        var cut = Selection.Largest(scratch, depth);
        var reached = 0;
        foreach (var loss in losses)
            reached += loss >= cut ? 1 : 0;
        var skippedTies = reached - depth;
        var kept = 0;
        for (var i = 0; i < losses.Length; i++)
        {
            if (losses[i] < cut || (losses[i] == cut && skippedTies-- > 0))
                continue;
            losses[kept] = losses[i];
            scenarios[kept++] = scenarios[i];
        }

        return kept;
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
