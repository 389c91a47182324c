using Google.Protobuf;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Desks;

/// <inheritdoc cref="IDeskGrain"/>
public sealed partial class DeskGrain(SiloServices silo) : Grain, IDeskGrain
{
    /// <summary>How often a desk tells its children that it is alive.</summary>
    public static readonly TimeSpan PingPeriod = TimeSpan.FromSeconds(1);

    /// <summary>A child that has not reported for so long is late.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<NodeId, Child> _children = [];
    private NodeId _desk;
    private HierarchyVersion _hierarchy = null!;
    private IDisposable? _subscription;
    private NodeVersions _versions;
    private long _vectorVersion;
    private NodeReport _report = new();
    private bool _combinePending;
    private bool _vectorsChanged;
    private int _lateLogged;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _desk = NodeId.Parse(Context.Key);
        _versions = new NodeVersions(silo.Starts, Context.Time);
        _subscription = silo.Hierarchy.Subscribe(next => Context.Post(() => HierarchyChanged(next)));
        await HierarchyChanged(await silo.Hierarchy.CurrentAsync());
        Combine();
        Context.RegisterTimer(PingChildrenAsync, PingPeriod, PingPeriod);
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<NodeReport> GetReport() => Task.FromResult(_report);

    /// <inheritdoc/>
    public async Task Ping(ParentPing ping)
    {
        silo.Newest.Put(_report.Rollup);
        if (ping.Desk.Length > 0)
            await Context.Grains.Get<IDeskGrain>(ping.Desk).ChildReported(ForParent(ping.KnownVectorVersion));
    }

    /// <inheritdoc/>
    public Task ChildReported(NodeReport report)
    {
        if (Take(report))
            CombineSoon();
        return Task.CompletedTask;
    }

    private Rollup Outline(HierarchyVersion hierarchy, long version) => new()
    {
        NodeId = _desk.Value,
        Path = hierarchy.Hierarchy.Nodes.ContainsKey(_desk) ? hierarchy.Hierarchy.PathOf(_desk) : string.Empty,
        Kind = NodeKinds.Desk,
        Version = version,
        ReportingCurrency = silo.Options.Reporting.Code,
        HierarchyVersion = hierarchy.Version,
        KernelVersion = Tails.Versions,
    };

    private INodeGrain Reference(HierarchyNode node) =>
        node.Kind == NodeKind.Book ? Context.Grains.Get<IBookGrain>(node.Id.Value) : Context.Grains.Get<IDeskGrain>(node.Id.Value);

    private async Task HierarchyChanged(HierarchyVersion next)
    {
        if (_hierarchy is not null && next.Version <= _hierarchy.Version)
            return;
        _hierarchy = next;
        var children = next.Hierarchy.Children(_desk);
        foreach (var gone in _children.Keys.Except(children.Select(c => c.Id)).ToList())
            _children.Remove(gone);
        foreach (var node in children)
        {
            if (!_children.TryAdd(node.Id, new Child(node, Context.Time.GetTimestamp())))
                _children[node.Id].Node = node;
        }

        _vectorsChanged = true;
        CombineSoon();
        await PingChildrenAsync();
    }

    private async Task PingChildrenAsync()
    {
        foreach (var child in _children.Values)
        {
            try
            {
                await Reference(child.Node).Ping(new ParentPing
                {
                    Desk = _desk.Value,
                    KnownVersion = child.Report?.Rollup.Version ?? 0,
                    KnownVectorVersion = child.Report is { Pnl.IsEmpty: false } report ? report.VectorVersion : 0,
                });
            }
            catch (GridException)
            {
                // Too busy to hear it: the next sign of life comes in a second, and a child that stays silent is named as late.
            }
        }

        var late = Late().Count;
        if (late != _lateLogged)
            CombineSoon();
    }

    private List<Child> Late() =>
        _children.Values.Where(c => c.Report is null || Context.Time.GetElapsedTime(c.LastHeard) > LateAfter).ToList();

    // Whatever reports are already queued are taken in before the sum is made: the queue conflates.
    private void CombineSoon()
    {
        if (_combinePending)
            return;
        _combinePending = true;
        Context.Post(() =>
        {
            if (_combinePending)
                Combine();
            return Task.CompletedTask;
        });
    }

    private void Combine()
    {
        _combinePending = false;
        var inNameOrder = _hierarchy.Hierarchy.Children(_desk);
        var reports = inNameOrder.Select(n => _children[n.Id].Report).OfType<NodeReport>().ToList();
        var rollup = Outline(_hierarchy, _versions.Next());
        RollupSum.Add(rollup, reports);
        if (inNameOrder.IsEmpty)
            rollup.AsOf = silo.Board.Point;
        AddLate(rollup.Coverage);
        var pnl = _report.Pnl;
        if (_vectorsChanged)
        {
            pnl = RollupSum.AddVectors(rollup, reports);
            _vectorVersion = pnl.IsEmpty ? 0 : rollup.Version;
            _vectorsChanged = false;
        }
        else if (_report.Rollup?.Tail is { } tail)
        {
            rollup.Tail = tail.Clone();
            rollup.Tail.AsOf = RollupSum.TailAsOf(reports);
        }

        var withVector = _vectorVersion != _report.VectorVersion;
        _report = new NodeReport { Rollup = rollup, VectorVersion = _vectorVersion, Pnl = pnl };
        if (_hierarchy.Hierarchy.Nodes.TryGetValue(_desk, out var node) && node.Parent is { } parent)
            _ = SendAsync(parent.Value, withVector ? _report : ForParent(_vectorVersion));
        _ = Context.PublishAsync(RollupBoard.Topic, rollup).AsTask();
        silo.Newest.Put(rollup);
    }

    private void AddLate(Coverage coverage)
    {
        var late = Late();
        foreach (var path in late.Where(c => _hierarchy.Hierarchy.Nodes.ContainsKey(c.Node.Id)).Select(c => _hierarchy.Hierarchy.PathOf(c.Node.Id)).Order(StringComparer.Ordinal))
            coverage.LateChildren.Add(path);
        if (late.Count > 0 && _lateLogged == 0 && late.Exists(c => Context.Time.GetElapsedTime(c.LastHeard) > LateAfter))
            silo.Log.ChildrenLate(_desk.Value, late.Count, late[0].Node.Id.Value);
        _lateLogged = late.Count;
    }

    private NodeReport ForParent(long knownVectorVersion) =>
        knownVectorVersion != _vectorVersion
            ? _report
            : new NodeReport { Rollup = _report.Rollup, VectorVersion = _vectorVersion, Pnl = ByteString.Empty };

    private async Task SendAsync(string parent, NodeReport report)
    {
        try
        {
            await Context.Grains.Get<IDeskGrain>(parent).ChildReported(report).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The parent's next sign of life heals it.
            silo.Log.PassFailed(_desk.Value, "reporting to the desk above", e);
        }
    }

    private sealed class Child(HierarchyNode node, long lastHeard)
    {
        public HierarchyNode Node { get; set; } = node;

        public NodeReport? Report { get; set; }

        public long LastHeard { get; set; } = lastHeard;
    }
}
