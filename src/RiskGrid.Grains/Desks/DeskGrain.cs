using Google.Protobuf;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Grains.Desks;

/// <inheritdoc cref="IDeskGrain"/>
public sealed class DeskGrain(SiloServices silo) : Grain, IDeskGrain
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
    public async Task<NodeReport> Settle(SettleRequest request, CancellationToken cancellationToken)
    {
        // Runs beside the turns: it touches the grain's state only in what it posts.
        var hierarchy = await silo.Hierarchy.AtLeastAsync(request.HierarchyVersion).ConfigureAwait(false);
        var children = hierarchy.Hierarchy.Children(_desk);
        var reports = await Task.WhenAll(children.Select(c => Reference(c).Settle(request, cancellationToken))).ConfigureAwait(false);
        var settled = new TaskCompletionSource<NodeReport>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Whatever ends the activation: the turn below is never run then, and the next activation has to answer.
        await using var ended = Context.Deactivated.UnsafeRegister(_ => settled.TrySetException(Ended()), null).ConfigureAwait(false);
        var posted = Context.Post(async () =>
        {
            await HierarchyChanged(hierarchy);
            foreach (var report in reports)
                Take(report);
            Combine();
            settled.TrySetResult(Settled(hierarchy, reports));
        });
        try
        {
            if (posted)
                return await settled.Task.WaitAsync(Context.Deactivated).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ended with the turn still queued: the next activation answers.
        }

        throw Ended();
    }

    private ActivationFencedException Ended() => new($"desk {_desk} has ended");

    /// <inheritdoc/>
    public async Task Ping(ParentPing ping)
    {
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

    // Exactly what the children settled at: what has come from them meanwhile may be newer and yet have less in it, such as the first report of
    // a child that begins anew.
    private NodeReport Settled(HierarchyVersion hierarchy, IReadOnlyList<NodeReport> inNameOrder)
    {
        var rollup = Outline(hierarchy, _report.Rollup.Version);
        RollupSum.Add(rollup, inNameOrder);
        if (inNameOrder.Count == 0)
            rollup.AsOf = silo.Board.Point;
        var pnl = RollupSum.AddVectors(rollup, inNameOrder);
        if (rollup.Equals(_report.Rollup) && pnl.Equals(_report.Pnl))
            return _report;

        // Not what goes up in the stream of versions: the desk above does not take it for that.
        rollup.Version = 0;
        return new NodeReport { Rollup = rollup, Pnl = pnl };
    }

    private Rollup Outline(HierarchyVersion hierarchy, long version) => new()
    {
        NodeId = _desk.Value,
        Path = hierarchy.Hierarchy.Nodes.ContainsKey(_desk) ? hierarchy.Hierarchy.PathOf(_desk) : string.Empty,
        Kind = NodeKinds.Desk,
        Version = version,
        ReportingCurrency = silo.Options.Reporting.Code,
        HierarchyVersion = hierarchy.Version,
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
            await Reference(child.Node).Ping(new ParentPing
            {
                Desk = _desk.Value,
                KnownVersion = child.Report?.Rollup.Version ?? 0,
                KnownVectorVersion = child.Report is { Pnl.IsEmpty: false } report ? report.VectorVersion : 0,
            });
        }

        var late = Late().Count;
        if (late != _lateLogged)
            CombineSoon();
    }

    private List<Child> Late() =>
        _children.Values.Where(c => c.Report is null || Context.Time.GetElapsedTime(c.LastHeard) > LateAfter).ToList();

    // True when the report is of a child and has something that is not known.
    private bool Take(NodeReport report)
    {
        if (!_children.TryGetValue(NodeId.Parse(report.Rollup.NodeId), out var child))
            return false;
        child.LastHeard = Context.Time.GetTimestamp();
        var known = child.Report;
        var next = known is null ? report : Newest(known, report);
        _vectorsChanged |= known is null || known.VectorVersion != next.VectorVersion || known.Pnl.IsEmpty != next.Pnl.IsEmpty
            || known.Rollup.Coverage.Trades != next.Rollup.Coverage.Trades;
        child.Report = next;
        return known is null || _vectorsChanged || !known.Rollup.Equals(next.Rollup);
    }

    // The newest measures and the newest vector, each for itself: a report may come late, and without the vector when the one that brought it
    // was lost. The vector that is held then stays, with its own as-of, until the next sign of life brings the newer.
    private static NodeReport Newest(NodeReport known, NodeReport report)
    {
        var rollup = (report.Rollup.Version >= known.Rollup.Version ? report : known).Rollup;
        var vector = !report.Pnl.IsEmpty && (known.Pnl.IsEmpty || report.VectorVersion >= known.VectorVersion) ? report : known;
        if (rollup.Tail is null)
            return new NodeReport { Rollup = rollup };
        if (vector.Pnl.IsEmpty)
            return new NodeReport { Rollup = rollup, VectorVersion = report.VectorVersion };
        var ofRollup = ReferenceEquals(rollup, report.Rollup) ? report.VectorVersion : known.VectorVersion;
        if (ofRollup != vector.VectorVersion)
        {
            rollup = rollup.Clone();
            rollup.Tail = vector.Rollup.Tail;
        }

        return new NodeReport { Rollup = rollup, VectorVersion = vector.VectorVersion, Pnl = vector.Pnl };
    }

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
