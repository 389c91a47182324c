namespace RiskGrid.Grid.Tests;

public sealed class InProcessEngineContractTests : EngineContract
{
    protected override IGridEngine CreateEngine() => new InProcessEngine();

    protected override Task LoseOwnershipAsync(Silo silo, string kind, int partition)
    {
        ((IEngineHost)silo).OwnershipLost(kind, partition);
        return Task.CompletedTask;
    }
}

/// <summary>Bytes and delays only.</summary>
public sealed class QuietStrictEngineContractTests : EngineContract
{
    protected override IGridEngine CreateEngine() => new StrictEngine(new StrictOptions { Seed = 1, Duplicates = 0, LostOwnership = 0 });

    protected override Task LoseOwnershipAsync(Silo silo, string kind, int partition)
    {
        ((IEngineHost)silo).OwnershipLost(kind, partition);
        return Task.CompletedTask;
    }
}

public sealed class StrictEngineContractTests : EngineContract
{
    protected override IGridEngine CreateEngine() => new StrictEngine(new StrictOptions { Seed = 20260130 });

    protected override Task LoseOwnershipAsync(Silo silo, string kind, int partition)
    {
        ((IEngineHost)silo).OwnershipLost(kind, partition);
        return Task.CompletedTask;
    }
}

/// <summary>Far worse than any cluster.</summary>
public sealed class HarshStrictEngineContractTests : EngineContract
{
    protected override IGridEngine CreateEngine() =>
        new StrictEngine(new StrictOptions { Seed = 7, Duplicates = 0.5, LostOwnership = 0.1, MaxHops = 16 });

    protected override Task LoseOwnershipAsync(Silo silo, string kind, int partition)
    {
        ((IEngineHost)silo).OwnershipLost(kind, partition);
        return Task.CompletedTask;
    }
}
