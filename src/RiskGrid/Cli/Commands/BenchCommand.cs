using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using RiskGrid.Bench;
using RiskGrid.Client;
using RiskGrid.Compute;
using RiskGrid.Demo;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains.Nodes;
using RiskGrid.Hosting;
using RiskGrid.Pricing.Chains;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid bench runs</c>: Monte Carlo VaR of the sample portfolio, beside the kernel alone in the same process.</summary>
internal static class BenchCommand
{
    private const int KernelRounds = 4;
    private const ulong Seed = 20260130;

    public static Command Create()
    {
        var paths = new Option<uint>("--paths") { Description = "Paths of the Monte Carlo run.", DefaultValueFactory = _ => 100_000 };
        var threads = new Option<int>("--threads") { Description = "Threads that compute.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var (data, json, level) = (CommonOptions.Data(), CommonOptions.Json(), CommonOptions.LogLevel("warning"));
        var runs = new Command("runs", "Runs Monte Carlo VaR of the sample portfolio and compares it with the kernel's own speed.") { paths, threads, data, json, level };
        runs.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var logs = Terminal.CreateLogging(parsed.GetRequiredValue(level));
                if (parsed.GetValue(threads) is var count && count is < 1 or > 1024)
                    throw new UsageException($"--threads must be between 1 and 1024, not {count}");
                var stages = new Stages(TimeProvider.System);
                var folder = Directory.CreateTempSubdirectory("riskgrid-bench-");
                try
                {
                    var result = await stages.ShowAsync(() => RunAsync(
                        stages, parsed.GetRequiredValue(data), Path.Combine(folder.FullName, "ledger.db"), parsed.GetValue(paths), count, logs, token));
                    if (parsed.GetValue(json))
                        Terminal.WriteJson(result);
                    else
                        Terminal.WriteLine(result.ToJsonString());
                    return CommandLine.Done;
                }
                finally
                {
                    folder.Delete(recursive: true);
                }
            },
            cancel));
        return new Command("bench", "Measures this machine; `bench kernels` is a script of its own.") { runs };
    }

    private static async Task<JsonObject> RunAsync(
        Stages stages, string data, string ledger, uint paths, int threads, Microsoft.Extensions.Logging.ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var panel = SampleFiles.ReadHistory(SampleData.History(data));
        var chain = await stages.RunAsync("calibrate", "Read the option chain, fit forwards, rates and smiles", _ => Task.Run(
            () => ChainCalibration.Calibrate(SampleFiles.ReadChain(SampleData.Chain(data)), SampleFiles.ChainAsOf), cancellationToken));
        var sample = new SampleMarket(chain, panel, HierarchyGrain.Firm);
        await using var server = await RiskServer.StartAsync(
            new RiskServerOptions { LedgerPath = ledger, History = panel, Scenarios = SampleFiles.Scenarios(panel), ComputeThreads = threads, Gateway = new GatewayOptions { GrpcPort = 0, HttpPort = 0 } },
            logs,
            cancellationToken);
        using var client = new RiskGridClient(server.GrpcAddress);
        await sample.SendAsync(stages, client, "bench", cancellationToken);
        await stages.RunAsync("settle", "Wait until live work is at rest", _ => client.GetRollupAsync("/", 0, settled: true, TimeSpan.FromMinutes(5), cancellationToken));
        var kernel = new KernelRate(sample.Trades, sample.Snapshot());
        await using var pool = new ComputePool(new ComputePoolOptions { Threads = threads });
        async Task<double> KernelAsync() => await kernel.MeasureAsync(pool, KernelRounds, TimeProvider.System, cancellationToken);
        using var process = Process.GetCurrentProcess();
        TimeSpan Cpu()
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }

        await KernelAsync();
        var kernelCpu = Cpu();
        var before = await KernelAsync();
        kernelCpu = Cpu() - kernelCpu;
        var runCpu = Cpu();
        var run = await stages.RunAsync("run", $"Monte Carlo VaR, {paths:N0} paths", async _ =>
        {
            var started = await client.StartRunAsync(Spec(paths), cancellationToken: cancellationToken);
            return await client.WaitForRunAsync(started.RunId, cancellationToken: cancellationToken);
        });
        if (run.State != RunState.Finished)
            throw new InvalidOperationException($"the run ended as {run.State}: {run.Error?.Message}");
        runCpu = Cpu() - runCpu;
        var after = await KernelAsync();

        // Both rates on all threads: time on the pricing slices is summed over the threads.
        var seconds = (run.FinishedAt.ToDateTimeOffset() - run.CreatedAt.ToDateTimeOffset()).TotalSeconds;
        var pricing = run.Progress.PricingSeconds / threads;
        var rate = run.Progress.RevaluationsDone / pricing;
        process.Refresh();
        return new JsonObject
        {
            ["trades"] = run.Inputs.Trades,
            ["paths"] = paths,
            ["threads"] = threads,
            ["instruction_set"] = Kernels.NativeKernels.InstructionSet,
            ["seconds"] = seconds,
            ["revaluations"] = run.Progress.RevaluationsDone,
            ["kernel_rate"] = Math.Max(before, after),
            ["pricing_rate"] = rate,
            ["kernel_cpu_ns"] = kernelCpu.TotalNanoseconds / kernel.Revaluations(threads, KernelRounds),
            ["run_cpu_ns"] = runCpu.TotalNanoseconds / run.Progress.RevaluationsDone,
            ["pricing_rate_ratio"] = rate / Math.Max(before, after),
            ["run_over_pricing"] = seconds / pricing,
            ["peak_mb"] = process.PeakWorkingSet64 / (1024.0 * 1024.0),
        };
    }

    private static RunSpec Spec(uint paths) => new() { Path = "/", Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = paths, Seed = Seed }, Decompose = true } };
}
