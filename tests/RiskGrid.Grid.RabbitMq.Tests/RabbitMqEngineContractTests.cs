using RiskGrid.Grid.Tests;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>What every engine guarantees, through a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class RabbitMqEngineContractTests(Broker broker) : EngineContract, IAsyncLifetime
{
    private readonly RabbitMqOptions _options = broker.NewCluster();
    private RabbitMqEngine? _engine;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.CompletedTask;

    protected override IGridEngine CreateEngine() => _engine = new RabbitMqEngine(_options);

    protected override Task LoseOwnershipAsync(Silo silo, string kind, int partition) => _engine!.YieldAsync(partition);
}
