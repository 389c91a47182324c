using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>Runs on several silos: all of them get work, and none that dies or loses an item changes a bit.</summary>
public sealed class RunClusterTests
{
    // Of one silo with two compute threads.
    private const int WindowOfOne = 6;

    [Fact]
    public async Task A_silo_that_joins_gets_work_at_once_and_the_bits_are_the_same()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        await using var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = cluster.Join() });
        var alone = await one.ComputeAsync("alone", RunSilo.MonteCarlo(40_000, shard: 500));
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.HoldsWork = work =>
        {
            begun.TrySetResult();
            return go.Task;
        };
        await one.StartRunAsync("joined", RunSilo.MonteCarlo(40_000, shard: 500));
        await begun.Task.Within("items are handed out");
        await Patience.Eventually("the window of one silo is full", () => cluster.WorkUnderWay == WindowOfOne);
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = cluster.Join() });
        await Patience.Eventually("more items are handed out when a silo has joined", () => cluster.WorkUnderWay > WindowOfOne);
        go.SetResult();
        var run = await one.EndOfAsync("joined");
        Assert.Equal((Wire.RunState.Finished, alone.ResultHash), (run.State, run.ResultHash));
        Assert.True(cluster.WorkByMember[1] > 20, $"work by silo: {string.Join(' ', cluster.WorkByMember)}");
    }

    [Fact]
    public async Task A_run_whose_owner_dies_goes_on_elsewhere_with_the_same_bits()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join() };
        var one = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engines[0] });
        await using var two = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        var alone = await one.ComputeAsync("alone", RunSilo.MonteCarlo(20_000, shard: 500));
        await one.StartRunAsync("moved", RunSilo.MonteCarlo(20_000, shard: 500));
        await Patience.Eventually("it is under way", () => two.Services.Runs.Latest("moved") is { Progress.ItemsDone: > 2 } or null);
        cluster.Kill(engines[0]);
        var run = await two.EndOfAsync("moved");
        Assert.Equal((Wire.RunState.Finished, alone.ResultHash), (run.State, run.ResultHash));
        await one.DisposeAsync();
    }

    [Fact]
    public async Task While_the_engine_cannot_be_used_a_run_waits_and_then_goes_on()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = cluster.Join() });
        var refused = 0;
        cluster.RefusesWork = _ => Interlocked.Increment(ref refused) <= 40 ? new GrainUnavailableException("the broker restarts") : null;
        await silo.ComputeAsync("restarted", RunSilo.MonteCarlo(2_000, shard: 500));
        Assert.True(refused > 40, "items were refused and handed out again");
    }

    [Fact]
    public async Task An_item_that_ends_the_silos_that_take_it_fails_the_run_and_is_named()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = cluster.Join() });
        var asked = 0;
        cluster.RefusesWork = work => work.Request is Protocol.Grid.RunWork { First: 1_000 } && Interlocked.Increment(ref asked) > 0 ? new WorkLostException("delivered 5 times") : null;
        await silo.StartRunAsync("deadly", RunSilo.MonteCarlo(2_000, shard: 500));
        var run = await silo.EndOfAsync("deadly");
        Assert.Equal(Wire.RunState.Failed, run.State);
        Assert.Contains("scenarios 1,000 to 1,499 of leg 1d", run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(3, asked);

        // Lost once or twice, it is only handed out again.
        asked = 0;
        cluster.RefusesWork = work => work.Request is Protocol.Grid.RunWork { First: 1_000 } && Interlocked.Increment(ref asked) <= 2 ? new WorkLostException("delivered 5 times") : null;
        await silo.ComputeAsync("unlucky", RunSilo.MonteCarlo(2_000, shard: 500));
    }
}
