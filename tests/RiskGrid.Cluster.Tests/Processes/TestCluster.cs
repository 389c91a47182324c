using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;

namespace RiskGrid.Cluster.Tests.Processes;

/// <summary>A cluster of one test's own on the shared servers: a virtual host of the broker, a database and a Redis database that nobody else
/// uses, and silos and gateways as real processes, all killed in the end.</summary>
/// <remarks>Each process's log is a file in <see cref="Folder"/>, which stays after the test and is emptied by its next run. What fails in a
/// method here shows the ends of all logs.</remarks>
public sealed class TestCluster : IAsyncDisposable
{
    private const int RedisDatabases = 16;

    private readonly ClusterServers _servers;
    private readonly List<ClusterProcess> _processes = [];
    private readonly Dictionary<string, string> _environment;
    private readonly TemporaryFolder _files = new();
    private readonly Uri _broker;
    private int _silos;
    private int _gateways;

    private TestCluster(ClusterServers servers, string folder, Uri broker, Uri database, int number)
    {
        _servers = servers;
        _broker = broker;
        Folder = folder;
        Database = database;
        Cache = new Uri(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{servers.Redis.Port}/{number % RedisDatabases}"));
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RISKGRID_BROKER"] = broker.OriginalString,
            ["RISKGRID_LEDGER"] = database.OriginalString,
            ["RISKGRID_CACHE"] = Cache.OriginalString,
            ["RISKGRID_LOG_LEVEL"] = "information",
            ["RISKGRID_GRPC_PORT"] = "0",
            // One compute thread each: the silos of a test share few cores.
            ["RISKGRID_THREADS"] = "1",
        };
    }

    /// <summary>Where the logs are.</summary>
    public string Folder { get; }

    /// <summary>The ledger's database, as settings name it; see <see cref="RiskGrid.Testing.TestServer.ConnectionString"/>.</summary>
    public Uri Database { get; }

    /// <summary>The Redis database, as settings name it.</summary>
    public Uri Cache { get; }

    /// <summary>The broker with the virtual host of this cluster, as settings name it.</summary>
    public Uri Broker => _broker;

    /// <summary>Everything that was started, in order, also what has gone.</summary>
    public IReadOnlyList<ClusterProcess> Processes => _processes;

    /// <summary>The silos that run.</summary>
    public IReadOnlyList<ClusterProcess> Silos => [.. _processes.Where(p => p.Role != "gateway" && !p.HasExited)];

    /// <summary>The gateways that run.</summary>
    public IReadOnlyList<ClusterProcess> Gateways => [.. _processes.Where(p => p.Role != "silo" && !p.HasExited)];

    /// <summary>Makes an empty cluster.</summary>
    /// <param name="servers">The collection's fixture.</param>
    /// <param name="sample">Whether the processes use the sample's history panel of 18 years; otherwise one of a few days, which is read at once.</param>
    /// <param name="test">The test's name, for the folder of its logs.</param>
    public static async Task<TestCluster> CreateAsync(ClusterServers servers, bool sample = false, [CallerMemberName] string test = "")
    {
        var number = servers.NextCluster();
        var name = string.Create(CultureInfo.InvariantCulture, $"t{number}");
        var folder = Path.Combine(AppContext.BaseDirectory, "logs", test);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var broker = servers.Broker.CreateVirtualHostAsync(name);
        var database = servers.Postgres.CreateDatabaseAsync();
        var cluster = new TestCluster(servers, folder, await broker, await database, number);
        if (!sample)
            cluster._environment["RISKGRID_HISTORY"] = SmallHistory.WriteTo(cluster._files);
        cluster.Guard();
        return cluster;
    }

    /// <summary>Starts a silo and waits until it is ready.</summary>
    /// <param name="name"><c>silo-1</c>, <c>silo-2</c> … unless given.</param>
    /// <param name="environment">Variables on top of, or in place of, the cluster's.</param>
    /// <param name="options">More command-line options.</param>
    public Task<ClusterProcess> StartSiloAsync(string? name = null, IReadOnlyDictionary<string, string>? environment = null, params string[] options) =>
        StartAsync("silo", name ?? $"silo-{++_silos}", environment, options);

