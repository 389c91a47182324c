using Microsoft.Extensions.Logging;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Services;
using RiskGrid.Grains;
using RiskGrid.Ledger.Cache;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Risk;

namespace RiskGrid.Hosting;

/// <summary>What one embedded server is made of.</summary>
public sealed record RiskServerOptions
{
    /// <summary>The ledger's file.</summary>
    public required string LedgerPath { get; init; }

    /// <summary>The scenario set of the live P&amp;L vectors; without one there are no tail measures.</summary>
    public ScenarioSet? Scenarios { get; init; }

    /// <summary>The history panel from which runs make their scenarios; without one a run that needs history is refused.</summary>
    public HistoryPanel? History { get; init; }

    /// <summary>How the front door listens.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Threads that compute.</summary>
    public int ComputeThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>The address of a Redis that makes reads quicker; null for none.</summary>
    public string? CacheAddress { get; init; }

    /// <summary>The clock of timers and recording times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Ledger, silo and gateway in one process: the whole of RiskGrid on one machine.</summary>
public sealed class RiskServer : IAsyncDisposable
{
    private readonly CachedLedger _ledger;
    private readonly ICache _cache;
    private readonly GatewayServer _gateway;

    private RiskServer(CachedLedger ledger, ICache cache, RiskSilo silo, GatewayServer gateway)
    {
        _ledger = ledger;
        _cache = cache;
        Silo = silo;
        _gateway = gateway;
    }

    /// <summary>The silo behind the gateway.</summary>
    public RiskSilo Silo { get; }

    /// <summary>Where gRPC is spoken.</summary>
    public Uri GrpcAddress => _gateway.GrpcAddress;

    /// <summary>Where Connect, JSON and health are spoken, over HTTP/1.1.</summary>
    public Uri HttpAddress => _gateway.HttpAddress;

    /// <summary>Opens the ledger, starts the silo and opens the door; what was started is stopped again when a later step fails.</summary>
    public static async Task<RiskServer> StartAsync(RiskServerOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var cache = Caches.Open(options.CacheAddress, options.Time, logs.CreateLogger("RiskGrid.Cache"));
        var ledger = new CachedLedger(await SqliteLedger.OpenAsync(options.LedgerPath, options.Time, null, cancellationToken), cache);
        RiskSilo? silo = null;
        try
        {
            silo = await RiskSilo.StartAsync(
                new RiskSiloOptions
                {
                    Ledger = ledger,
                    Cache = cache,
                    Scenarios = options.Scenarios,
                    History = options.History,
                    ComputeThreads = options.ComputeThreads,
                    Time = options.Time,
                },
                logs.CreateLogger("RiskGrid.Grains"),
                cancellationToken);
            RpcService[] services =
            [
                new TradeService(silo.Grains, silo.Services.Views).Bind(),
                new RollupService(silo.Grains, silo.Services.Views, options.Time, silo.Services.Newest).Bind(),
                new MarketService(silo.Grains, silo.Services.Views).Bind(),
                new RunService(silo.Grains, silo.Services.Views, options.Time).Bind(),
            ];
            var door = options.Gateway with { Logs = logs, Time = options.Time, MapException = GridErrors.Map };
            return new RiskServer(ledger, cache, silo, await GatewayServer.StartAsync(door, services, cancellationToken));
        }
        catch
        {
            if (silo is not null)
                await silo.DisposeAsync();
            await ledger.DisposeAsync();
            await cache.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the door, lets what was accepted finish, then stops the silo and closes the ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await Silo.DisposeAsync();
        await _ledger.DisposeAsync();
        await _cache.DisposeAsync();
    }
}
