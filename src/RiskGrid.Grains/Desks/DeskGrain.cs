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
    private NodeReporter _reporter = null!;
    private long _vectorVersion;
    private NodeReport _report = new();
    private bool _combinePending;
    private bool _vectorsChanged;
    private int _lateLogged;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _desk = NodeId.Parse(Context.Key);
        _reporter = new NodeReporter(silo, Context, _desk.Value);
        await silo.Hierarchy.CurrentAsync();
        _versions = new NodeVersions(await silo.Ledger.AskAsync(l => l.TakeEpochAsync(_desk, cancellationToken)));

        // Nothing can fail from here on: an activation that failed would leave its subscription behind.
        _subscription = silo.Hierarchy.Subscribe(next => Context.Post(() => HierarchyChanged(next)));
        await HierarchyChanged(await silo.Hierarchy.CurrentAsync());
        Combine();
        Context.RegisterTimer(PingChildren, PingPeriod, PingPeriod);
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
    public Task<Rollup> GetRollup(RollupKnown known) => Task.FromResult(RollupBoard.IfNewer(_report.Rollup, known));

    /// <inheritdoc/>
    public Task Ping(ParentPing ping)
    {
        silo.Newest.Put(_report.Rollup);
        if (ping.Desk.Length > 0)
            _reporter.Answer(_report, ping.Desk, ping.KnownVectorVersion);
        return Task.CompletedTask;
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

    private static INodeGrain Reference(HierarchyNode node, IGrains grains) =>
        node.Kind == NodeKind.Book ? grains.Get<IBookGrain>(node.Id.Value) : grains.Get<IDeskGrain>(node.Id.Value);

    private Task HierarchyChanged(HierarchyVersion next)
    {
        if (_hierarchy is not null && next.Version <= _hierarchy.Version)
            return Task.CompletedTask;
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
        return PingChildren();
    }

    // A turn does not wait until every child has been told: a slow engine delays no report.
    private Task PingChildren()
    {
        foreach (var child in _children.Values)
        {
            if (child.Pinging.IsCompleted)
                child.Pinging = PingAsync(child);
        }

        var late = Late().Count;
        if (late != _lateLogged)
            CombineSoon();
        return Task.CompletedTask;
    }

    private async Task PingAsync(Child child)
    {
        try
        {
            await Reference(child.Node, Context.Grains).Ping(new ParentPing
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

        _report = new NodeReport { Rollup = rollup, VectorVersion = _vectorVersion, Pnl = pnl };
        _reporter.Changed(_report, _hierarchy.Hierarchy.Nodes.GetValueOrDefault(_desk)?.Parent?.Value);
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

    private sealed class Child(HierarchyNode node, long lastHeard)
    {
        public HierarchyNode Node { get; set; } = node;

        public NodeReport? Report { get; set; }

        public long LastHeard { get; set; } = lastHeard;

        /// <summary>The sign of life that is on its way to it.</summary>
        public Task Pinging { get; set; } = Task.CompletedTask;
    }
}
