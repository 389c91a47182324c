using System.Globalization;
using System.Text.Json;
using RiskGrid.Client;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Protocol.V1;
using RiskGrid.Runs.Bench;

// Monte Carlo VaR of the sample portfolio as a run of a real server, against the scenario kernel alone on the same books with the markets
// already made, in turns. Usage: RiskGrid.Runs.Bench PROGRAM (riskgrid.dll) [--paths N] [--rounds N] [--json]

// Seconds of the kernel beside seconds of the run: a shared machine is not equally quick from one moment to the next.
const int KernelRounds = 12;
var program = args[0];
var paths = Option("--paths", 100_000);
var rounds = Option("--rounds", 5);
var threads = Environment.ProcessorCount;

var folder = Directory.CreateTempSubdirectory("riskgrid-bench-").FullName;
try
{
    var ledger = Path.Combine(folder, "risk.db");
    Say("Loading the sample portfolio ...");
    using (var loading = ServeProcess.Start(program, ledger))
    {
        ServeProcess.Command(program, "load", "--sample", "--address", loading.Address.ToString());
        loading.Stop();
    }

    PortfolioKernel kernel;
    await using (var store = await SqliteLedger.OpenAsync(ledger, TimeProvider.System, null, CancellationToken.None))
        kernel = await PortfolioKernel.ReadAsync(store, "market:main");

    using var server = ServeProcess.Start(program, ledger);
    using var client = new RiskGridClient(server.Address);
    await client.GetRollupAsync("/", 0, settled: true);
    kernel.ScenariosPerSecond(threads, 2);
    await RunAsync(client, 10_000, 1);

    // Kernel and run in turns: a machine that slows down slows both.
    var samples = new List<Sample>();
    for (var round = 0; round < rounds; round++)
    {
        var before = kernel.ScenariosPerSecond(threads, KernelRounds);
        var (run, seconds) = await RunAsync(client, paths, (ulong)(round + 2));
        var after = kernel.ScenariosPerSecond(threads, KernelRounds);
        var rate = (before + after) / 2;
        var pricing = run.Progress.PricingSeconds / threads;
        samples.Add(new Sample(seconds, paths / pricing / rate, seconds / pricing, (int)run.Inputs.Trades));
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{paths:N0} paths in {seconds:F2} s, pricing {pricing:F2} s on each of {threads} threads; the kernel alone {paths / rate:F2} s"));
    }

    var result = new
    {
        trades = samples[0].Trades,
        paths,
        seconds = Math.Round(Median(s => s.Seconds), 3),
        pricing_rate_ratio = Math.Round(Median(s => s.RateRatio), 3),
        run_over_pricing = Math.Round(Median(s => s.OverPricing), 3),
        peak_mb = Math.Round(server.PeakMegabytes),
        threads,
        hardware = Hardware(),
    };
    if (args.Contains("--json"))
    {
        Console.WriteLine(JsonSerializer.Serialize(result, new JsonSerializerOptions { WriteIndented = true }));
    }
    else
    {
        Console.WriteLine(result.hardware);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Monte Carlo VaR, {result.trades:N0} trades, {paths:N0} paths, {threads} threads: {result.seconds:F2} s; priced at {result.pricing_rate_ratio:P1} of the kernel's own rate; the run takes {result.run_over_pricing:F3} x its pricing; peak {result.peak_mb:N0} MiB"));
    }

    double Median(Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Count / 2);
}
finally
{
    Directory.Delete(folder, recursive: true);
}

int Option(string name, int otherwise) =>
    Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

static void Say(string text) => Console.Error.WriteLine(text);

// From the call that starts the run to its result at the client: freezing and the way back too.
static async Task<(Run Run, double Seconds)> RunAsync(RiskGridClient client, int paths, ulong seed)
{
    var spec = new RunSpec { Path = "/", Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = (uint)paths, Seed = seed } } };
    var asked = TimeProvider.System.GetTimestamp();
    var started = await client.StartRunAsync(spec);
    var run = await client.WaitForRunAsync(started.RunId);
    var seconds = TimeProvider.System.GetElapsedTime(asked).TotalSeconds;
    if (run.State != RunState.Finished)
        throw new InvalidOperationException($"the run ended as {run.State}: {run.Error?.Message}");
    var measure = run.Result.Nodes[0].Measures[0];
    if (!(measure.ValueAtRisk > 0 && measure.ExpectedShortfall > measure.ValueAtRisk))
        throw new InvalidOperationException($"the run found a VaR of {measure.ValueAtRisk} and an expected shortfall of {measure.ExpectedShortfall}");
    return (run, seconds);
}

static string Hardware()
{
    var model = File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal));
    return $"{model[(model.IndexOf(':', StringComparison.Ordinal) + 2)..]}, {Environment.ProcessorCount} cores";
}
