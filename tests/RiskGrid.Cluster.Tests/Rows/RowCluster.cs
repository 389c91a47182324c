using System.Diagnostics;
using RiskGrid.Cluster.Tests.Processes;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>Three silos and two gateways for the tests of one class, each of which finds them as they were.</summary>
public sealed class RowCluster(ClusterServers servers) : IAsyncLifetime
{
    public const int Silos = 3;
    private const int Gateways = 2;
    private static int _number;

    public ClusterServers Servers => servers;

    public TestCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.CreateAsync(servers, test: $"rows-{Interlocked.Increment(ref _number)}");
        await RestoreAsync();
        using var client = Cluster.Connect();
        await Firm.FillAsync(client);
    }

    public async Task DisposeAsync()
    {
        if (Cluster is not null)
            await Cluster.DisposeAsync();
    }

    /// <summary>Whatever the test before has left behind, servers, silos and gateways run again, and own everything.</summary>
    public async Task RestoreAsync()
    {
        await Task.WhenAll(servers.Broker.StartAsync(), servers.Postgres.StartAsync(), servers.Redis.StartAsync());
        foreach (var process in Cluster.Processes.Where(p => !p.HasExited))
            await process.ThawAsync();
        while (Cluster.Silos.Count > Silos)
            await Cluster.Silos[^1].KillAsync();
        var silos = Enumerable.Range(0, Silos - Cluster.Silos.Count).Select(_ => Cluster.StartSiloAsync()).ToList();
        var gateways = Enumerable.Range(0, Math.Max(0, Gateways - Cluster.Gateways.Count)).Select(_ => Cluster.StartGatewayAsync()).ToList();
        await Task.WhenAll(silos);
        await Task.WhenAll(gateways);
        await Cluster.WaitUntilOwnedAsync();
    }
}

internal static class Ownership
{
    /// <summary>Waits until every gateway serves and sees the silos given, or all that run, own every partition of every kind between them; what
    /// a silo that has gone owned last does not count, nor what one said before.</summary>
    public static async Task<Protocol.V1.Cluster> WaitUntilOwnedAsync(this TestCluster cluster, params ClusterProcess[] silos)
    {
        var owners = (silos.Length > 0 ? silos : [.. cluster.Silos]).Select(s => (uint)s.Id).ToHashSet();
        Protocol.V1.Cluster? seen = null;
        var watch = Stopwatch.StartNew();
        foreach (var gateway in cluster.Gateways)
        {
            using var client = cluster.Connect(gateway);
            await cluster.WaitUntilAsync(
                async () =>
                {
                    var asked = watch.Elapsed;
                    seen = await client.GetClusterAsync();
                    var living = seen.Silos.Where(s => owners.Contains(s.ProcessId) && s.SilentFor.ToTimeSpan() < asked).ToList();
                    var kinds = seen.Silos.SelectMany(s => s.Activations.Keys).Distinct(StringComparer.Ordinal).ToList();
                    return kinds.Count > 0 && living.Count == owners.Count && await client.IsServingAsync()
                        && kinds.TrueForAll(kind => living.Sum(s => (int)s.Partitions.GetValueOrDefault(kind)) == Grid.Partition.Count);
                },
                TimeSpan.FromSeconds(90),
                () => $"{gateway.Name} serves, {owners.Count} silos own everything; last seen: {seen}");
        }

        return seen!;
    }
}
