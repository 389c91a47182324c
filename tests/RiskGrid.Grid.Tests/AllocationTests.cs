using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

// Nothing else may allocate in this process meanwhile.
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Calls = 20_000;

    // The arguments, the call with its completion, the grain's own task and the caller's await.
    private const int RequestBudget = 340;
    private const int OneWayBudget = 140;

    [Fact]
    public async Task A_request_in_one_process_stays_within_its_budget_of_bytes()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain();
        for (var i = 0; i < 1000; i++)
            await grain.Reset();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Calls; i++)
            await grain.Reset();
        var perCall = (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
        Assert.True(perCall <= RequestBudget, $"A request allocates {perCall} bytes, budget {RequestBudget}.");
    }

    [Fact]
    public async Task A_one_way_call_in_one_process_stays_within_its_budget_of_bytes()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain();
        var message = new StringValue { Value = "x" };
        async Task Run(int calls)
        {
            for (var i = 0; i < calls; i++)
            {
                await grain.Tell(message);
                if (i % 1000 == 999)
                    await grain.Reset();
            }
        }

        await Run(2000);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Run(Calls);
        var perCall = (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
        Assert.True(perCall <= OneWayBudget, $"A one-way call allocates {perCall} bytes, budget {OneWayBudget}.");
    }
}
