using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

/// <summary>Small hierarchies and made-up book vectors.</summary>
internal static class RunSamples
{
    /// <summary>Firm with a desk A of <paramref name="books"/> books, a desk B with a sub-desk of two books, and an empty desk.</summary>
    public static Hierarchy Hierarchy(int books = 4)
    {
        static HierarchyNode Node(string id, NodeKind kind, string name, string? parent) =>
            new(NodeId.Parse(id), kind, name, parent is null ? null : NodeId.Parse(parent));
        return new Hierarchy(
        [
            Node("FIRM", NodeKind.Desk, string.Empty, null),
            Node("ZD", NodeKind.Desk, "A", "FIRM"),
            Node("BD", NodeKind.Desk, "B", "FIRM"),
            Node("BSUB", NodeKind.Desk, "SUB", "BD"),
            Node("B1", NodeKind.Book, "ONE", "BSUB"),
            Node("B2", NodeKind.Book, "TWO", "BSUB"),
            Node("NONE", NodeKind.Desk, "C", "FIRM"),
            .. Enumerable.Range(0, books).Select(i => Node($"X{books - i:D3}", NodeKind.Book, $"N{i:D3}", "ZD")),
        ]);
    }

    public static RunTree Tree(int books = 4, string scope = "/", bool without = true) => RunTree.Of(Hierarchy(books), scope, without);

    /// <summary>[book][mask][scenario]: numbers with a common part, and with many ties when <paramref name="rounded"/>.</summary>
    public static double[][][] Pnl(RunTree tree, int masks, int scenarios, int seed, bool rounded = false)
    {
        var random = new Random(seed);
        double Draw()
        {
            var value = 100 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
            return rounded ? Math.Round(value / 20) * 20 : value;
        }

        var common = Enumerable.Range(0, scenarios).Select(_ => Draw()).ToArray();
        return Enumerable.Range(0, tree.Books.Length).Select(_ => Enumerable.Range(0, masks).Select(_ =>
            common.Select(c => c + Draw()).ToArray()).ToArray()).ToArray();
    }

    /// <summary>One block, computed on the calling thread.</summary>
    public static BlockTails Block(TailPlan plan, double[][][] pnl, int first, int count, ReadOnlySpan<double> thresholds = default, bool isSampled = false)
    {
        using var reduction = new BlockReduction(plan, first, count, thresholds, isSampled);
        for (var book = 0; book < pnl.Length; book++)
        {
            for (var mask = 0; mask < plan.Masks; mask++)
                pnl[book][mask].AsSpan(first, count).CopyTo(reduction.BookPnl(book, mask));
        }

        return reduction.Reduce();
    }

    /// <summary>All blocks of one size, merged in order.</summary>
    public static RunTails Tails(TailPlan plan, double[][][] pnl, int blockSize = 512)
    {
        var accumulator = new TailAccumulator(plan);
        for (var first = 0; first < plan.Scenarios; first += blockSize)
            Assert.True(accumulator.Add(Block(plan, pnl, first, Math.Min(blockSize, plan.Scenarios - first))));
        return accumulator.Finish();
    }

    /// <summary>A node's vector added up as live desks do: children in name order from zero.</summary>
    public static double[] Vector(RunTree tree, double[][][] pnl, int node, int mask = 0, int without = -1)
    {
        var n = tree.Nodes[node];
        if (n.Book >= 0)
            return pnl[n.Book][mask];
        var sum = new double[pnl[0][0].Length];
        foreach (var child in n.Children.Where(c => c != without))
        {
            var addend = Vector(tree, pnl, child, mask);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += addend[i];
        }

        return sum;
    }

    /// <summary>Every bit of every tail.</summary>
    public static List<long> Bits(RunTails tails)
    {
        var bits = new List<long>();
        for (var v = 0; v < tails.Plan.Vectors; v++)
        {
            var tail = tails[v];
            bits.Add(tail.FailedScenario);
            for (var i = 0; i < tail.Losses.Length; i++)
            {
                bits.Add(tail.Scenarios[i]);
                bits.Add(BitConverter.DoubleToInt64Bits(tail.Losses[i]));
                foreach (var companion in tail.Companions(i))
                    bits.Add(BitConverter.DoubleToInt64Bits(companion));
            }
        }

        return bits;
    }

    public static ImmutableArray<string> Classes(int count) => [.. new[] { "spot", "volatility", "rates", "fx" }.Take(count)];
}
