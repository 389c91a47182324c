using Microsoft.Extensions.Logging;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Services;
using RiskGrid.Grains;
using RiskGrid.Grid;
using RiskGrid.Hosting.Settings;
using RiskGrid.Ledger;

namespace RiskGrid.Hosting;

/// <summary>One process of the grid: a front door, a silo with its ledger, or both.</summary>
public sealed class RiskServer : IAsyncDisposable
{
    private readonly ILedger? _ledger;
    private readonly RiskFront? _front;
    private readonly GatewayServer? _gateway;
    private readonly ReadinessWatch? _readiness;

    private RiskServer(ILedger? ledger, RiskSilo? silo, RiskFront? front, GatewayServer? gateway, ReadinessWatch? readiness)
    {
        _ledger = ledger;
        Silo = silo;
        _front = front;
        _gateway = gateway;
        _readiness = readiness;
    }

    /// <summary>The silo of this process; null in a gateway.</summary>
    public RiskSilo? Silo { get; }

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
        ILedger? ledger = null;
        RiskSilo? silo = null;
        RiskFront? front = null;
        try
        {
            if (options.Role != ServerRole.Gateway)
                ledger = await ServerParts.OpenLedgerAsync(options, patience, cancellationToken);
            var broker = options.Broker is null ? "the grid" : $"the broker {Secrets.Mask(options.Broker.OriginalString)}";
            if (ledger is not null)
                silo = await patience.RunAsync(broker, () => ServerParts.StartSiloAsync(options, ledger, logs, cancellationToken), cancellationToken);
            else
                front = await patience.RunAsync(broker, () => ServerParts.StartFrontAsync(options, logs, cancellationToken), cancellationToken);
            var grains = silo?.Grains ?? front!.Grains;
            var views = silo?.Services.Views ?? front!.Views;
            Func<CancellationToken, ValueTask<ClusterState>> readCluster = silo is not null ? silo.ReadClusterAsync : front!.ReadClusterAsync;
            if (options.Gateway is not { } door)
                return new RiskServer(ledger, silo, front, null, null);
            RpcService[] services = options.Role == ServerRole.Silo
                ? []
                :
                [
                    new TradeService(grains, views).Bind(),
                    new RollupService(grains, views, options.Time).Bind(),
                    new MarketService(grains, views).Bind(),
                    new RunService(grains, views, options.Time).Bind(),
                    new ClusterService(readCluster, grains, options.Time).Bind(),
                ];
            var gateway = await GatewayServer.StartAsync(
                door with { Logs = logs, Time = options.Time, MapException = GridErrors.Map }, services, cancellationToken);
            Func<CancellationToken, ValueTask<ClusterState>> readSilos = silo is not null ? silo.ReadSilosAsync : front!.ReadSilosAsync;
            var readiness = options.Broker is null
                ? null
                : new ReadinessWatch(gateway.Health, readSilos, options.Time, logs.CreateLogger("RiskGrid"));
            return new RiskServer(ledger, silo, front, gateway, readiness);
        }
        catch
        {
            if (front is not null)
                await front.DisposeAsync();
            if (silo is not null)
                await silo.DisposeAsync();
            if (ledger is not null)
                await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the door, lets what was accepted finish, hands the silo's grains over to the others, then closes the ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_readiness is not null)
            await _readiness.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_front is not null)
            await _front.DisposeAsync();
        if (Silo is not null)
            await Silo.DisposeAsync();
        if (_ledger is not null)
            await _ledger.DisposeAsync();
    }
}
