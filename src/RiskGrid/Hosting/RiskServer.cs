using Microsoft.Extensions.Logging;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Services;
using RiskGrid.Grains;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Hosting.Settings;

namespace RiskGrid.Hosting;

/// <summary>One process of the grid: a front door, a silo with its ledger, or both.</summary>
public sealed class RiskServer : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts;
    private readonly GatewayServer? _gateway;

    private RiskServer(Stack<IAsyncDisposable> parts, GatewayServer? gateway)
    {
        _parts = parts;
        _gateway = gateway;
    }

    /// <summary>Where gRPC is spoken; null without a door.</summary>
    public Uri? GrpcAddress => _gateway?.GrpcAddress;

    /// <summary>Where Connect, JSON and health are spoken, over HTTP/1.1; null without a door.</summary>
    public Uri? HttpAddress => _gateway?.HttpAddress;

    /// <summary>Opens the ledger, starts the silo and opens the door; what was started is stopped again when a later step fails. Servers that
    /// cannot be reached yet are waited for.</summary>
    /// <exception cref="ArgumentException">The options do not fit together; the message says how to mend them.</exception>
    public static async Task<RiskServer> StartAsync(RiskServerOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        ServerParts.Check(options);
        var patience = new StartPatience(options.StartLimit, options.Time, logs.CreateLogger("RiskGrid"));
        var parts = new Stack<IAsyncDisposable>();
        try
        {
            var cache = ServerParts.OpenCache(options, logs);
            parts.Push(cache);
            var broker = options.Broker is null ? "the grid" : $"the broker {Secrets.Mask(options.Broker.OriginalString)}";
            Member member;
            if (options.Role == ServerRole.Gateway)
            {
                var front = await patience.RunAsync(broker, () => ServerParts.StartFrontAsync(options, logs, cancellationToken), cancellationToken);
                parts.Push(front);
                var newest = new RollupCache(cache, options.Time);
                parts.Push(newest);
                member = new Member(front.Grains, front.Views, newest, front.ReadClusterAsync, front.ReadSilosAsync);
            }
            else
            {
                var ledger = await ServerParts.OpenLedgerAsync(options, cache, patience, cancellationToken);
                parts.Push(ledger);
                var silo = await patience.RunAsync(broker, () => ServerParts.StartSiloAsync(options, ledger, cache, logs, cancellationToken), cancellationToken);
                parts.Push(silo);
                member = new Member(silo.Grains, silo.Services.Views, silo.Services.Newest, silo.ReadClusterAsync, silo.ReadSilosAsync);
            }

            if (options.Gateway is not { } door)
                return new RiskServer(parts, null);
            var gateway = await GatewayServer.StartAsync(
                door with { Logs = logs, Time = options.Time, MapException = GridErrors.Map },
                options.Role == ServerRole.Silo ? [] : Services(member, options.Time),
                cancellationToken);
            parts.Push(gateway);
            if (options.Broker is not null)
                parts.Push(new ReadinessWatch(gateway.Health, member.ReadSilos, options.Time, logs.CreateLogger("RiskGrid")));
            return new RiskServer(parts, gateway);
        }
        catch
        {
            await StopAsync(parts);
            throw;
        }
    }

    /// <summary>Closes the door, lets what was accepted finish, hands the silo's grains over to the others, then closes the ledger.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_parts);

    private static RpcService[] Services(Member member, TimeProvider time) =>
    [
        new TradeService(member.Grains, member.Views, time).Bind(),
        new RollupService(member.Grains, member.Views, time, member.Newest).Bind(),
        new MarketService(member.Grains, member.Views).Bind(),
        new RunService(member.Grains, member.Views, time).Bind(),
        new ClusterService(member.ReadCluster, member.Grains, time).Bind(),
    ];

    // The last that was started needs all the others.
    private static async Task StopAsync(Stack<IAsyncDisposable> parts)
    {
        while (parts.TryPop(out var part))
            await part.DisposeAsync();
    }

    /// <summary>What the front door needs of silo or front.</summary>
    private sealed record Member(
        IGrains Grains,
        SiloViews Views,
        RollupCache Newest,
        Func<CancellationToken, ValueTask<ClusterState>> ReadCluster,
        Func<CancellationToken, ValueTask<ClusterState>> ReadSilos);
}
