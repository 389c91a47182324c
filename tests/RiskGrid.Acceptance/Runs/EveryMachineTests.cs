using System.Runtime.Intrinsics.X86;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance.Runs;

/// <summary>Promise 1: every number of the past is computed again to the bit, also by a server that may use less of its
/// processor or compiles its code as it runs.</summary>
public sealed class EveryMachineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, RunSpec> Specs = new()
    {
        ["historical"] = Var(new VarSpec
        {
            Historical = new HistoricalMethod { HullWhite = new HullWhiteFilter { Decay = 0.94, WarmUp = 60 } },
            QuantileRule = QuantileRule.HarrellDavis, Decompose = true, Incremental = true, FactorClasses = { "spot", "volatility", "rates" }, Contributors = 3,
        }),
        ["weighted"] = Var(new VarSpec { Historical = new HistoricalMethod { Decay = 0.99 }, HorizonsDays = { 1, 10 } }),
        ["normal"] = Var(new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = 20_000, Seed = 7, Antithetic = true }, Decompose = true, FactorClasses = { "spot", "rates" } }),
        ["student"] = Var(new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = 20_001, Seed = 7, DegreesOfFreedom = 4, Decay = 0.97 }, Decompose = true }),
        ["parametric"] = Var(new VarSpec { Parametric = new ParametricMethod(), Decompose = true }),
        ["stress"] = new RunSpec { Path = "/", Stress = new StressSpec { AllCrises = true } },
        ["backtest"] = new RunSpec { Path = "/", Backtest = new BacktestSpec() },
    };

    [Fact]
    public async Task Fewer_threads_narrower_instructions_and_code_compiled_as_it_runs_compute_every_run_again_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        var hashes = new Dictionary<string, string>();
        await using (var server = await ServerProcess.StartAsync(ledger))
        {
            using var client = server.Connect();
            await RunServer.FillAsync(client);
            foreach (var (name, spec) in Specs)
            {
                var run = await FinishAsync(client, await client.StartRunAsync(spec, name), server);
                hashes[name] = run.ResultHash;
            }

            Assert.Equal(0, await server.TerminateAsync());
        }

        List<(string Name, string Value)[]> machines =
        [
            [("RISKGRID_ISA", "scalar"), ("DOTNET_EnableHWIntrinsic", "0")],
            [("RISKGRID_ISA", "scalar"), ("DOTNET_EnableAVX2", "0"), ("DOTNET_ReadyToRun", "0"), ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX")],
        ];
        if (Avx512DQ.IsSupported)
            machines.Add([("RISKGRID_ISA", "avx2")]);
        for (var machine = 0; machine < machines.Count; machine++)
        {
            await using var server = await ServerProcess.StartInAsync(machines[machine], ledger, "--threads", machine == 0 ? "1" : "3");
            using var client = server.Connect();
            foreach (var name in Specs.Keys)
            {
                var rerun = await FinishAsync(client, await client.RerunAsync(name, $"{name}-{machine}"), server);
                var on = string.Join(' ', machines[machine].Select(v => $"{v.Name}={v.Value}"));
                Assert.True(rerun.Rerun.Identical && rerun.Rerun.Numbers > 0, $"{name} on {on}: {rerun.Rerun}");
                Assert.True(hashes[name] == rerun.ResultHash, $"{name} on {on} has another result hash");
            }

            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    private static RunSpec Var(VarSpec spec) => new() { Path = "/", Var = spec };

    private static async Task<Run> FinishAsync(RiskGridClient client, Run run, ServerProcess server)
    {
        run = await client.WaitForRunAsync(run.RunId).WaitAsync(Patience);
        Assert.True(run.State == RunState.Finished, $"{run.RunId}: {run.Error} {server.Errors}");
        return run;
    }
}
