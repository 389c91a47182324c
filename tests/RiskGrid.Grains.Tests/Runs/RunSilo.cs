using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>Runs on a silo under test.</summary>
internal static class RunSilo
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static IRunGrain Run(this TestSilo silo, string id) => silo.Grains.Get<IRunGrain>(id);

    public static IRunsGrain Registry(this TestSilo silo) => silo.Grains.Get<IRunsGrain>(Grains.Runs.RunsGrain.Key);

    public static Task<Wire.Run> StartRunAsync(this TestSilo silo, string id, Wire.RunSpec spec) =>
        silo.Run(id).Start(new Wire.StartRunRequest { RunId = id, Spec = spec }, CancellationToken.None).Within($"run {id} starts");

    /// <summary>The run once it is over.</summary>
    public static async Task<Wire.Run> EndOfAsync(this TestSilo silo, string id)
    {
        // A change that is not heard of is seen a little later: under an engine that loses the owner now and then, asking without pause
        // would leave the run no time.
        Wire.Run? run = null;
        await Patience.Eventually($"run {id} ends", async () =>
        {
            var change = silo.Services.Runs.NextChange(id);
            run = await silo.Run(id).GetRun(new Wire.GetRunRequest { RunId = id });
            if (run.State == Wire.RunState.Running)
                await Task.WhenAny(change, Task.Delay(Pause));
            return run.State != Wire.RunState.Running;
        });
        return run!;
    }

    /// <summary>Starts a run and waits for its result.</summary>
    public static async Task<Wire.Run> ComputeAsync(this TestSilo silo, string id, Wire.RunSpec spec)
    {
        await silo.StartRunAsync(id, spec);
        var run = await silo.EndOfAsync(id);
        Assert.True(run.State == Wire.RunState.Finished, $"run {id}: {run.State} {run.Error}");
        return run;
    }

    /// <summary>A rerun once it is over.</summary>
    public static async Task<Wire.Run> RerunAsync(this TestSilo silo, string id, string of)
    {
        await silo.Run(id).Start(new Wire.StartRunRequest { RunId = id, RerunOf = of }, CancellationToken.None).Within($"rerun {id} starts");
        return await silo.EndOfAsync(id);
    }

    public static Wire.NodeRisk Node(this Wire.Run run, string path) => run.Result.Nodes.Single(n => n.Path == path);

    public static Wire.RunSpec Historical(string path = "/", uint shard = 0) => new()
    {
        Path = path,
        ScenariosPerShard = shard,
        Var = new Wire.VarSpec { Historical = new Wire.HistoricalMethod(), Decompose = true, Incremental = true, FactorClasses = { "spot", "volatility", "rates", "fx" } },
    };

    public static Wire.RunSpec MonteCarlo(uint paths, string path = "/", uint shard = 0, ulong seed = 7, bool antithetic = false) => new()
    {
        Path = path,
        ScenariosPerShard = shard,
        Var = new Wire.VarSpec
        {
            Confidences = { "0.95", "0.99" },
            MonteCarlo = new Wire.MonteCarloMethod { Paths = paths, Seed = seed, Antithetic = antithetic },
            Decompose = true,
            FactorClasses = { "spot", "volatility" },
        },
    };

    /// <summary>The error of a call that must be refused.</summary>
    public static async Task<GrainCallException> Refused(Task call) => await Assert.ThrowsAsync<GrainCallException>(() => call.Within("the call is answered"));
}
