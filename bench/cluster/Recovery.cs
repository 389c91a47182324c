using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Bench;

/// <summary>Three silos, and one is killed: how soon every partition answers again, and how soon every rollup is complete again although
/// nobody asks for it.</summary>
internal static class Recovery
{
    private const int Silos = 3;

    // What is published later than this is no longer due to the kill.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static async Task<RecoveryFigures> MeasureAsync(RiskCluster cluster, BenchOptions options, CancellationToken cancellationToken)
    {
        var silos = new List<GridProcess>();
        for (var i = 0; i < Silos; i++)
            silos.Add(cluster.StartSilo("recovery", null, null));
        foreach (var silo in silos)
            await silo.ReadyAsync(cancellationToken);
        await cluster.SettledAsync(cancellationToken);
        var probes = await Probes.MakeAsync(cluster, cancellationToken);
        await probes.AnswerAsync(cluster.Listener.Grains, cancellationToken);
        var (answered, complete) = (new List<double>(), new List<double>());
        var (refused, lost) = (0, new List<int>());
        for (var round = 0; round < 2 * options.Rounds; round++)
        {
            var owned = await cluster.Listener.SharedAsync(Silos, cancellationToken);
            lost.Add(owned.First(s => s.ProcessId == silos[0].Id).Partitions.Values.Sum());
            cluster.Listener.TakeHeard();
            var killed = TimeProvider.System.GetTimestamp();
            silos[0].Kill();
            if (round % 2 == 0)
            {
                refused += await probes.AnswerAsync(cluster.Listener.Grains, cancellationToken);
                answered.Add(Figures.Seconds(killed));
                Figures.Say($"Killed a silo with {lost[^1]} of {probes.Partitions} partitions: all answered after {answered[^1]:F3} s");
            }
            else
            {
                complete.Add(await CompleteAsync(cluster, killed, cancellationToken));
                Figures.Say($"Killed a silo with {lost[^1]} of {probes.Partitions} partitions: rollups complete after {complete[^1]:F3} s without a caller");
            }

            cluster.Forget(silos[0]);
            silos.RemoveAt(0);
            silos.Add(cluster.StartSilo("recovery", null, null));
            await silos[^1].ReadyAsync(cancellationToken);
            await cluster.SettledAsync(cancellationToken);
        }

        foreach (var silo in silos)
            await cluster.StopSiloAsync(silo, cancellationToken);
        return new RecoveryFigures(
            Math.Round(Figures.Median(answered), 3), Math.Round(answered.Max(), 3), Figures.Rounded(answered), refused,
            Math.Round(Figures.Median(complete), 3), Math.Round(complete.Max(), 3), Figures.Rounded(complete), probes.Partitions, [.. lost], probes.Count);
    }

    // Nothing is booked and no quote comes: whatever is published comes from the kill. When every node says what it goes on to say, and that
    // is all of its trades, the rollups are complete. Only afterwards all nodes are asked, so that what was heard is what is.
    private static async Task<double> CompleteAsync(RiskCluster cluster, long killed, CancellationToken cancellationToken)
    {
        Dictionary<string, Rollup> final;
        do
        {
            await Task.Delay(Aftermath, cancellationToken);
            final = (await cluster.Client.GetRollupAsync("/", -1, cancellationToken: cancellationToken)).ToDictionary(r => r.NodeId, StringComparer.Ordinal);
            if (final.Values.FirstOrDefault(r => !IsComplete(r)) is { } rollup && Figures.Seconds(killed) > Limit.TotalSeconds)
                throw new InvalidOperationException($"{rollup.Path} is not complete {Limit.TotalSeconds} s after a silo was killed: {rollup.Coverage}");
        }
        while (!final.Values.All(IsComplete));
        var heard = cluster.Listener.TakeHeard();
        if (heard.Count == 0)
            throw new InvalidOperationException("no rollup was published after a silo was killed");
        var at = killed;
        foreach (var node in heard.GroupBy(h => h.Rollup.NodeId, StringComparer.Ordinal))
        {
            // The first of those after the last that was different.
            var same = node.Reverse().TakeWhile(h => Equals(h.Rollup, final[node.Key])).ToList();
            if (same.Count == 0)
                throw new InvalidOperationException($"{node.Last().Rollup.Path} was not published as it is");
            at = Math.Max(at, same[^1].At);
        }

        return TimeProvider.System.GetElapsedTime(killed, at).TotalSeconds;
    }

    private static bool Equals(Rollup published, Rollup final) => IsComplete(published) && published.Measures.Equals(final.Measures);

    private static bool IsComplete(Rollup rollup) =>
        rollup.Coverage.Priced == rollup.Coverage.Trades && rollup.Coverage.Failed == 0 && rollup.Coverage.LateChildren.Count == 0;
}

/// <summary>How soon the others have taken over.</summary>
/// <param name="Median">Of <paramref name="Seconds"/>.</param>
/// <param name="Worst">Of <paramref name="Seconds"/>.</param>
/// <param name="Seconds">From the kill until every partition has answered.</param>
/// <param name="Refused">Calls meanwhile that failed and were sent again.</param>
/// <param name="CompleteMedian">Of <paramref name="CompleteSeconds"/>.</param>
/// <param name="CompleteWorst">Of <paramref name="CompleteSeconds"/>.</param>
/// <param name="CompleteSeconds">From the kill until every rollup is complete, without a caller.</param>
/// <param name="Partitions">In all, of all kinds.</param>
/// <param name="PartitionsLost">With each silo that was killed.</param>
/// <param name="Probes">Grains that were asked.</param>
internal sealed record RecoveryFigures(
    double Median, double Worst, double[] Seconds, int Refused, double CompleteMedian, double CompleteWorst, double[] CompleteSeconds,
    int Partitions, int[] PartitionsLost, int Probes);
