using RiskGrid.Compute;
using RiskGrid.Grid;
using RiskGrid.Model;
using Wire = RiskGrid.Protocol.V1;
using LedgerState = RiskGrid.Ledger.RunState;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>A cancel is never lost, and a ledger that fails for a while loses nothing.</summary>
public sealed class RunCancelTests
{
    [Fact]
    public async Task A_run_cancelled_before_it_is_stored_never_is()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (reading, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        var faulty = new FaultyLedger(ledger.Store);
        await using var silo = await TestSilo.StartFirmAsync(faulty);
        faulty.HoldsPositions = () =>
        {
            reading.TrySetResult();
            return never.Task;
        };
        var start = silo.StartRunAsync("early", RunSilo.MonteCarlo(1_000));
        await reading.Task.Within("the position is read");
        Assert.Equal(Wire.RunState.Cancelled, (await CancelAsync(silo, "early")).State);
        Assert.Equal(GridErrorCode.Cancelled, (await RunSilo.Refused(start)).Code);
        Assert.Null(await ledger.Store.ReadRunAsync(RunId.Parse("early"), CancellationToken.None));
        Assert.Equal(GridErrorCode.NotFound, (await RunSilo.Refused(silo.Run("early").GetRun(new Wire.GetRunRequest()))).Code);

        // The name is free again.
        faulty.HoldsPositions = () => Task.CompletedTask;
        await silo.ComputeAsync("early", RunSilo.MonteCarlo(1_000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_cancelled_while_it_is_being_stored_ends_as_cancelled(bool answerLost)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (storing, stored) = (new TaskCompletionSource(), new TaskCompletionSource());
        var faulty = new FaultyLedger(ledger.Store);
        var engine = new ControlledEngine { HoldsWork = _ => new TaskCompletionSource().Task };
        await using var silo = await TestSilo.StartFirmAsync(faulty, new TestSiloOptions { Engine = engine });
        faulty.HoldsRuns = () =>
        {
            storing.TrySetResult();
            return stored.Task;
        };
        var start = silo.StartRunAsync("late", RunSilo.MonteCarlo(1_000));
        await storing.Task.Within("the run is being stored");
        var cancel = CancelAsync(silo, "late");
        await silo.Run("late").GetRun(new Wire.GetRunRequest());
        Assert.False(cancel.IsCompleted, "whether there is a run is not known yet");
        faulty.LosesNextAnswer = answerLost;
        stored.SetResult();
        Assert.Equal(Wire.RunState.Cancelled, (await cancel).State);
        Assert.Equal(LedgerState.Cancelled, (await ledger.Store.ReadRunAsync(RunId.Parse("late"), CancellationToken.None))!.State);
        if (answerLost)
            Assert.Equal(GridErrorCode.Unavailable, (await RunSilo.Refused(start)).Code);
        else
            await start;
        Assert.Empty(silo.Log.Errors);
    }

    [Fact]
    public async Task A_run_whose_start_was_stored_but_not_answered_is_computed_all_the_same()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var faulty = new FaultyLedger(ledger.Store);
        await using var silo = await TestSilo.StartFirmAsync(faulty);
        faulty.LosesNextAnswer = true;
        Assert.Equal(GridErrorCode.Unavailable, (await RunSilo.Refused(silo.StartRunAsync("orphan", RunSilo.Historical()))).Code);
        await Patience.Eventually("the registry calls the run to life", async () =>
            (await silo.Registry().ListRuns(new Wire.ListRunsRequest { State = Wire.RunState.Finished })).Runs.Count == 1);
    }

    [Fact]
    public async Task Cancelling_stops_the_pricing_at_once()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.StartRunAsync("long", RunSilo.MonteCarlo(400_000, shard: 1_000));
        await Patience.Eventually("it prices", async () => (await silo.Run("long").GetRun(new Wire.GetRunRequest())).Progress.ItemsDone >= 2);
        var run = await CancelAsync(silo, "long");
        Assert.Equal(Wire.RunState.Cancelled, run.State);
        Assert.True(run.Progress.ItemsDone < run.Progress.ItemsTotal, "it was under way");
        await Patience.Eventually("the pool is idle", () => silo.Services.Pool.Statistics().UnfinishedJobs[(int)ComputePriority.Run] == 0);

        // Idle for good: whatever was on its way has ended, and nothing new comes.
        var slices = silo.Services.Pool.Statistics().SlicesRun[(int)ComputePriority.Run];
        await silo.ComputeAsync("pin", new Wire.RunSpec { Pin = new Wire.PinSpec() });
        var statistics = silo.Services.Pool.Statistics();
        Assert.InRange(statistics.SlicesRun[(int)ComputePriority.Run] - slices, 0, 50);
        Assert.Equal(0, statistics.UnfinishedJobs[(int)ComputePriority.Run]);
    }

    [Fact]
    public async Task A_run_goes_on_when_the_ledger_is_back()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (asked, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        var engine = new ControlledEngine();
        var faulty = new FaultyLedger(ledger.Store);
        await using var silo = await TestSilo.StartFirmAsync(faulty, new TestSiloOptions { Engine = engine });
        var plain = await silo.ComputeAsync("plain", RunSilo.MonteCarlo(2_000));
        engine.HoldsWork = _ =>
        {
            asked.TrySetResult();
            return held.Task;
        };
        await silo.StartRunAsync("interrupted", RunSilo.MonteCarlo(2_000, shard: 500));
        await asked.Task.Within("items are handed out");
        faulty.Down = true;
        held.SetResult();
        await Patience.Eventually("the run is interrupted", () => silo.Log.Of("RunInterrupted").Any());
        faulty.Down = false;
        var run = await silo.EndOfAsync("interrupted");
        Assert.Equal((Wire.RunState.Finished, plain.ResultHash), (run.State, run.ResultHash));
    }

    private static Task<Wire.Run> CancelAsync(TestSilo silo, string id) =>
        silo.Run(id).Cancel(new Wire.CancelRunRequest { RunId = id }).Within($"run {id} is cancelled");
}
