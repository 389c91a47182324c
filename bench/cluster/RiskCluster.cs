using RiskGrid.Client;
using RiskGrid.Protocol.V1;
using RiskGrid.Testing;

namespace RiskGrid.Cluster.Bench;

/// <summary>Three servers, a gateway and silos, all real processes of this machine, with the sample portfolio on its books.</summary>
internal sealed class RiskCluster : IAsyncDisposable
{
    private readonly string _program;
    private readonly List<GridProcess> _silos = [];
    private readonly List<TestServer> _servers = [];
    private GridProcess _gateway = null!;
    private int _started;

    private RiskCluster(string program) => _program = program;

    public RiskGridClient Client { get; private set; } = null!;

    public Listener Listener { get; private set; } = null!;

    public Uri Ledger { get; private set; } = null!;

    /// <summary>Starts the servers, the gateway and one silo, and books the sample portfolio.</summary>
    public static async Task<RiskCluster> StartAsync(string program, CancellationToken cancellationToken)
    {
        var cluster = new RiskCluster(program);
        try
        {
            foreach (var kind in Enum.GetValues<ServerKind>())
                cluster._servers.Add(await TestServers.StartAsync(kind, cancellationToken));
            cluster.Ledger = await cluster.Server(ServerKind.Postgres).CreateDatabaseAsync(cancellationToken);
            cluster._gateway = GridProcess.Start(
                program, null, "gateway", "--json", "--name", "gateway", "--broker", cluster.Broker, "--grpc-port", "0", "--http-port", "0", "--log-level", "warning");
            var loader = cluster.StartSilo("loader", null, null);
            await loader.ReadyAsync(cancellationToken);
            var door = (await cluster._gateway.ReadyAsync(cancellationToken)).GetProperty("grpc").GetString()!;
            Figures.Say($"Loading the sample portfolio ...");
            await GridProcess.CommandAsync(program, "load", "--sample", "--address", door);
            cluster.Client = new RiskGridClient(new Uri(door));
            cluster.Listener = await Listener.StartAsync(new Uri(cluster.Broker), cancellationToken);
            await cluster.Client.GetRollupAsync("/", 0, settled: true, cancellationToken: cancellationToken);
            await cluster.StopSiloAsync(loader, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo and does not wait for it.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="core">The one core that it may use, with one thread to compute; null for all.</param>
    /// <param name="level">What it logs.</param>
    public GridProcess StartSilo(string name, int? core, string? level)
    {
        string[] threads = core is null ? [] : ["--threads", "1"];
        var silo = GridProcess.Start(
            _program, core is null ? null : $"{core}",
            ["silo", "--json", "--name", $"{name}-{++_started}", "--broker", Broker, "--ledger", Ledger.OriginalString, "--cache", $"{Server(ServerKind.Redis).Address}",
            "--log-level", level ?? "warning", .. threads]);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Starts a silo and waits until all silos share the partitions and every rollup is there.</summary>
    public async Task<GridProcess> JoinAsync(string name, int? core, CancellationToken cancellationToken)
    {
        var silo = StartSilo(name, core, null);
        await silo.ReadyAsync(cancellationToken);
        await SettledAsync(cancellationToken);
        return silo;
    }

    /// <summary>Waits until the silos share the partitions and every rollup is there.</summary>
    public async Task SettledAsync(CancellationToken cancellationToken)
    {
        await Listener.SharedAsync(_silos.Count, cancellationToken);
        await Client.GetRollupAsync("/", -1, settled: true, cancellationToken: cancellationToken);
    }

    /// <summary>Lets a silo hand over and end.</summary>
    public async Task StopSiloAsync(GridProcess silo, CancellationToken cancellationToken)
    {
        await silo.StopAsync(cancellationToken);
        Forget(silo);
    }

    /// <summary>The silo has gone, in whatever way.</summary>
    public void Forget(GridProcess silo)
    {
        _silos.Remove(silo);
        silo.Dispose();
    }

    /// <summary>A Monte Carlo VaR run of the firm.</summary>
    public async Task<string> StartRunAsync(int paths, ulong seed, CancellationToken cancellationToken)
    {
        var spec = new RunSpec { Path = "/", Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = (uint)paths, Seed = seed } } };
        return (await Client.StartRunAsync(spec, cancellationToken: cancellationToken)).RunId;
    }

    /// <summary>Processor seconds used so far, by part.</summary>
    public Dictionary<string, double> CpuSeconds()
    {
        var seconds = new Dictionary<string, double>(StringComparer.Ordinal) { ["gateway"] = CpuTime.Of(_gateway.Id), ["client"] = CpuTime.Of(Environment.ProcessId) };
        for (var i = 0; i < _silos.Count; i++)
        {
            seconds[$"silo_{i}"] = CpuTime.Of(_silos[i].Id);
            seconds["client"] -= seconds[$"silo_{i}"];
        }

        seconds["client"] -= seconds["gateway"];
        foreach (var server in _servers)
            seconds[$"{server.Kind}".ToLowerInvariant()] = CpuTime.Of(server);
        return seconds;
    }

    public async ValueTask DisposeAsync()
    {
        if (Listener is not null)
            await Listener.DisposeAsync();
        Client?.Dispose();
        foreach (var silo in _silos)
            silo.Dispose();
        _gateway?.Dispose();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private string Broker => Server(ServerKind.RabbitMq).Address.OriginalString;

    private TestServer Server(ServerKind kind) => _servers.Find(s => s.Kind == kind)!;
}