    /// <summary>Starts silos at the same time and waits for all.</summary>
    public Task<ClusterProcess[]> StartSilosAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartSiloAsync()));

    /// <summary>Starts a gateway and waits until it listens; see <see cref="WaitUntilReadyAsync"/>.</summary>
    /// <inheritdoc cref="StartSiloAsync" path="/param"/>
    public Task<ClusterProcess> StartGatewayAsync(string? name = null, IReadOnlyDictionary<string, string>? environment = null, params string[] options) =>
        StartAsync("gateway", name ?? $"gateway-{++_gateways}", environment, ["--http-port", "0", .. options]);

    /// <summary>Starts a process in any role and waits until it is ready.</summary>
    public async Task<ClusterProcess> StartAsync(string role, string name, IReadOnlyDictionary<string, string>? environment = null, params string[] options)
    {
        var process = Begin(role, name, environment, options);
        await process.WaitUntilReadyAsync();
        return process;
    }

    /// <summary>Starts a process in any role and does not wait.</summary>
    public ClusterProcess Begin(string role, string name, IReadOnlyDictionary<string, string>? environment = null, params string[] options)
    {
        var all = new Dictionary<string, string>(_environment, StringComparer.Ordinal) { ["RISKGRID_NAME"] = name };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            all[key] = value;
        var process = ClusterProcess.Begin(role, name, Folder, options, all);
        lock (_processes)
            _processes.Add(process);
        return process;
    }

    /// <summary>A client of the gateways given, or of all that run; the first is asked first.</summary>
    public RiskGridClient Connect(params ClusterProcess[] gateways) => Connect(null, gateways);

    /// <inheritdoc cref="Connect(ClusterProcess[])"/>
    public RiskGridClient Connect(RpcChannelOptions? options, params ClusterProcess[] gateways) =>
        new([.. (gateways.Length > 0 ? gateways : Gateways).Select(g => g.Grpc)], options);

    /// <summary>Waits until the gateways that run are ready and see so many silos, which own every partition of every kind between them, as all of
    /// them have said since.</summary>
    public async Task WaitUntilReadyAsync(int? silos = null, TimeSpan? within = null)
    {
        var expected = silos ?? Silos.Count;
        var watch = Stopwatch.StartNew();
        foreach (var gateway in Gateways)
        {
            using var client = Connect(gateway);
            var seen = "nothing";
            await WaitUntilAsync(
                async () =>
                {
                    var asked = watch.Elapsed;
                    var cluster = await client.GetClusterAsync();
                    seen = cluster.ToString();
                    return cluster.Silos.Count == expected && cluster.Silos.All(s => s.SilentFor.ToTimeSpan() < asked)
                        && await client.IsServingAsync() && OwnsEverything(cluster);
                },
                within ?? TimeSpan.FromSeconds(60),
                () => $"{gateway.Name} is ready, {expected} silos own everything; last seen: {seen}");
        }
    }

    /// <summary>Looks again until the condition holds; a call that fails with a gRPC status counts as not yet.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> condition, TimeSpan within, Func<string> what)
    {
        var watch = Stopwatch.StartNew();
        Protocol.Rpc.RpcException? last = null;
        while (true)
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (Protocol.Rpc.RpcException e)
            {
                last = e;
            }

            if (watch.Elapsed >= within)
                Assert.Fail($"not within {within}: {what()}{(last is null ? "" : $"; the last failure: {last.Message}")}\n{Logs()}");
            await Task.Delay(20);
        }
    }

    /// <summary>The same with what is awaited in words.</summary>
    public Task WaitUntilAsync(Func<Task<bool>> condition, TimeSpan within, string what) => WaitUntilAsync(condition, within, () => what);

    /// <summary>The ends of all logs.</summary>
    public string Logs(int lines = 15)
    {
        lock (_processes)
            return string.Join('\n', _processes.Select(p => $"--- {p.Name} ({p.Id}{(p.HasExited ? ", gone" : "")}): {p.LogFile}\n{p.Tail(lines)}"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        _files.Dispose();
        await _servers.Broker.DeleteVirtualHostAsync(_broker);
    }

    private static bool OwnsEverything(Protocol.V1.Cluster cluster)
    {
        var kinds = cluster.Silos.SelectMany(s => s.Activations.Keys).Distinct(StringComparer.Ordinal);
        return kinds.All(kind => cluster.Silos.Sum(s => (int)s.Partitions.GetValueOrDefault(kind)) == Grid.Partition.Count);
    }

    // When the test process is killed, nobody disposes: this kills what it left.
    private void Guard()
    {
        const string Script = "while [ -d /proc/$1 ] && [ -d \"$2\" ]; do sleep 1; done; for f in \"$2\"/*.pid; do [ -f \"$f\" ] && kill -9 \"$(cat \"$f\")\" 2>/dev/null; done; true";
        using var guard = Process.Start("setsid", ["bash", "-c", $"({Script}) </dev/null >/dev/null 2>&1 &", "guard", $"{Environment.ProcessId}", Folder]);
        guard.WaitForExit();
    }
}
