using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Nodes;

/// <summary>A silo's view of the tree: the newest version that it has heard of. Thread-safe.</summary>
public sealed class HierarchyBoard
{
    private readonly Lock _lock = new();
    private const int Attempts = 3;

    private readonly Func<long, Task<GetHierarchyResponse>> _fetch;
    private Action<HierarchyVersion>? _changed;
    private HierarchyVersion? _current;

    // The first version, on its way: whoever needs it waits for the same reply.
    private Task? _first;

    /// <summary>Creates an empty view.</summary>
    /// <param name="fetch">Asks the hierarchy grain for the newest version unless it is the one named; within a time limit.</param>
    public HierarchyBoard(Func<long, Task<GetHierarchyResponse>> fetch) => _fetch = fetch;

    /// <summary>The newest version; fetched when none is known yet.</summary>
    /// <exception cref="GridException">None is known, and the hierarchy grain does not answer.</exception>
    public async Task<HierarchyVersion> CurrentAsync()
    {
        Task first;
        lock (_lock)
        {
            if (_current is not null)
                return _current;
            first = _first is { IsFaulted: false } under ? under : _first = FetchFirstAsync();
        }

        await first.ConfigureAwait(false);
        lock (_lock)
            return _current!;
    }

    // A reply may be lost with the silo that owed it, or come late from one that stands still.
    private async Task FetchFirstAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Apply(await _fetch(0).ConfigureAwait(false));
                return;
            }
            catch (GridException e) when (Troubles.IsPassing(e) && attempt < Attempts)
            {
                // Asked again at once: its limit has passed, or the engine keeps its own pace.
            }
        }
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
        await RefreshIfNewerAsync().ConfigureAwait(false);
        return await CurrentAsync().ConfigureAwait(false);
    }

    /// <summary>Asks whether there is a newer version, and takes it in: what was published may be lost.</summary>
    public async Task RefreshIfNewerAsync()
    {
        long known;
        lock (_lock)
            known = _current?.Version ?? 0;
        var newest = await _fetch(known).ConfigureAwait(false);
        if (newest.Nodes.Count > 0)
            Apply(newest);
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
