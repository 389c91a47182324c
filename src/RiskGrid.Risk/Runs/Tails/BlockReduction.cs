using System.Buffers;

namespace RiskGrid.Risk.Runs;

/// <summary>Turns the books' P&amp;L of one block of scenarios into every node's vector and keeps the tail of each.</summary>
/// <remarks>
/// <para>A desk is ((0 + v₀) + v₁) + …, its children in name order, scenario by scenario: the bits of a live desk. A desk without a
/// child adds the others in that order: the bits of a run without that child.</para>
/// <para>Use: fill <see cref="BookPnl"/>; then <see cref="Sum"/> for all slices, in any order and on any threads; when all are done,
/// <see cref="Select"/> for all of its slices likewise; then <see cref="Result"/>. No slice writes where another does, so a slice that
/// runs twice does no harm. Rents its memory: dispose it.</para>
/// </remarks>
public sealed class BlockReduction : IDisposable
{
    // 512 scenarios of 400 vectors are 1.6 MB: about a core's own cache, and well below 2 ms.
    private const int ScenariosPerSlice = 512;

    // Additions and comparisons of doubles: about 1 ms.
    private const int WorkPerSlice = 1 << 20;

    // Reading a vector, counting and selecting cost about this many additions each.
    private const int SelectionWork = 8;

    private readonly TailPlan _plan;
    private readonly double[] _thresholds;

    // No more than so many losses of a vector are needed, and some that are equal.
    private readonly int _rank;
    private readonly BlockTail[] _tails;
    private readonly List<(int From, int To)> _selections = [];
    private double[] _pnl;

    /// <summary>Prepares a block; all books start at zero.</summary>
    /// <param name="plan">What to keep.</param>
    /// <param name="first">The block's first scenario.</param>
    /// <param name="count">How many scenarios it has.</param>
    /// <param name="thresholds">Per vector the loss below which none is kept, from <see cref="TailAccumulator.Thresholds"/>. Empty: all are.</param>
    /// <param name="isSampled">The scenarios are drawn independently of their numbers (<see cref="ScenarioSet.IsSampled"/>): where there is no threshold
    /// yet, the block itself tells what the tail of all will most likely not reach down to.</param>
    /// <exception cref="ArgumentException">The block is not within the plan's scenarios, or there is not one threshold per vector.</exception>
    public BlockReduction(TailPlan plan, int first, int count, ReadOnlySpan<double> thresholds, bool isSampled = false)
    {
        if (first < 0 || count < 1 || first > plan.Scenarios - count)
            throw new ArgumentException($"scenarios {first} to {(long)first + count - 1} are not a block of {plan.Scenarios}", nameof(first));
        if (thresholds.Length != 0 && thresholds.Length != plan.Vectors)
            throw new ArgumentException($"{plan.Vectors} thresholds are needed, one per vector; {thresholds.Length} were given", nameof(thresholds));
        _plan = plan;
        First = first;
        Count = count;
        _thresholds = thresholds.ToArray();
        _rank = isSampled && !plan.IsWhole ? Math.Min(plan.Depth, plan.RankBeyondTail(count)) : plan.Depth;
        _tails = new BlockTail[plan.Vectors];
        _pnl = ArrayPool<double>.Shared.Rent(checked(plan.Tree.Nodes.Length * plan.Masks * count));
        foreach (var book in plan.Tree.Books)
        {
            for (var mask = 0; mask < plan.Masks; mask++)
                Pnl(plan.VectorOf(book, mask)).Clear();
        }

        PlanSelections();
    }

    /// <summary>The block's first scenario.</summary>
    public int First { get; }

    /// <summary>How many scenarios the block has.</summary>
    public int Count { get; }

    /// <summary>How many slices <see cref="Sum"/> has.</summary>
    public int SumSlices => (Count + ScenariosPerSlice - 1) / ScenariosPerSlice;

    /// <summary>How many slices <see cref="Select"/> has.</summary>
    public int SelectSlices => _selections.Count;

    /// <summary>Where a book's P&amp;L goes, one element per scenario of the block; zero at first.</summary>
    /// <param name="book">Position in <see cref="RunTree.Books"/>.</param>
    /// <param name="mask">0 for the whole move, 1 + c for class c alone.</param>
    public Span<double> BookPnl(int book, int mask) => Pnl(_plan.VectorOf(_plan.Tree.Books[book], mask));

    /// <summary>A node's vector of the block; valid after <see cref="Sum"/> and until disposal.</summary>
    /// <param name="node">Index of the node.</param>
    /// <param name="mask">0 for the whole move, 1 + c for class c alone.</param>
    public ReadOnlySpan<double> NodePnl(int node, int mask) => Pnl(_plan.VectorOf(node, mask));

