using System.Net;
using System.Net.Sockets;

namespace RiskGrid.Cli.Cluster;

/// <summary>A cluster of processes of this machine, and the three servers that it needs, all in one directory.</summary>
internal sealed partial class LocalCluster(string folder)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(50);

    private ClusterFile _file = new() { SiloThreads = 1 };

    /// <summary>The directory.</summary>
    public string Folder { get; } = folder;

    /// <summary>What was started.</summary>
    public ClusterFile File => _file;

    /// <summary>The configuration that every process of the cluster reads; a process of one's own may read it too.</summary>
    public string ConfigFile => Path.Combine(Folder, "riskgrid.json");

    /// <summary>The gateways that run.</summary>
    public IReadOnlyList<Uri> Gateways => [.. _file.Members.Where(m => m.Grpc is not null && m.Process.IsAlive).Select(m => m.Grpc!)];

    /// <summary>The cluster of a directory.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static LocalCluster In(string folder) => new(folder) { _file = ClusterFile.Read(folder) };

    /// <summary>Starts servers, silos and gateways and waits until they are ready; on failure nothing is left running.</summary>
    public async Task UpAsync(ClusterPlan plan, Stages stages, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        using var turn = await ClusterLock.TakeAsync(Folder, cancellationToken);
        if (ClusterFile.IsIn(Folder))
        {
            _file = ClusterFile.Read(Folder);
            if (_file.Members.Any(m => m.Process.IsAlive))
                throw new UsageException($"a cluster runs in {Folder} already: see `riskgrid cluster status`, add to it with `cluster add`, end it with `cluster down`");
        }

        var missing = (await ServerScript.RunAsync(["missing"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (missing.Length > 0)
            throw new InvalidDataException($"a cluster needs servers that are not installed. Install them, then run the command again: sudo apt-get install {string.Join(' ', missing)}");
        RefuseTakenPort(plan.GrpcPort, "--grpc-port");
        RefuseTakenPort(plan.HttpPort, "--http-port");
        Directory.CreateDirectory(Path.Combine(Folder, "logs"));
        _file = new ClusterFile { SiloThreads = plan.SiloThreads, History = plan.History };
        _file.Write(Folder);
        try
        {
            await stages.RunAsync("servers", "Start RabbitMQ, PostgreSQL and Redis", async _ =>
            {
                await Task.WhenAll(ServerScript.Kinds.Select(kind => StartServerAsync(kind, cancellationToken)));
                WriteConfig();
                return true;
            });
            await stages.RunAsync("processes", $"Start {plan}", async _ =>
            {
                var gateways = Enumerable.Range(1, plan.Gateways).Select(n => StartGatewayAsync(n, n == 1 ? plan.GrpcPort : 0, n == 1 ? plan.HttpPort : 0, cancellationToken));
                var silos = Enumerable.Range(0, plan.Silos).Select(_ => StartSiloAsync(cancellationToken));
                await Task.WhenAll([.. gateways, .. silos]);
                return true;
            });
            await stages.RunAsync("ready", "Share the partitions out", async _ =>
            {
                await WaitUntilReadyAsync(plan.Silos, cancellationToken);
                return true;
            });
        }
        catch
        {
            foreach (var member in _file.Members)
                await member.Process.SignalAsync("KILL");
            await StopServersAsync();
            throw;
        }
    }

    /// <summary>Starts one more silo and waits until it has its share, or one more gateway.</summary>
    /// <exception cref="UsageException">The servers do not run.</exception>
    public async Task<ClusterMember> AddAsync(string role, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        if ((await ReadServersAsync(cancellationToken)).FirstOrDefault(s => s.Status == "stopped") is { Kind: { } stopped })
            throw new UsageException($"the {stopped} of {Folder} does not run: start the cluster with `riskgrid cluster up`");
        var before = _file.Members;
        var silos = before.Count(m => m.Role == "silo" && m.Process.IsAlive);
        try
        {
            if (role == "gateway")
                return await StartGatewayAsync(before.Count(m => m.Role == "gateway") + 1, 0, 0, cancellationToken);
            var silo = await StartSiloAsync(cancellationToken);
            await WaitUntilReadyAsync(silos + 1, cancellationToken);
            return silo;
        }
        catch
        {
            foreach (var member in _file.Members.Where(m => before.All(b => b.Name != m.Name)))
                await member.Process.SignalAsync("KILL");
            throw;
        }
    }

    /// <summary>The member with a name, or the silo with a number.</summary>
    /// <exception cref="UsageException">There is none that runs.</exception>
    public ClusterMember Find(string name)
    {
        var member = _file.Members.FirstOrDefault(m => m.Name == name || m.Name == $"silo-{name}");
        if (member?.Process.IsAlive == true)
            return member;
        var running = _file.Members.Where(m => m.Process.IsAlive).Select(m => m.Name).ToList();
        var others = running.Count > 0 ? $"there run {string.Join(", ", running)}" : "nothing else runs either: start the cluster with `riskgrid cluster up`";
        throw new UsageException($"{(member is null ? $"there is no '{name}' in {Folder}" : $"{member.Name} of {Folder} does not run any more")}; {others}");
    }

    /// <summary>SIGTERM: what it holds is handed over.</summary>
    public static async Task<bool> StopAsync(ClusterMember member, CancellationToken cancellationToken)
    {
        await member.Process.SignalAsync("TERM");
        return await member.Process.EndsWithinAsync(StopLimit, cancellationToken);
    }

    /// <summary>Closes the doors, drains the silos and stops the servers.</summary>
    /// <param name="purge">Deletes the directory and all that is in it as well; otherwise the data stays.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task DownAsync(bool purge, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        foreach (var role in new[] { "gateway", "silo" })
        {
            var members = _file.Members.Where(m => m.Role == role).ToList();
            await Task.WhenAll(members.Select(m => StopAsync(m, cancellationToken)));
            foreach (var member in members)
                await member.Process.SignalAsync("KILL");
        }

        await StopServersAsync();
        if (purge)
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary><c>running</c>, <c>paused</c> or <c>stopped</c>, by server.</summary>
    public async Task<IReadOnlyList<(string Kind, string Status, string Port)>> ReadServersAsync(CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(ServerScript.Kinds.Select(kind => ServerScript.RunAsync(["status", kind, ServerFolder(kind)], cancellationToken)));
        return [.. ServerScript.Kinds.Zip(states, (kind, state) => (kind, state.Trim(), PortOf(kind)))];
    }

    // The gateway would find it out too, once all the servers run.
    private static void RefuseTakenPort(int port, string flag)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            // Another process has it, or it is one of those that not everybody may have.
            throw new UsageException($"{flag} {port}: nothing can listen on port {port} of {IPAddress.Loopback} ({e.Message}); name another port, or 0 for a free one");
        }
    }

    // What a command before this one did is known from here on.
    private async Task<ClusterLock> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = await ClusterLock.TakeAsync(Folder, cancellationToken);
        try
        {
            _file = ClusterFile.Read(Folder);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private string ServerFolder(string kind) => Path.Combine(Folder, kind);

    private string PortOf(string kind) => Path.Combine(ServerFolder(kind), "port") is var file && System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file) : "";

    private async Task StartServerAsync(string kind, CancellationToken cancellationToken)
    {
        await ServerScript.RunAsync(["start", kind, ServerFolder(kind), "free"], cancellationToken);
        var made = Path.Combine(Folder, "database-made");
        if (kind != "postgres" || System.IO.File.Exists(made))
            return;
        await ServerScript.RunAsync(["database", ServerFolder(kind), "riskgrid"], cancellationToken);
        await System.IO.File.WriteAllTextAsync(made, "", cancellationToken);
    }

    private async Task StopServersAsync() =>
        await Task.WhenAll(ServerScript.Kinds.Select(kind => ServerScript.RunAsync(["stop", kind, ServerFolder(kind)], CancellationToken.None)));

    private void WriteConfig() => System.IO.File.WriteAllText(
        ConfigFile,
        $$"""
        {
          "broker": "amqp://guest:guest@127.0.0.1:{{PortOf("rabbitmq")}}/",
          "ledger": "postgres://postgres@127.0.0.1:{{PortOf("postgres")}}/riskgrid",
          "cache": "redis://127.0.0.1:{{PortOf("redis")}}"
        }

        """);
}

/// <summary>What <c>riskgrid cluster up</c> starts.</summary>
internal sealed record ClusterPlan(int Silos, int Gateways, int GrpcPort, int HttpPort, int SiloThreads, string? History)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Silos} silo{(Silos == 1 ? "" : "s")} and {Gateways} gateway{(Gateways == 1 ? "" : "s")}";
}
