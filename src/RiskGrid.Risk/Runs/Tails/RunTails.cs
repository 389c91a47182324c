using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace RiskGrid.Risk.Runs;

/// <summary>The largest losses of one vector over all scenarios of a leg. Immutable.</summary>
public sealed class Tail
{
    private readonly int[] _scenarios;
    private readonly double[] _losses;
    private readonly double[] _companions;
    private readonly int _stride;

    internal Tail(int scenarioCount, int[] scenarios, double[] losses, double[] companions, int stride, int failedScenario)
    {
        ScenarioCount = scenarioCount;
        _scenarios = scenarios;
        _losses = losses;
        _companions = companions;
        _stride = stride;
        FailedScenario = failedScenario;
    }

    /// <summary>N, the scenarios of the leg.</summary>
    public int ScenarioCount { get; }

    /// <summary>Position of <see cref="Losses"/>[0] among all N losses in ascending order.</summary>
    public int FirstRank => ScenarioCount - _losses.Length;

    /// <summary>The largest losses in ascending order; equal ones in the order of their scenarios.</summary>
    public ReadOnlySpan<double> Losses => _losses;

    /// <summary>The scenario of each of them.</summary>
    public ReadOnlySpan<int> Scenarios => _scenarios;

    /// <summary>The lowest scenario whose P&amp;L is not a finite number; −1 when there is none. Such a vector has no order and no losses.</summary>
    public int FailedScenario { get; }

    /// <summary>Why the vector has no measures; null when it has.</summary>
    public string? Failure => FailedScenario < 0
        ? null
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"its P&L in scenario {FailedScenario} is beyond the range of double precision");

    /// <summary>The losses of the parts in the scenario of one entry: children, then classes; none where vectors are whole.</summary>
    internal ReadOnlySpan<double> Companions(int entry) => _companions.AsSpan(entry * _stride, _stride);

    internal static Tail Failed(int scenarioCount, int scenario) => new(scenarioCount, [], [], [], 0, scenario);
}

/// <summary>The tails of every vector of a leg. Immutable, thread-safe.</summary>
public sealed class RunTails
{
    private readonly Tail[] _tails;
    private readonly double[]?[] _pnl;

    internal RunTails(TailPlan plan, Tail[] tails)
    {
        Plan = plan;
        _tails = tails;
        _pnl = new double[plan.IsWhole ? tails.Length : 0][];
    }

    /// <summary>What was kept.</summary>
    public TailPlan Plan { get; }

    /// <summary>The tail of one vector.</summary>
    /// <param name="vector">By <see cref="TailPlan.VectorOf"/> or <see cref="TailPlan.VectorWithout"/>.</param>
    public Tail this[int vector] => _tails[vector];

    /// <summary>A node's whole P&amp;L vector in scenario order; null where only tails were kept, or where the vector failed.</summary>
    /// <param name="node">Index of the node.</param>
    /// <param name="mask">0 for the whole move, 1 + c for class c alone.</param>
    public ImmutableArray<double>? Pnl(int node, int mask = 0) =>
        Whole(Plan.VectorOf(node, mask)) is { } pnl ? ImmutableCollectionsMarshal.AsImmutableArray(pnl) : null;

    /// <summary>The whole P&amp;L vector of a node without one of its children; null as for <see cref="Pnl"/>.</summary>
    /// <param name="without">Position in <see cref="RunTree.Without"/>.</param>
    public ImmutableArray<double>? PnlWithout(int without) =>
        Whole(Plan.VectorWithout(without)) is { } pnl ? ImmutableCollectionsMarshal.AsImmutableArray(pnl) : null;

    /// <summary>What one part of a node loses in the scenarios of the node's tail, entry by entry.</summary>
    /// <param name="node">Index of the node.</param>
    /// <param name="part">Children in order, then classes in order.</param>
    /// <returns>Null when the part's own vector failed.</returns>
    internal double[]? PartLosses(int node, int part)
    {
        var children = Plan.Tree.Nodes[node].Children;
        var vector = part < children.Length ? Plan.VectorOf(children[part]) : Plan.VectorOf(node, 1 + part - children.Length);
        if (_tails[vector].FailedScenario >= 0)
            return null;
        var tail = _tails[Plan.VectorOf(node)];
        var losses = new double[tail.Losses.Length];
        var whole = Whole(vector);
        for (var i = 0; i < losses.Length; i++)
            losses[i] = whole is null ? tail.Companions(i)[part] : 0.0 - whole[tail.Scenarios[i]];
        return losses;
    }

    // Made when first asked for; two threads that make one at once make the same.
    private double[]? Whole(int vector)
    {
        if (!Plan.IsWhole || _tails[vector].FailedScenario >= 0)
            return null;
        if (_pnl[vector] is { } known)
            return known;
        var tail = _tails[vector];
        var pnl = new double[tail.ScenarioCount];
        for (var i = 0; i < pnl.Length; i++)
            pnl[tail.Scenarios[i]] = 0.0 - tail.Losses[i];
        return _pnl[vector] = pnl;
    }
}
