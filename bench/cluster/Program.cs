using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using RiskGrid.Cluster.Bench;

// Silos as real processes on real servers: scaling, joining, recovering, calling.
// Usage: RiskGrid.Cluster.Bench PROGRAM (riskgrid.dll) [--paths N] [--rounds N] [--only PART[,PART]] [--json]

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args is [EchoSilo.Command, var broker, var name])
    {
        await EchoSilo.RunAsync(new Uri(broker), name, stop.Token);
        return 0;
    }

    var options = BenchOptions.Parse(args);
    var (scaling, join, recovery) = await MeasureRiskAsync(options, stop.Token);
    var calls = options.Only.Contains("calls") ? await Calls.MeasureAsync(options, stop.Token) : null;
    if (options.Json)
    {
        var document = new
        {
            scaling_2_silos = scaling?.Ratio,
            join_s = join?.Median,
            recover_s = recovery?.Median,
            grain_calls_per_s = calls?.At1024,
            complete_s = recovery?.CompleteMedian,
            scaling,
            join,
            recovery,
            calls,
            hardware = Figures.Hardware(),
        };
        Console.WriteLine(JsonSerializer.Serialize(document, new JsonSerializerOptions
        {
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        }));
        return 0;
    }

    Console.WriteLine(Figures.Hardware());
    if (scaling is not null)
        Print($"scaling_2_silos    {scaling.Ratio:F3}   Monte Carlo VaR, {scaling.Trades:N0} trades, {scaling.Paths:N0} paths, a silo a core: {Figures.Median(scaling.OneSiloSeconds):F2} s on one, {Figures.Median(scaling.TwoSilosSeconds):F2} s on two, the same bits");
    if (join is not null)
        Print($"join_s             {join.Median:F3}   from the start of a silo's process until its first book is priced or its first item of a run is computed");
    if (recovery is not null)
        Print($"recover_s          {recovery.Median:F3}   from kill -9 of one of three silos until every partition answers; at worst {recovery.Worst:F3}; rollups complete without a caller after {recovery.CompleteMedian:F3}, at worst {recovery.CompleteWorst:F3}");
    if (calls is not null)
        Print($"grain_calls_per_s  {calls.At1024:N0}   1,024 outstanding, {calls.Bytes} bytes, to {calls.Silos} processes; {calls.At64:N0} with 64 outstanding");
    return 0;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"riskgrid bench cluster: {e.Message}");
    return 2;
}
catch (InvalidOperationException e)
{
    // Said by the benchmark itself, with what it saw.
    Console.Error.WriteLine($"riskgrid bench cluster: {e.Message}");
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

static async Task<(ScalingFigures?, JoinFigures?, RecoveryFigures?)> MeasureRiskAsync(BenchOptions options, CancellationToken cancellationToken)
{
    if (!options.Only.Overlaps(["scaling", "join", "recover"]))
        return default;
    await using var cluster = await RiskCluster.StartAsync(options.Program, cancellationToken);
    return (
        options.Only.Contains("scaling") ? await Scaling.MeasureAsync(cluster, options, cancellationToken) : null,
        options.Only.Contains("join") ? await Joining.MeasureAsync(cluster, options, cancellationToken) : null,
        options.Only.Contains("recover") ? await Recovery.MeasureAsync(cluster, options, cancellationToken) : null);
}
