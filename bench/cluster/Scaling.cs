using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Bench;

/// <summary>One pinned silo against two, in turns: the same runs, and the same bits.</summary>
internal static class Scaling
{
    // For each silo: by then its code is compiled, with what the first runs taught the compiler. Fewer, and a fresh silo computes beside its compiler.
    private const int WarmUpPaths = 150_000;

    public static async Task<ScalingFigures> MeasureAsync(RiskCluster cluster, BenchOptions options, CancellationToken cancellationToken)
    {
        var first = await cluster.JoinAsync("first", 0, cancellationToken);
        await RunAsync(cluster, WarmUpPaths, 1, cancellationToken);
        var (one, two) = (new List<Turn>(), new List<Turn>());
        for (var round = 0; round < options.Rounds; round++)
        {
            var seed = (ulong)(round + 2);

            // Who comes first changes: a machine that slows down over time slows both.
            foreach (var silos in round % 2 == 0 ? (int[])[1, 2] : [2, 1])
            {
                var second = silos == 2 ? await cluster.JoinAsync("second", 1, cancellationToken) : null;
                if (second is not null)
                    await RunAsync(cluster, silos * WarmUpPaths, (ulong)(1000 + round), cancellationToken);
                var turn = await RunAsync(cluster, options.Paths, seed, cancellationToken);
                (silos == 1 ? one : two).Add(turn);
                Figures.Say($"{options.Paths:N0} paths on {silos} silo(s): {turn.Seconds:F2} s, priced for {turn.PricingSeconds:F2} s; processor seconds {string.Join(", ", turn.CpuSeconds.Select(c => FormattableString.Invariant($"{c.Key} {c.Value:F1}")))}");
                if (second is null)
                    continue;
                await cluster.StopSiloAsync(second, cancellationToken);
                await cluster.SettledAsync(cancellationToken);
            }

            if (one[^1].ResultHash != two[^1].ResultHash || one[^1].ResultHash.Length == 0)
                throw new InvalidOperationException($"the results differ: '{one[^1].ResultHash}' on one silo, '{two[^1].ResultHash}' on two");
        }

        await cluster.StopSiloAsync(first, cancellationToken);
        return new ScalingFigures(
            Math.Round(Figures.Median(one.Select(t => t.Seconds)) / Figures.Median(two.Select(t => t.Seconds)), 3), one[0].Trades, options.Paths,
            Figures.Rounded(one.Select(t => t.Seconds)), Figures.Rounded(two.Select(t => t.Seconds)),
            Rounded(one[^1].CpuSeconds), Rounded(two[^1].CpuSeconds), [.. one.Select(t => t.ResultHash)]);
    }

    private static Dictionary<string, double> Rounded(Dictionary<string, double> seconds) => seconds.ToDictionary(s => s.Key, s => Math.Round(s.Value, 2));

    // From the call that starts the run to its result at the client.
    private static async Task<Turn> RunAsync(RiskCluster cluster, int paths, ulong seed, CancellationToken cancellationToken)
    {
        var before = cluster.CpuSeconds();
        var asked = TimeProvider.System.GetTimestamp();
        var id = await cluster.StartRunAsync(paths, seed, cancellationToken);
        var run = await cluster.Client.WaitForRunAsync(id, cancellationToken: cancellationToken);
        var seconds = Figures.Seconds(asked);
        if (run.State != RunState.Finished)
            throw new InvalidOperationException($"the run ended as {run.State}: {run.Error?.Message}");
        var coverage = run.Result.Nodes[0].Coverage;
        if (coverage.Missing > 0 || coverage.Priced != coverage.Trades)
            throw new InvalidOperationException($"{coverage.Missing} of {coverage.Trades} trades are not in the run");
        return new Turn(
            seconds, run.Progress.PricingSeconds, run.ResultHash, (int)run.Inputs.Trades,
            cluster.CpuSeconds().ToDictionary(c => c.Key, c => c.Value - before[c.Key]));
    }

    private sealed record Turn(double Seconds, double PricingSeconds, string ResultHash, int Trades, Dictionary<string, double> CpuSeconds);
}

/// <summary>How much quicker two silos are.</summary>
/// <param name="Ratio">Median time on one over median time on two.</param>
/// <param name="Trades">Trades in the run.</param>
/// <param name="Paths">Paths of the run.</param>
/// <param name="OneSiloSeconds">Of each turn.</param>
/// <param name="TwoSilosSeconds">Of each turn.</param>
/// <param name="OneSiloCpuSeconds">Who used the processor in the last turn.</param>
/// <param name="TwoSilosCpuSeconds">Who used the processor in the last turn.</param>
/// <param name="ResultHashes">Of each round; the same on one silo and on two.</param>
internal sealed record ScalingFigures(
    double Ratio, int Trades, int Paths, double[] OneSiloSeconds, double[] TwoSilosSeconds,
    Dictionary<string, double> OneSiloCpuSeconds, Dictionary<string, double> TwoSilosCpuSeconds, string[] ResultHashes);
