using System.Runtime.CompilerServices;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using HierarchyNode = RiskGrid.Model.HierarchyNode;

namespace RiskGrid.Gateway.Services;

/// <summary>Rollups now and as they change, and the tree that they hang in.</summary>
/// <param name="grains">The nodes.</param>
/// <param name="views">What this process has heard.</param>
/// <param name="time">The clock of intervals.</param>
/// <param name="newest">Rollups of a few seconds ago; null when there is no cache.</param>
public sealed class RollupService(IGrains grains, SiloViews views, TimeProvider time, RollupCache? newest = null)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);

    // Of others, one after the other, while one is made.
    private const int MostChanges = 32;

    private readonly IGrains _grains = grains.WithTimeout(CallTimes.Usual);
    private readonly NewestTree _newest = new(views.Hierarchy);

    /// <summary>The service with its handlers.</summary>
    public RpcService Bind() => new RpcService(RollupsReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("RollupService"))
        .Unary<GetRollupRequest, GetRollupResponse>("GetRollup", GetRollupAsync)
        .ServerStream<SubscribeRollupsRequest, Rollup>("SubscribeRollups", (request, _, token) => SubscribeAsync(request, token))
        .Unary<GetHierarchyRequest, GetHierarchyResponse>("GetHierarchy", (_, _, token) => Tree.GetHierarchy().WaitAsync(token))
        .Unary<PutHierarchyRequest, GetHierarchyResponse>("PutHierarchy", (request, _, token) => PutHierarchyAsync(request, token));

    private IHierarchyGrain Tree => _grains.Get<IHierarchyGrain>(HierarchyGrain.Key);

    private async Task<GetHierarchyResponse> PutHierarchyAsync(PutHierarchyRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var asked = request.Clone();
            if (request.ExpectedVersion == 0)
                asked.ExpectedVersion = (attempt == 1 ? await views.Hierarchy.CurrentAsync().WaitAsync(cancellationToken) : await _newest.ReadAsync(cancellationToken)).Version;
            try
            {
                var response = await Tree.PutHierarchy(asked).WaitAsync(cancellationToken);

                // Who was answered can book into the new nodes at once: this silo does not wait for the topic.
                views.Hierarchy.Apply(response);
                return response;
            }
            catch (GrainCallException e) when (e.Code == GridErrorCode.Aborted && request.ExpectedVersion == 0 && attempt < MostChanges)
            {
                // Somebody else's change came first; this one does not depend on it.
            }
        }
    }

    private async Task<GetRollupResponse> GetRollupAsync(GetRollupRequest request, RpcContext context, CancellationToken cancellationToken)
    {
        var current = await TreeWithAsync(request.Path, request.Settled, cancellationToken);
        var nodes = Nodes(current.Hierarchy, request.Path, request.Depth);
        if (request.MaxAgeMs > 0 && request.Settled)
            throw RpcException.InvalidField("max_age_ms", "a settled rollup has no age: leave it at 0");
        if (request.MaxAgeMs > 0 && newest is not null)
            return new GetRollupResponse { Rollups = { await RecentAsync(newest, nodes, TimeSpan.FromMilliseconds(request.MaxAgeMs), cancellationToken) } };
        if (!request.Settled)
            return new GetRollupResponse { Rollups = { await AskAsync(nodes, cancellationToken) } };

        var market = await _grains.Get<IMarketGrain>(views.Market).GetPoint().WaitAsync(cancellationToken);
        var settle = new SettleRequest { Market = market, HierarchyVersion = current.Version, WithoutVector = true };
        var asked = grains.For(context, time);
        var reports = await Task.WhenAll(nodes.Select(n => Grain(asked, n).Settle(settle, cancellationToken))).WaitAsync(cancellationToken);
        return new GetRollupResponse { Rollups = { reports.Select(r => r.Rollup) } };
    }

    private Task<Rollup[]> AskAsync(IEnumerable<HierarchyNode> nodes, CancellationToken cancellationToken) =>
        Task.WhenAll(nodes.Select(n => Grain(_grains, n).GetRollup(new RollupKnown()))).WaitAsync(cancellationToken);

    // What the cache does not have is asked of its node; then the rest is read again, so that nothing grows old meanwhile.
    private async Task<IEnumerable<Rollup>> RecentAsync(RollupCache cache, List<HierarchyNode> nodes, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var answered = new Dictionary<NodeId, Rollup>();
        while (true)
        {
            var open = nodes.FindAll(n => !answered.ContainsKey(n.Id));
            var recent = await cache.ReadAsync([.. open.Select(n => n.Id.Value)], maxAge, cancellationToken);
            var missing = open.Where((_, i) => recent[i] is null).ToList();
            if (missing.Count == 0)
            {
                foreach (var (node, rollup) in open.Zip(recent))
                    answered[node.Id] = Newer(rollup!);
                return nodes.Select(n => answered[n.Id]);
            }

            foreach (var (node, rollup) in missing.Zip(await AskAsync(missing, cancellationToken)))
                answered[node.Id] = rollup;
        }
    }

    // What has been heard of a node may be newer than what it put last.
    private Rollup Newer(Rollup recent) =>
        views.Rollups.Latest(recent.NodeId) is { } heard && heard.Version > recent.Version ? heard : recent;

    private async IAsyncEnumerable<Rollup> SubscribeAsync(SubscribeRollupsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await TreeWithAsync(request.Path, settled: false, cancellationToken);
        var interval = request.MinIntervalMs == 0 ? DefaultInterval : TimeSpan.FromMilliseconds(request.MinIntervalMs);
        await foreach (var rollup in RollupStream.ReadAsync(views, hierarchy => Nodes(hierarchy, request.Path, request.Depth), interval, time, cancellationToken))
            yield return rollup;
    }

    // What this process has heard may be behind what another gateway acknowledged: it is good enough for a node that it has, not for saying that
    // there is none, nor for numbers that hold all that was acknowledged.
    private async Task<HierarchyVersion> TreeWithAsync(string path, bool settled, CancellationToken cancellationToken)
    {
        var heard = await views.Hierarchy.CurrentAsync().WaitAsync(cancellationToken);
        return settled || Find(heard.Hierarchy, path) is null ? await _newest.ReadAsync(cancellationToken) : heard;
    }

    private static HierarchyNode? Find(Hierarchy hierarchy, string path) => hierarchy.Find(path.Length == 0 ? "/" : path);

    private static INodeGrain Grain(IGrains grains, HierarchyNode node) =>
        node.Kind == NodeKind.Book ? grains.Get<IBookGrain>(node.Id.Value) : grains.Get<IDeskGrain>(node.Id.Value);

    private static List<HierarchyNode> Nodes(Hierarchy hierarchy, string path, int depth)
    {
        if (depth < -1)
            throw RpcException.InvalidField("depth", "0 is the node alone, -1 all levels below");
        var top = Find(hierarchy, path)
            ?? throw new RpcException(RpcStatus.NotFound, $"there is no node '{path}'; paths look like / or /INDEX or /INDEX/SPX-2026-02-20");
        var nodes = new List<HierarchyNode>();
        void Add(HierarchyNode node, int levels)
        {
            nodes.Add(node);
            if (levels == 0)
                return;
            foreach (var child in hierarchy.Children(node.Id))
                Add(child, levels - 1);
        }

        Add(top, depth);
        return nodes;
    }
}
