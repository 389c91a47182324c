using System.Diagnostics;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Testing;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>Carries a schedule out: spread over the commands that are acknowledged, or one after the other for as long as the soak lasts.</summary>
internal sealed class FaultDriver(TestCluster cluster, ClusterServers servers, IReadOnlyList<LaneClient> lanes, Tally tally, ITestOutputHelper output)
{
    // A lane that has waited for so long in a freeze books into a partition of the frozen silo: others answer in a fraction of it.
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // The longest fault, and what a cluster needs to be itself again.
    private static readonly TimeSpan TimeOfOne = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan FurtherFreeze = TimeSpan.FromSeconds(14);
    private const int MostFurtherFreezes = 3;

    // Commands acknowledged between two faults: everything works again.
    private const int Breath = 1_000;

    // Of a silo that was killed; the next fault waits for it.
    private Task _replacement = Task.CompletedTask;

    /// <summary>How many faults there were of each kind.</summary>
    public Dictionary<FaultKind, int> Done { get; } = Enum.GetValues<FaultKind>().ToDictionary(k => k, _ => 0);

    /// <summary>New trades whose booking was sent to a frozen silo's partition and was under way when the silo went on.</summary>
    public int UnderWayAtThaws { get; private set; }

    /// <summary>Thaws of silos with such bookings under way.</summary>
    public int Thaws { get; private set; }

    /// <summary>Does so many faults, each when its share of all commands is acknowledged.</summary>
    public async Task SpreadAsync(IReadOnlyList<Fault> faults, CancellationToken cancellationToken)
    {
        var all = tally.Length.Commands!.Value;
        for (var i = 0; i < faults.Count; i++)
            await WhenAcknowledgedAsync((long)all * (i + 1) / (faults.Count + 2), faults[i], cancellationToken);
        await EndAsync();
    }

    /// <summary>Does fault after fault, each once the cluster works again after the one before: a whole round, and then as long as there is time for one
    /// more. Until a silo was frozen while new trades were booked into its books, one is, whatever the time: a dozen books lie on three silos by chance,
    /// and now and then one silo has none.</summary>
    public async Task RepeatAsync(IEnumerable<Fault> faults, CancellationToken cancellationToken)
    {
        var done = 0;
        foreach (var fault in faults)
        {
            if (done++ >= FaultSchedule.Round && tally.Length.Time - tally.Length.Elapsed < TimeOfOne)
                break;
            await WhenAcknowledgedAsync(tally.Acknowledged + Breath, fault, cancellationToken);
        }

        for (var silo = 0; Thaws == 0 && silo < MostFurtherFreezes; silo++)
            await WhenAcknowledgedAsync(tally.Acknowledged + Breath, new Fault(FaultKind.LongFreeze, silo, FurtherFreeze, WithKill: false), cancellationToken);
        await WaitForAsync(() => tally.Length.Elapsed >= tally.Length.Time, "the time is over", cancellationToken);
        await EndAsync();
    }

    private async Task WhenAcknowledgedAsync(long commands, Fault fault, CancellationToken cancellationToken)
    {
        await WaitForAsync(() => tally.Acknowledged >= commands, $"{commands:N0} commands are acknowledged before {fault}", cancellationToken);
        await _replacement;
        output.WriteLine($"{tally.Length.Elapsed.TotalSeconds,7:N1} s, {tally.Acknowledged:N0} acknowledged: {fault}");
        await DoAsync(fault, cancellationToken);
    }

    private async Task EndAsync()
    {
        await _replacement;
        tally.FaultsDone = true;
    }

    private Task DoAsync(Fault fault, CancellationToken cancellationToken)
    {
        Done[fault.Kind]++;
        return fault.Kind switch
        {
            FaultKind.StoreRestart => RestartAsync(servers.Postgres, servers.Postgres.KillAsync(cancellationToken), fault.Length),
            FaultKind.BrokerRestart => RestartAsync(servers.Broker, servers.Broker.StopAsync(cancellationToken), fault.Length),
            _ => DoToSiloAsync(fault, cancellationToken),
        };
    }

    // Whatever else fails meanwhile: other tests need the server.
    private static async Task RestartAsync(TestServer server, Task going, TimeSpan away)
    {
        try
        {
            await going;
            await Task.Delay(away);
        }
        finally
        {
            await server.StartAsync();
        }
    }

    private async Task DoToSiloAsync(Fault fault, CancellationToken cancellationToken)
    {
        var silos = cluster.Silos;
        var silo = silos[fault.Silo % silos.Count];
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
            if (Stopwatch.GetElapsedTime(since) >= Patience)
                Assert.Fail($"nothing was acknowledged for {Patience} (so far {last:N0}) and not: {what}\n{cluster.Logs()}");
            await Task.Delay(20, cancellationToken);
        }
    }
}
