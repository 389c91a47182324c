using Microsoft.Extensions.Logging;
using RiskGrid.Grains;
using RiskGrid.Grid.RabbitMq;
using RiskGrid.Hosting.Settings;
using RiskGrid.Ledger;
using RiskGrid.Ledger.Cache;

namespace RiskGrid.Hosting;

/// <summary>Makes what a process is made of.</summary>
internal static class ServerParts
{
    // A try's own patience: the start's goes on, and says so.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Refuses options that do not fit together.</summary>
    /// <exception cref="ArgumentException">Says how to mend them.</exception>
    public static void Check(RiskServerOptions options)
    {
        var clustered = options.Broker is not null;
        if (options.Role != ServerRole.Serve && !clustered)
        {
            throw new ArgumentException(
                $"a {Name(options.Role)} needs a broker to find the others: set broker, such as amqp://USER:PASSWORD@HOST:5672/, or run `riskgrid serve`, which is all in one process");
        }

        if (options.Role == ServerRole.Gateway)
            return;
        if (clustered && !Ledgers.IsShared(options.Ledger))
        {
            throw new ArgumentException(
                $"several silos need a ledger that they can share, and the file {options.Ledger} belongs to one process: set ledger to postgres://USER:PASSWORD@HOST:5432/DATABASE (`riskgrid ledger copy` takes a ledger over), or leave broker out");
        }
    }

    /// <summary>The cache, or one that holds nothing; a server that is away delays no start.</summary>
    public static ICache OpenCache(RiskServerOptions options, ILoggerFactory logs)
    {
        // Clusters that share a server differ in the prefix, unless the address says otherwise.
        var address = options.Cache is { Query.Length: 0 } shared ? $"{shared.OriginalString}?prefix={options.Prefix}" : options.Cache?.OriginalString;
        return Caches.Open(address, options.Time, logs.CreateLogger("RiskGrid.Cache"));
    }

    /// <summary>Opens the ledger; a server is waited for, a file is not.</summary>
    public static async Task<ILedger> OpenLedgerAsync(RiskServerOptions options, ICache cache, StartPatience patience, CancellationToken cancellationToken)
    {
        var ledger = Ledgers.IsShared(options.Ledger)
            ? await patience.RunAsync(
                $"the ledger {Secrets.Mask(options.Ledger)}", () => Ledgers.OpenAsync(options.Ledger, options.Time, cancellationToken), cancellationToken)
            : await Ledgers.OpenAsync(options.Ledger, options.Time, cancellationToken);
        return new CachedLedger(ledger, cache);
    }

    /// <summary>Starts the silo; its engine goes with it.</summary>
    public static Task<RiskSilo> StartSiloAsync(
        RiskServerOptions options, ILedger ledger, ICache cache, ILoggerFactory logs, CancellationToken cancellationToken) =>
        RiskSilo.StartAsync(
            new RiskSiloOptions
            {
                Ledger = ledger,
                Cache = cache,
                Scenarios = options.Scenarios,
                History = options.History,
                ComputeThreads = options.ComputeThreads,
                Time = options.Time,
                Name = options.Name,
                Engine = options.Broker is { } broker ? CreateEngine(broker, options.Prefix, logs) : null,
            },
            logs.CreateLogger("RiskGrid.Grains"),
            cancellationToken);

    /// <summary>Starts what a gateway has in place of a silo.</summary>
    public static Task<RiskFront> StartFrontAsync(RiskServerOptions options, ILoggerFactory logs, CancellationToken cancellationToken) =>
        RiskFront.StartAsync(
            CreateEngine(options.Broker!, options.Prefix, logs), options.Name, options.Time, logs.CreateLogger("RiskGrid.Grains"), cancellationToken);

    private static RabbitMqEngine CreateEngine(Uri broker, string prefix, ILoggerFactory logs) => new(new RabbitMqOptions
    {
        Address = broker,
        Prefix = prefix,
        ConnectTimeout = ConnectTimeout,
        Log = logs.CreateLogger("RiskGrid.Grid.RabbitMq"),
    });

    private static string Name(ServerRole role) => role == ServerRole.Silo ? "silo" : "gateway";
}
