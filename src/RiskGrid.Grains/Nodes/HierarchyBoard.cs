using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Nodes;

/// <summary>A silo's view of the tree: the newest version that it has heard of. Thread-safe.</summary>
public sealed class HierarchyBoard
{
    private readonly Lock _lock = new();
    private readonly Func<Task<GetHierarchyResponse>> _fetch;
    private Action<HierarchyVersion>? _changed;
    private HierarchyVersion? _current;

    /// <summary>Creates an empty view.</summary>
    /// <param name="fetch">Asks the hierarchy grain for the newest version.</param>
    public HierarchyBoard(Func<Task<GetHierarchyResponse>> fetch) => _fetch = fetch;

    /// <summary>The newest version; fetched when none is known yet.</summary>
    public async Task<HierarchyVersion> CurrentAsync()
    {
        lock (_lock)
        {
            if (_current is not null)
                return _current;
        }

        Apply(await _fetch().ConfigureAwait(false));
        lock (_lock)
            return _current!;
    }

    /// <summary>The newest version, fetched when the one known is older than asked for.</summary>
    public async Task<HierarchyVersion> AtLeastAsync(long version)
    {
        var current = await CurrentAsync().ConfigureAwait(false);
        return current.Version >= version ? current : await RefreshAsync().ConfigureAwait(false);
    }

    /// <summary>The newest version, asked for anew.</summary>
    public async Task<HierarchyVersion> RefreshAsync()
    {
        Apply(await _fetch().ConfigureAwait(false));
        return await CurrentAsync().ConfigureAwait(false);
    }

    /// <summary>Takes in a published version; older ones are ignored.</summary>
    public void Apply(GetHierarchyResponse published)
    {
        HierarchyVersion next;
        Action<HierarchyVersion>? changed;
        lock (_lock)
        {
            if (_current is not null && published.Version <= _current.Version)
                return;
            next = new HierarchyVersion(published.Version, FromWire(published.Nodes));
            _current = next;
            changed = _changed;
        }

        changed?.Invoke(next);
    }

    /// <summary>Calls <paramref name="onChange"/> with every newer version from now on, until disposed. The call must not block.</summary>
    public IDisposable Subscribe(Action<HierarchyVersion> onChange)
    {
        lock (_lock)
            _changed += onChange;
        return new Subscription(this, onChange);
    }

    /// <summary>The model's hierarchy from wire nodes.</summary>
    /// <exception cref="ValidationException">The nodes do not make a tree.</exception>
    public static Hierarchy FromWire(IEnumerable<Protocol.V1.HierarchyNode> nodes) => new(nodes.Select(FromWire));

    /// <summary>The wire form of a version, a parent before its children.</summary>
    public static GetHierarchyResponse ToWire(long version, Hierarchy hierarchy)
    {
        var response = new GetHierarchyResponse { Version = version };
        foreach (var node in hierarchy.TopDown())
        {
            response.Nodes.Add(new Protocol.V1.HierarchyNode
            {
                Id = node.Id.Value,
                Kind = node.Kind == NodeKind.Book ? NodeKinds.Book : NodeKinds.Desk,
                Name = node.Name,
                Parent = node.Parent?.Value ?? string.Empty,
                Path = hierarchy.PathOf(node.Id),
            });
        }

        return response;
    }

    private static HierarchyNode FromWire(Protocol.V1.HierarchyNode node) => new(
        NodeId.Parse(node.Id, "id"),
        node.Kind switch
        {
            NodeKinds.Book => NodeKind.Book,
            NodeKinds.Desk => NodeKind.Desk,
            _ => throw new ValidationException("kind", $"node {node.Id} is a '{node.Kind}', not a '{NodeKinds.Book}' or a '{NodeKinds.Desk}'"),
        },
        node.Name,
        node.Parent.Length == 0 ? null : NodeId.Parse(node.Parent, "parent"));

    private sealed class Subscription(HierarchyBoard board, Action<HierarchyVersion> onChange) : IDisposable
    {
        public void Dispose()
        {
            lock (board._lock)
                board._changed -= onChange;
        }
    }
}

/// <summary>A hierarchy and its version in the ledger.</summary>
public sealed record HierarchyVersion(long Version, Hierarchy Hierarchy);

/// <summary>The node kinds as wire messages spell them.</summary>
public static class NodeKinds
{
    /// <summary>A leaf.</summary>
    public const string Book = "book";

    /// <summary>An inner node.</summary>
    public const string Desk = "desk";
}
