using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>The P&amp;L of one node under one stress scenario, in the reporting currency.</summary>
/// <param name="Scenario">Number of the scenario.</param>
/// <param name="Pnl">With everything moving.</param>
/// <param name="Classes">With one factor class moving at a time, then <see cref="RiskComponent.Interaction"/>, the rest: they add up to
/// <paramref name="Pnl"/>. Empty where no class was moved alone.</param>
public sealed record StressPnl(int Scenario, double Pnl, ImmutableArray<ClassPnl> Classes);

/// <summary>P&amp;L with only one factor class moving.</summary>
/// <param name="Name">The class, or <see cref="RiskComponent.Interaction"/>.</param>
/// <param name="Pnl">Null where it is beyond the range of double precision in some scenario.</param>
public sealed record ClassPnl(string Name, double? Pnl);

/// <summary>One node under all stress scenarios.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="IsEmpty">True when the node holds no trade: every number is zero.</param>
/// <param name="Failure">Why there are no numbers; null when there are.</param>
/// <param name="Scenarios">One per scenario, in their order.</param>
/// <param name="Worst">Numbers of the scenarios from the largest loss on; of equal ones the lower number first.</param>
public sealed record NodeStress(int Node, bool IsEmpty, string? Failure, ImmutableArray<StressPnl> Scenarios, ImmutableArray<int> Worst);

/// <summary>Reads stress P&amp;L off whole vectors. Pure functions, thread-safe.</summary>
public static class StressFinisher
{
    /// <summary>One node.</summary>
    /// <param name="tails">Whole vectors.</param>
    /// <param name="bases">What the nodes hold.</param>
    /// <param name="node">Index of the node.</param>
    /// <exception cref="ArgumentException">The vectors are not whole.</exception>
    public static NodeStress Node(RunTails tails, NodeBases bases, int node)
    {
        var plan = tails.Plan;
        if (!plan.IsWhole)
            throw new ArgumentException($"stress needs whole vectors, not the {plan.Depth} largest losses of {plan.Scenarios}", nameof(tails));
        var isEmpty = bases.Trades[node] == 0;
        if (tails.Pnl(node) is not { } pnl)
            return new NodeStress(node, isEmpty, tails[plan.VectorOf(node)].Failure, [], []);
        var classes = plan.Classes.Select((_, c) => tails.Pnl(node, c + 1)).ToImmutableArray();
        var scenarios = Enumerable.Range(0, pnl.Length).Select(s => new StressPnl(s, pnl[s], Classes(plan, classes, s, pnl[s]))).ToImmutableArray();
        return new NodeStress(node, isEmpty, Failure: null, scenarios, [.. Enumerable.Range(0, pnl.Length).OrderBy(s => pnl[s]).ThenBy(s => s)]);
    }

    private static ImmutableArray<ClassPnl> Classes(TailPlan plan, ImmutableArray<ImmutableArray<double>?> classes, int scenario, double pnl)
    {
        if (classes.IsEmpty)
            return [];
        var rows = ImmutableArray.CreateBuilder<ClassPnl>(classes.Length + 1);
        double? rest = pnl;
        for (var c = 0; c < classes.Length; c++)
        {
            rows.Add(new ClassPnl(plan.Classes[c], classes[c]?[scenario]));
            rest -= rows[c].Pnl;
        }

        rows.Add(new ClassPnl(RiskComponent.Interaction, rest));
        return rows.MoveToImmutable();
    }
}
