namespace RiskGrid.Testing;

/// <summary>
/// The real servers of a cluster for tests, each started by <c>eng/servers.sh</c> on a free port of loopback, in a directory of its own.
/// A server that nobody disposed is killed, and its directory deleted, when the test process has gone.
/// </summary>
public static class TestServers
{
    /// <summary>A RabbitMQ; its queues survive <see cref="TestServer.StopAsync"/> and <see cref="TestServer.KillAsync"/>.</summary>
    public static Task<TestServer> RabbitMqAsync(CancellationToken cancellationToken = default) => StartAsync(ServerKind.RabbitMq, cancellationToken);

    /// <summary>A PostgreSQL with fsync on; its data survives a stop and a kill.</summary>
    public static Task<TestServer> PostgresAsync(CancellationToken cancellationToken = default) => StartAsync(ServerKind.Postgres, cancellationToken);

    /// <summary>A Redis that keeps nothing over a restart, as a cache may.</summary>
    public static Task<TestServer> RedisAsync(CancellationToken cancellationToken = default) => StartAsync(ServerKind.Redis, cancellationToken);

    public static async Task<TestServer> StartAsync(ServerKind kind, CancellationToken cancellationToken = default)
    {
        var server = new TestServer(kind);
        try
        {
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
