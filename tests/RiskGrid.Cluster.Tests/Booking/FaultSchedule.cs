namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>What is done to a silo.</summary>
internal enum FaultKind
{
    /// <summary><c>kill -9</c>; another is started in its place.</summary>
    Kill,

    /// <summary>Stopped for less than a heartbeat: its partitions stay.</summary>
    ShortFreeze,

    /// <summary>Stopped for longer than the broker waits: its partitions move, and it still has messages and believes to own them when it goes on.</summary>
    LongFreeze,

    /// <summary>PostgreSQL is killed with <c>kill -9</c> and started again.</summary>
    StoreRestart,

    /// <summary>The broker is stopped in good order and started again.</summary>
    BrokerRestart,
}

/// <summary>One fault.</summary>
/// <param name="Kind">What.</param>
/// <param name="Silo">Which of the silos that run, by number.</param>
/// <param name="Length">How long it is frozen, or the server away.</param>
/// <param name="WithKill">Whether another silo is killed while this one is frozen: a fault of its own.</param>
internal sealed record Fault(FaultKind Kind, int Silo, TimeSpan Length, bool WithKill)
{
    public override string ToString() => Kind switch
    {
        FaultKind.Kill => $"kill {Silo}",
        FaultKind.StoreRestart => $"kill PostgreSQL for {Length.TotalSeconds:N1} s",
        FaultKind.BrokerRestart => $"stop the broker for {Length.TotalSeconds:N1} s",
        FaultKind.ShortFreeze => $"freeze {Silo} for {Length.TotalSeconds:N1} s",
        _ => $"freeze {Silo} for {Length.TotalSeconds:N1} s{(WithKill ? " and kill another" : "")}",
    };
}

/// <summary>Faults from a seed.</summary>
internal static class FaultSchedule
{
    // A kill is the most frequent; two sorts of freeze in every three.
    private static readonly FaultKind[] OfSilos = [FaultKind.Kill, FaultKind.LongFreeze, FaultKind.ShortFreeze, FaultKind.Kill];
    private static readonly FaultKind[] OfAll = [FaultKind.Kill, FaultKind.LongFreeze, FaultKind.ShortFreeze, FaultKind.StoreRestart, FaultKind.BrokerRestart];

    /// <summary>After so many, each kind has been there.</summary>
    public static int Round => OfAll.Length;

    /// <summary>Faults of silos alone.</summary>
    public static IEnumerable<Fault> ToSilos(int seed) => Create(seed, OfSilos);

    /// <summary>Faults of silos and servers.</summary>
    public static IEnumerable<Fault> ToEverything(int seed) => Create(seed, OfAll);

    private static IEnumerable<Fault> Create(int seed, FaultKind[] round)
    {
        var random = new Random(seed);
        while (true)
        {
            foreach (var kind in round.OrderBy(_ => random.Next()).ToList())
            {
                var length = kind switch
                {
                    FaultKind.LongFreeze => 12 + (4 * random.NextDouble()),
                    FaultKind.ShortFreeze => 1 + (2 * random.NextDouble()),
                    FaultKind.StoreRestart or FaultKind.BrokerRestart => 2 * random.NextDouble(),
                    _ => 0,
                };
                yield return new Fault(kind, random.Next(3), TimeSpan.FromSeconds(length), random.Next(3) == 0);
            }
        }
    }
}
