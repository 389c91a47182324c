using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Grid.RabbitMq;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Bench;

/// <summary>The benchmark's own member of the cluster: hosts nothing, asks grains directly and hears every rollup that is published.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<(long At, Rollup Rollup)> _heard = new();
    private Silo _silo = null!;

    private Listener()
    {
    }

    public IGrains Grains => _silo.Grains;

    public static async Task<Listener> StartAsync(Uri broker, CancellationToken cancellationToken)
    {
        var listener = new Listener();
        listener._silo = await new SiloBuilder()
            .UseEngine(new RabbitMqEngine(new RabbitMqOptions { Address = broker, Log = NullLogger.Instance }))
            .Configure(o => o.Name = "bench")
            .Subscribe<Rollup>(RollupBoard.Topic, rollup =>
            {
                listener._heard.Enqueue((TimeProvider.System.GetTimestamp(), rollup));
                return ValueTask.CompletedTask;
            })
            .StartAsync(cancellationToken);
        return listener;
    }

    /// <summary>The rollups heard since the last call, with the time at which they came.</summary>
    public List<(long At, Rollup Rollup)> TakeHeard()
    {
        var heard = new List<(long, Rollup)>();
        while (_heard.TryDequeue(out var each))
            heard.Add(each);
        return heard;
    }

    /// <summary>Waits until so many silos share every partition of every kind, and nothing has moved for some time.</summary>
    public async Task<IReadOnlyList<SiloState>> SharedAsync(int silos, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var (last, since, hosts) = ("", start, (IReadOnlyList<SiloState>)[]);
        while (TimeProvider.System.GetElapsedTime(start) < Limit)
        {
            try
            {
                hosts = [.. (await _silo.ReadClusterAsync(cancellationToken)).Silos.Where(s => s.Load.Activations.Count > 0)];
            }
            catch (GrainUnavailableException)
            {
                hosts = [];
            }

            var state = string.Join(';', hosts.Select(h => $"{h.Load.Name}:{string.Join(',', h.Partitions.OrderBy(p => p.Key, StringComparer.Ordinal))}"));
            if (hosts.Count != silos || state != last || !AreShared(hosts))
                (last, since) = (state, TimeProvider.System.GetTimestamp());
            else if (TimeProvider.System.GetElapsedTime(since) > Quiet)
                return hosts;
            await Task.Delay(Poll, cancellationToken);
        }

        throw new InvalidOperationException($"{silos} silos do not share all partitions within {Limit.TotalSeconds} s: {last}");
    }

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private static bool AreShared(IReadOnlyList<SiloState> hosts) => hosts[0].Partitions.Keys.All(kind =>
        hosts.Sum(h => h.Partitions[kind]) == Partition.Count && hosts.All(h => h.Partitions[kind] > 0));
}
