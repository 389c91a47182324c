using System.Globalization;

namespace RiskGrid.Testing;

/// <summary>One running server. Disposing stops it and deletes all that it owned.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly string _name;
    private int _databases;

    internal TestServer(ServerKind kind)
    {
        Kind = kind;
        _name = kind switch
        {
            ServerKind.RabbitMq => "rabbitmq",
            ServerKind.Postgres => "postgres",
            ServerKind.Redis => "redis",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such server"),
        };
        Folder = Directory.CreateTempSubdirectory($"riskgrid-{_name}-").FullName;
    }

    public ServerKind Kind { get; }

    /// <summary>All that the server owns.</summary>
    public string Folder { get; }

    /// <summary>Where it listens on 127.0.0.1; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>As RiskGrid's settings take it: <c>amqp://</c>, <c>postgres://</c> (the database postgres) or <c>redis://</c>.</summary>
    public Uri Address => Kind switch
    {
        ServerKind.RabbitMq => new Uri($"amqp://guest:guest@127.0.0.1:{Port}/"),
        ServerKind.Postgres => DatabaseAddress("postgres"),
        _ => new Uri($"redis://127.0.0.1:{Port}"),
    };

    /// <summary>Makes a database of its own in this PostgreSQL and returns its <c>postgres://</c> address.</summary>
    public async Task<Uri> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        if (Kind != ServerKind.Postgres)
            throw new InvalidOperationException($"{Kind} has no databases to create");
        var name = $"test_{Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture)}";
        await ServerScript.RunAsync(["database", Folder, name], cancellationToken);
        return DatabaseAddress(name);
    }

    /// <summary>Makes a virtual host of its own in this RabbitMQ and returns its <c>amqp://</c> address: queues that nobody else sees.</summary>
    public async Task<Uri> CreateVirtualHostAsync(string name, CancellationToken cancellationToken = default)
    {
        await ServerScript.RunAsync(["rabbitmqctl", Folder, "-q", "add_vhost", name], cancellationToken);
        await ServerScript.RunAsync(["rabbitmqctl", Folder, "-q", "set_permissions", "-p", name, "guest", ".*", ".*", ".*"], cancellationToken);
        return new Uri(Address, name);
    }

    /// <summary>Runs an Erlang expression in this RabbitMQ, such as one that changes a limit while it runs.</summary>
    public Task EvaluateAsync(string expression, CancellationToken cancellationToken = default) =>
        ServerScript.RunAsync(["rabbitmqctl", Folder, "-q", "eval", expression], cancellationToken);

    /// <summary>Deletes a virtual host with all its queues.</summary>
    public Task DeleteVirtualHostAsync(Uri address, CancellationToken cancellationToken = default) =>
        ServerScript.RunAsync(["rabbitmqctl", Folder, "-q", "delete_vhost", address.AbsolutePath.TrimStart('/')], cancellationToken);

    /// <summary>The same database as Npgsql's connection strings name it.</summary>
    public static string ConnectionString(Uri database) =>
        $"Host={database.Host};Port={database.Port.ToString(CultureInfo.InvariantCulture)};Username={database.UserInfo};Database={database.AbsolutePath.TrimStart('/')}";

    /// <summary>Starts it (again); returns when it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await ServerScript.RunAsync(
            ["start", _name, Folder, "free", "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)],
            cancellationToken);
        Port = int.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "port"), cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>An orderly stop, as an operator's restart begins with.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => ServerScript.RunAsync(["stop", _name, Folder], cancellationToken);

    /// <summary><c>kill -9</c> of every process of it.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => ServerScript.RunAsync(["kill", _name, Folder], cancellationToken);

    /// <summary>SIGSTOP: it accepts connections and answers none.</summary>
    public Task PauseAsync(CancellationToken cancellationToken = default) => ServerScript.RunAsync(["pause", _name, Folder], cancellationToken);

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken = default) => ServerScript.RunAsync(["resume", _name, Folder], cancellationToken);

    /// <summary><c>running</c>, <c>paused</c> or <c>stopped</c>.</summary>
    public async Task<string> StatusAsync(CancellationToken cancellationToken = default) =>
        (await ServerScript.RunAsync(["status", _name, Folder], cancellationToken)).Trim();

    /// <summary>What it has written to its standard streams, for a failure's message.</summary>
    public string Log()
    {
        var file = Path.Combine(Folder, "server.log");
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    public async ValueTask DisposeAsync()
    {
        // What is thrown away needs no orderly stop.
        if (!Directory.Exists(Folder))
            return;
        await ServerScript.RunAsync(["kill", _name, Folder], CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private Uri DatabaseAddress(string name) => new($"postgres://postgres@127.0.0.1:{Port}/{name}");
}
