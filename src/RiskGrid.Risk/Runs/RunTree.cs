using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>One node of a run's scope.</summary>
/// <param name="Index">Position in <see cref="RunTree.Nodes"/>.</param>
/// <param name="Id">The node's stable id.</param>
/// <param name="Path">The node's path in the frozen hierarchy.</param>
/// <param name="Kind">Book or desk.</param>
/// <param name="Parent">Index of the desk above; −1 for the scope itself.</param>
/// <param name="Book">Position in <see cref="RunTree.Books"/>; −1 for a desk.</param>
/// <param name="Children">Indexes of the nodes directly below, in name order: the order in which the node adds them.</param>
/// <param name="FirstWithout">Position in <see cref="RunTree.Without"/> of the node without its first child; the others follow in child
/// order. −1 when the tree has none.</param>
public sealed record RunNode(
    int Index, NodeId Id, string Path, NodeKind Kind, int Parent, int Book, ImmutableArray<int> Children, int FirstWithout);

/// <summary>A node as it would be without one of its children; what incremental risk compares with.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="Child">Index of the child that is left out.</param>
public readonly record struct NodeWithoutChild(int Node, int Child);

/// <summary>The nodes that a run computes: a scope and all below it, in one fixed order. Immutable, thread-safe.</summary>
/// <remarks>The order is that of <see cref="Hierarchy.TopDown"/>: the scope first, a parent before its children, children in ordinal
/// name order. Backwards, every child comes before its parent.</remarks>
public sealed class RunTree
{
    private RunTree(ImmutableArray<RunNode> nodes, ImmutableArray<NodeWithoutChild> without)
    {
        Nodes = nodes;
        Without = without;
        Books = [.. nodes.Where(n => n.Book >= 0).Select(n => n.Index)];
    }

    /// <summary>The nodes in order; the scope has index 0.</summary>
    public ImmutableArray<RunNode> Nodes { get; }

    /// <summary>Indexes of the books among <see cref="Nodes"/>, in that order.</summary>
    public ImmutableArray<int> Books { get; }

    /// <summary>Each desk without each of its children, in node order, then child order; empty unless asked for.</summary>
    public ImmutableArray<NodeWithoutChild> Without { get; }

    /// <summary>The node that the run is about.</summary>
    public RunNode Scope => Nodes[0];

    /// <summary>Lays out a scope.</summary>
    /// <param name="hierarchy">The frozen hierarchy.</param>
    /// <param name="scopePath">Path of the scope: <c>/</c> for the firm.</param>
    /// <param name="withoutChildren">Adds <see cref="Without"/>, for incremental risk.</param>
    /// <exception cref="ValidationException">No node has that path.</exception>
    public static RunTree Of(Hierarchy hierarchy, string scopePath, bool withoutChildren)
    {
        var scope = hierarchy.Find(scopePath)
            ?? throw new ValidationException("path", $"no node has the path '{scopePath}' in the hierarchy of the run");
        var indexes = new Dictionary<NodeId, int>();
        var order = new List<(HierarchyNode Node, int Parent)>();
        void Walk(HierarchyNode node, int parent)
        {
            var index = order.Count;
            indexes.Add(node.Id, index);
            order.Add((node, parent));
            foreach (var child in hierarchy.Children(node.Id))
                Walk(child, index);
        }

        Walk(scope, -1);
        var nodes = ImmutableArray.CreateBuilder<RunNode>(order.Count);
        var without = ImmutableArray.CreateBuilder<NodeWithoutChild>();
        var books = 0;
        foreach (var (node, parent) in order)
        {
            ImmutableArray<int> children = [.. hierarchy.Children(node.Id).Select(c => indexes[c.Id])];
            nodes.Add(new RunNode(
                nodes.Count, node.Id, hierarchy.PathOf(node.Id), node.Kind, parent, node.Kind == NodeKind.Book ? books++ : -1, children,
                withoutChildren && !children.IsEmpty ? without.Count : -1));
            if (withoutChildren)
                without.AddRange(children.Select(c => new NodeWithoutChild(nodes.Count - 1, c)));
        }

        return new RunTree(nodes.MoveToImmutable(), without.ToImmutable());
    }

    /// <summary>Adds up one number per book: each desk is the sum of its children in name order, from zero.</summary>
    /// <param name="books">One per book of <see cref="Books"/>.</param>
    /// <returns>One per node.</returns>
    /// <exception cref="ArgumentException">There is not one number per book.</exception>
    public double[] SumUp(ReadOnlySpan<double> books)
    {
        if (books.Length != Books.Length)
            throw new ArgumentException($"{Books.Length} numbers are needed, one per book; {books.Length} were given", nameof(books));
        var sums = new double[Nodes.Length];
        for (var i = sums.Length - 1; i >= 0; i--)
        {
            var node = Nodes[i];
            if (node.Book >= 0)
                sums[i] = books[node.Book];
            foreach (var child in node.Children)
                sums[i] += sums[child];
        }

        return sums;
    }
}
