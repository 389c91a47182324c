using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>The parts of one node with their losses in the scenarios of the node's tail: the same for every confidence.</summary>
internal sealed class VarParts
{
    public VarParts(RunTails tails, int node, bool withLosses)
    {
        var plan = tails.Plan;
        var children = plan.Tree.Nodes[node].Children;
        double[]? Losses(int part) => withLosses ? tails.PartLosses(node, part) : null;
        Children = withLosses || plan.Tree.Nodes[node].FirstWithout >= 0
            ? [.. children.Select((c, i) => new Part(i, c, plan.Tree.Nodes[c].Path, plan.VectorOf(c), Losses(i)))]
            : [];
        Classes = [.. plan.Classes.Select((name, c) => new Part(c, node, name, plan.VectorOf(node, c + 1), Losses(children.Length + c)))];
    }

    public ImmutableArray<Part> Children { get; }

    public ImmutableArray<Part> Classes { get; }

    /// <param name="Position">Among the children, or among the classes.</param>
    /// <param name="Node">The child; the node itself for a class.</param>
    /// <param name="Name">The child's path, or the class.</param>
    /// <param name="Vector">The part's own vector.</param>
    /// <param name="Losses">Per entry of the node's tail; null when not asked for, or when the part's own vector failed.</param>
    public readonly record struct Part(int Position, int Node, string Name, int Vector, double[]? Losses);
}
