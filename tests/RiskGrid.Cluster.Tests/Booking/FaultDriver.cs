using System.Diagnostics;
using RiskGrid.Cluster.Tests.Processes;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>Carries a schedule out, spread over the commands that are acknowledged.</summary>
internal sealed class FaultDriver(TestCluster cluster, IReadOnlyList<LaneClient> lanes, Tally tally, ITestOutputHelper output)
{
    // A lane that has waited for so long in a freeze books into a partition of the frozen silo: others answer in a fraction of it.
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Of a silo that was killed; the next fault waits for it.
    private Task _replacement = Task.CompletedTask;

    /// <summary>How many faults there were of each kind.</summary>
    public Dictionary<FaultKind, int> Done { get; } = Enum.GetValues<FaultKind>().ToDictionary(k => k, _ => 0);

    /// <summary>New trades whose booking was sent to a frozen silo's partition and was under way when the silo went on.</summary>
    public int UnderWayAtThaws { get; private set; }

    /// <summary>Thaws of silos with such bookings under way.</summary>
    public int Thaws { get; private set; }

    /// <summary>Does each fault when its share of all commands is acknowledged.</summary>
    public async Task RunAsync(IReadOnlyList<Fault> faults, CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults.Count; i++)
        {
            var due = tally.Commands * (i + 1) / (faults.Count + 2);
            await WaitForAsync(() => tally.Acknowledged >= due, $"{due:N0} commands are acknowledged before {faults[i]}", cancellationToken);
            await _replacement;
            output.WriteLine($"{tally.Acknowledged:N0} acknowledged: {faults[i]}");
            await DoAsync(faults[i], cancellationToken);
        }

        await _replacement;
    }

    private async Task DoAsync(Fault fault, CancellationToken cancellationToken)
    {
        var silos = cluster.Silos;
        var silo = silos[fault.Silo % silos.Count];
        Done[fault.Kind]++;
        if (fault.Kind == FaultKind.Kill)
        {
            await silo.KillAsync();
            _replacement = cluster.StartSiloAsync();
            return;
        }

        var watch = Stopwatch.StartNew();
        await silo.FreezeAsync();
        tally.InFreeze = fault.Kind == FaultKind.LongFreeze;
        if (fault is { Kind: FaultKind.LongFreeze, WithKill: true })
        {
            Done[FaultKind.Kill]++;
            await silos[(fault.Silo + 1) % silos.Count].KillAsync();
            _replacement = cluster.StartSiloAsync();
        }

        var stuck = new List<LaneClient>();
        if (fault.Kind == FaultKind.LongFreeze)
        {
            await Task.Delay(Stuck + TimeSpan.FromSeconds(1), cancellationToken);
            stuck = [.. lanes.Where(l => l.Lane.OnlyBooks && l.UnderWay.For > Stuck)];
        }

        if (fault.Length - watch.Elapsed is { Ticks: > 0 } left)
            await Task.Delay(left, cancellationToken);

        // The lanes of these books: what they send now is for whoever owns the books by now, and what they sent before may be with the frozen silo.
        var underWay = stuck.Sum(l => l.UnderWay.Commands);
        await silo.ThawAsync();
        tally.InFreeze = false;
        if (fault.Kind == FaultKind.LongFreeze)
        {
            UnderWayAtThaws += underWay;
            Thaws += underWay > 0 ? 1 : 0;
            output.WriteLine($"  thawed after {watch.Elapsed.TotalSeconds:N1} s: {stuck.Count} lanes had waited for its books, {underWay} of their bookings were under way");
        }
    }

    private async Task WaitForAsync(Func<bool> holds, string what, CancellationToken cancellationToken)
    {
        var (last, since) = (tally.Acknowledged, Stopwatch.GetTimestamp());
        while (!holds())
        {
            if (tally.Acknowledged != last)
                (last, since) = (tally.Acknowledged, Stopwatch.GetTimestamp());
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"nothing was acknowledged for {Patience} (so far {last:N0}) and not: {what}\n{cluster.Logs()}");
            await Task.Delay(20, cancellationToken);
        }
    }
}
