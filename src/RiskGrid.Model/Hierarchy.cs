using System.Collections.Immutable;

namespace RiskGrid.Model;

/// <summary>Leaf or inner node.</summary>
public enum NodeKind
{
    /// <summary>A leaf: owns trades.</summary>
    Book,

    /// <summary>An inner node: owns desks and books. The root desk is the firm.</summary>
    Desk,
}

/// <summary>One node of the hierarchy.</summary>
/// <param name="Id">Stable id: the key of the node's grain.</param>
/// <param name="Kind">Book or desk.</param>
/// <param name="Name">The last segment of the path; the firm's name is empty.</param>
/// <param name="Parent">The desk above; null for the firm.</param>
public sealed record HierarchyNode(NodeId Id, NodeKind Kind, string Name, NodeId? Parent);

/// <summary>One version of the tree of desks and books. Immutable: a change makes a new version.</summary>
public sealed class Hierarchy
{
    private readonly ImmutableDictionary<NodeId, ImmutableArray<HierarchyNode>> _children;
    private readonly ImmutableDictionary<string, HierarchyNode> _byPath;
    private readonly ImmutableDictionary<NodeId, string> _paths;

    /// <summary>Creates a checked hierarchy.</summary>
    /// <exception cref="ValidationException">No or several roots, a duplicate id or path, a missing or non-desk parent, a cycle.</exception>
    public Hierarchy(IEnumerable<HierarchyNode> nodes)
    {
        var byId = ImmutableDictionary.CreateBuilder<NodeId, HierarchyNode>();
        foreach (var node in nodes)
        {
            if (!byId.TryAdd(node.Id, node))
                throw new ValidationException("id", $"two nodes have the id {node.Id}");
        }

        Nodes = byId.ToImmutable();
        var roots = Nodes.Values.Where(n => n.Parent is null).ToList();
        if (roots.Count != 1)
            throw new ValidationException("hierarchy", $"one node without a parent is needed, {roots.Count} were given");
        Root = roots[0];
        if (Root.Kind != NodeKind.Desk)
            throw new ValidationException("hierarchy", "the root must be a desk");
        if (Root.Name.Length > 0)
            throw new ValidationException("name", "the root's name must be empty: its path is /");
        foreach (var node in Nodes.Values)
        {
            if (node.Parent is not { } parent)
                continue;
            if (!Nodes.TryGetValue(parent, out var above) || above.Kind != NodeKind.Desk)
                throw new ValidationException("parent", $"{node.Id} hangs below {parent}, which is not a desk");
            if (IdentifierRule.Violation(node.Name, "node name") is { } reason)
                throw new ValidationException("name", reason);
        }

        // Children in ordinal name order: the fixed order in which every rollup adds.
        _children = Nodes.Values.Where(n => n.Parent is not null)
            .GroupBy(n => n.Parent!.Value)
            .ToImmutableDictionary(g => g.Key, g => g.OrderBy(n => n.Name, StringComparer.Ordinal).ToImmutableArray());

        var paths = ImmutableDictionary.CreateBuilder<NodeId, string>();
        var byPath = ImmutableDictionary.CreateBuilder<string, HierarchyNode>(StringComparer.Ordinal);
        void Walk(HierarchyNode node, string path)
        {
            if (byPath.ContainsKey(path))
                throw new ValidationException("name", $"two nodes have the path {path}");
            byPath[path] = node;
            paths[node.Id] = path;
            foreach (var child in Children(node.Id))
                Walk(child, path == "/" ? "/" + child.Name : path + "/" + child.Name);
        }

        Walk(Root, "/");
        if (byPath.Count != Nodes.Count)
            throw new ValidationException("parent", "the hierarchy has a cycle");
        _byPath = byPath.ToImmutable();
        _paths = paths.ToImmutable();
    }

    /// <summary>All nodes by id.</summary>
    public ImmutableDictionary<NodeId, HierarchyNode> Nodes { get; }

    /// <summary>The firm.</summary>
    public HierarchyNode Root { get; }

    /// <summary>The books and desks directly below a node, in ordinal name order.</summary>
    public ImmutableArray<HierarchyNode> Children(NodeId id) => _children.TryGetValue(id, out var children) ? children : [];

    /// <summary>The path of a node: <c>/</c> for the firm, <c>/INDEX/SPX-2026-02-20</c> for a book.</summary>
    public string PathOf(NodeId id) => _paths[id];

    /// <summary>The node at a path, or null.</summary>
    public HierarchyNode? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>All nodes, a parent before its children, children in name order.</summary>
    public IEnumerable<HierarchyNode> TopDown()
    {
        IEnumerable<HierarchyNode> Below(HierarchyNode node) => Children(node.Id).SelectMany(Below).Prepend(node);
        return Below(Root);
    }
}
