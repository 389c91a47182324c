using RabbitMQ.Client;
using RiskGrid.Testing;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>One real broker for all tests of a collection; each test has a prefix of its own.</summary>
public sealed class Broker : IAsyncLifetime
{
    private TestServer? _server;
    private int _prefixes;

    public TestServer Server => _server ?? throw new InvalidOperationException("The broker has not started.");

    public async Task InitializeAsync() => _server = await TestServers.RabbitMqAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Options of a cluster that no other test knows.</summary>
    public RabbitMqOptions NewCluster() => new()
    {
        Address = Server.Address,
        Prefix = $"t{Interlocked.Increment(ref _prefixes)}",
        HelloInterval = TimeSpan.FromMilliseconds(250),
    };

    /// <summary>Deletes what the silos of a test declared, so that the broker does not carry it through the others.</summary>
    public async Task DeleteAsync(RabbitMqOptions options, params string[] kinds)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var names = new Names(options.Prefix);
        foreach (var queue in kinds.SelectMany(k => Enumerable.Range(0, Partition.Count).Select(p => names.Queue(k, p))).Append(names.Work).Append(names.Dead))
            await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, noWait: true);
        foreach (var exchange in (string[])[names.Dead, names.Members, names.Topics])
            await channel.ExchangeDeleteAsync(exchange);
    }

    public Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = Server.Address }.CreateConnectionAsync();
}

[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<Broker>
{
    public const string Name = "broker";
}