    /// <summary>Adds up the desks for one range of scenarios.</summary>
    /// <param name="slice">0 to <see cref="SumSlices"/> − 1.</param>
    public void Sum(int slice)
    {
        var from = slice * ScenariosPerSlice;
        var count = Math.Min(ScenariosPerSlice, Count - from);
        var nodes = _plan.Tree.Nodes;

        // Added up aside and copied: two threads at the same slice write the same bits.
        Span<double> sum = stackalloc double[ScenariosPerSlice];
        sum = sum[..count];
        for (var mask = 0; mask < _plan.Masks; mask++)
        {
            for (var n = nodes.Length - 1; n >= 0; n--)
            {
                if (nodes[n].Book >= 0)
                    continue;
                sum.Clear();
                foreach (var child in nodes[n].Children)
                    Add(sum, Pnl(_plan.VectorOf(child, mask)).Slice(from, count));
                sum.CopyTo(Pnl(_plan.VectorOf(n, mask)).Slice(from, count));
            }
        }
    }

    /// <summary>Keeps the tails of some vectors; only after all of <see cref="Sum"/>.</summary>
    /// <param name="slice">0 to <see cref="SelectSlices"/> − 1.</param>
    public void Select(int slice)
    {
        var (from, to) = _selections[slice];
        var stored = _plan.VectorWithout(0);
        for (var vector = from; vector < Math.Min(to, stored); vector++)
            _tails[vector] = Tail(vector, Pnl(vector), Companions(vector));
        if (to > stored)
            SelectWithout(Math.Max(from, stored) - stored, to - stored);
    }

    /// <summary>All slices of both steps on the calling thread.</summary>
    /// <returns>The block's tails.</returns>
    public BlockTails Reduce()
    {
        for (var slice = 0; slice < SumSlices; slice++)
            Sum(slice);
        for (var slice = 0; slice < SelectSlices; slice++)
            Select(slice);
        return Result();
    }

    /// <summary>The block's tails, once every slice of <see cref="Select"/> is done.</summary>
    public BlockTails Result() => new(_plan, First, Count, [.. _tails]);

    /// <inheritdoc/>
    public void Dispose()
    {
        var rented = _pnl;
        _pnl = [];
        if (rented.Length > 0)
            ArrayPool<double>.Shared.Return(rented);
    }

    private static void Add(Span<double> sum, ReadOnlySpan<double> addend)
    {
        addend = addend[..sum.Length];
        for (var i = 0; i < sum.Length; i++)
            sum[i] += addend[i];
    }

    private Span<double> Pnl(int vector) => _pnl.AsSpan(vector * Count, Count);

    private BlockTail Tail(int vector, ReadOnlySpan<double> pnl, ReadOnlySpan<ReadOnlyMemory<double>> companions) => TailSelector.Select(
        pnl, First, _plan.Depth, _rank, _thresholds.Length == 0 ? double.NegativeInfinity : _thresholds[vector], companions);

    private ReadOnlyMemory<double>[] Companions(int vector)
    {
        if (_plan.Companions(vector) == 0)
            return [];
        var node = _plan.Tree.Nodes[vector / _plan.Masks];
        return
        [
            .. node.Children.Select(c => (ReadOnlyMemory<double>)_pnl.AsMemory(_plan.VectorOf(c) * Count, Count)),
            .. _plan.Classes.Select((_, c) => (ReadOnlyMemory<double>)_pnl.AsMemory(_plan.VectorOf(node.Index, c + 1) * Count, Count)),
        ];
    }

    // The sum before the child that is left out is carried on from one child to the next; the children after it are added anew.
    private void SelectWithout(int from, int to)
    {
        var rented = ArrayPool<double>.Shared.Rent(2 * Count);
        var before = rented.AsSpan(0, Count);
        var sum = rented.AsSpan(Count, Count);
        for (var w = from; w < to; w++)
        {
            var (node, child) = _plan.Tree.Without[w];
            var children = _plan.Tree.Nodes[node].Children;
            var position = w - _plan.Tree.Nodes[node].FirstWithout;
            if (w == from || position == 0)
            {
                before.Clear();
                for (var c = 0; c < position; c++)
                    Add(before, Pnl(_plan.VectorOf(children[c])));
            }

            before.CopyTo(sum);
            for (var c = position + 1; c < children.Length; c++)
                Add(sum, Pnl(_plan.VectorOf(children[c])));
            var vector = _plan.VectorWithout(w);
            _tails[vector] = Tail(vector, sum, []);
            Add(before, Pnl(_plan.VectorOf(child)));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private void PlanSelections()
    {
        var from = 0;
        long work = 0;
        for (var vector = 0; vector < _plan.Vectors; vector++)
        {
            var without = vector - _plan.VectorWithout(0);
            var additions = without < 0 ? _plan.Companions(vector) : _plan.Tree.Nodes[_plan.Tree.Without[without].Node].Children.Length;
            work += (long)(SelectionWork + additions) * Count;
            if (work < WorkPerSlice && vector < _plan.Vectors - 1)
                continue;
            _selections.Add((from, vector + 1));
            from = vector + 1;
            work = 0;
        }
    }
}
