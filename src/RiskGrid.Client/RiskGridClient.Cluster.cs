using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client;

/// <content>The cluster.</content>
public sealed partial class RiskGridClient
{
    private static readonly RpcMethod<GetClusterRequest, Cluster> GetCluster = new(ClusterReflection.Descriptor.Services[0], "GetCluster");
    private static readonly RpcMethod<WatchClusterRequest, Cluster> WatchCluster = new(ClusterReflection.Descriptor.Services[0], "WatchCluster");

    /// <summary>The processes of the grid, what they carry and what waits for them.</summary>
    public Task<Cluster> GetClusterAsync(CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(GetCluster, new GetClusterRequest(), Retried, cancellationToken);

    /// <summary>The same at once, then again at every interval; when the connection breaks, from the next gateway.</summary>
    /// <param name="interval">Time between two states; null leaves it to the server.</param>
    /// <param name="onBroken">Told each time the subscription broke, before the next try.</param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    public IAsyncEnumerable<Cluster> WatchClusterAsync(
        TimeSpan? interval = null, Action<RpcException>? onBroken = null, CancellationToken cancellationToken = default) =>
        ResubscribeAsync(WatchCluster, new WatchClusterRequest { IntervalMs = Milliseconds(interval) }, onBroken, cancellationToken);
}
