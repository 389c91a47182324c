using RiskGrid.Testing;

namespace RiskGrid.Cluster.Tests.Processes;

/// <summary>RabbitMQ, PostgreSQL and Redis, started once for all test classes of the collection. A test that stops or kills one starts it
/// again before it ends.</summary>
public sealed class ClusterServers : IAsyncLifetime
{
    /// <summary>The collection that shares the servers: <c>[Collection(ClusterServers.Collection)]</c>.</summary>
    public const string Collection = "cluster";

    private int _clusters;

    public TestServer Broker { get; private set; } = null!;

    public TestServer Postgres { get; private set; } = null!;

    public TestServer Redis { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var (broker, postgres, redis) = (TestServers.RabbitMqAsync(), TestServers.PostgresAsync(), TestServers.RedisAsync());
        await Task.WhenAll(broker, postgres, redis);
        (Broker, Postgres, Redis) = (await broker, await postgres, await redis);
    }

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { Broker, Postgres, Redis })
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }

    internal int NextCluster() => Interlocked.Increment(ref _clusters);
}

[CollectionDefinition(ClusterServers.Collection)]
public sealed class ClusterCollection : ICollectionFixture<ClusterServers>;
