using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grains.Runs;
using RiskGrid.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Gateway.Services;

/// <summary>The processes of the grid, what they carry, and what waits for them.</summary>
/// <param name="readCluster">As the engine knows it.</param>
/// <param name="grains">The grains of the cluster.</param>
/// <param name="time">Clock of intervals.</param>
public sealed class ClusterService(Func<CancellationToken, ValueTask<ClusterState>> readCluster, IGrains grains, TimeProvider time)
{
    private const uint MostRuns = 1000;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    // The table of silos must not wait for a grain that a dead silo held.
    private static readonly TimeSpan RunsLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>The service with its handlers.</summary>
    public RpcService Bind() => new RpcService(ClusterReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("ClusterService"))
        .Unary<GetClusterRequest, Cluster>("GetCluster", (_, _, token) => ReadAsync(token))
        .ServerStream<WatchClusterRequest, Cluster>("WatchCluster", (request, _, token) => WatchAsync(request, token));

    private async IAsyncEnumerable<Cluster> WatchAsync(WatchClusterRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var interval = request.IntervalMs == 0 ? DefaultInterval : TimeSpan.FromMilliseconds(request.IntervalMs);
        while (true)
        {
            var start = time.GetTimestamp();
            yield return await ReadAsync(cancellationToken);
            if (interval - time.GetElapsedTime(start) is { Ticks: > 0 } wait)
                await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<Cluster> ReadAsync(CancellationToken cancellationToken)
    {
        var runs = CountRunsAsync(cancellationToken);
        var state = await readCluster(cancellationToken);
        var cluster = new Cluster
        {
            Engine = state.Engine,
            Queues = { state.Queues.OrderBy(q => q.Name, StringComparer.Ordinal).Select(q => new ClusterQueue { Name = q.Name, Messages = (ulong)q.Messages }) },
        };
        foreach (var silo in state.Silos.OrderBy(s => s.Load.Name, StringComparer.Ordinal))
            (silo.Load.Activations.Count > 0 ? cluster.Silos : cluster.Gateways).Add(ToMessage(silo));
        if (await runs is { } count)
            cluster.RunsInFlight = count;
        return cluster;
    }

    private static ClusterProcess ToMessage(SiloState silo)
    {
        var process = new ClusterProcess
        {
            Name = silo.Load.Name,
            Incarnation = silo.Incarnation,
            Machine = silo.Machine,
            ProcessId = (uint)silo.ProcessId,
            WorkRunning = (uint)silo.Load.WorkRunning,
            WorkConcurrency = (uint)silo.Load.WorkConcurrency,
            SilentFor = Duration.FromTimeSpan(silo.SilentFor),
        };
        foreach (var (kind, count) in silo.Partitions)
            process.Partitions[kind] = (uint)count;
        foreach (var (kind, count) in silo.Load.Activations)
            process.Activations[kind] = (uint)count;
        return process;
    }

    private async Task<uint?> CountRunsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var request = new ListRunsRequest { State = RunState.Running, PageSize = MostRuns };
            var runs = await grains.Get<IRunsGrain>(RunsGrain.Key).ListRuns(request).WaitAsync(RunsLimit, time, cancellationToken);
            return (uint)runs.Runs.Count;
        }
        catch (Exception e) when (e is GridException or TimeoutException)
        {
            return null;
        }
    }
}
