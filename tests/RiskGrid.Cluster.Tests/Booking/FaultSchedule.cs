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
}

/// <summary>One fault.</summary>
/// <param name="Kind">What.</param>
/// <param name="Silo">Which of the silos that run, by number.</param>
/// <param name="Length">How long it is frozen.</param>
/// <param name="WithKill">Whether another silo is killed while this one is frozen: a fault of its own.</param>
internal sealed record Fault(FaultKind Kind, int Silo, TimeSpan Length, bool WithKill)
{
    public override string ToString() => Kind switch
    {
        FaultKind.Kill => $"kill {Silo}",
        FaultKind.ShortFreeze => $"freeze {Silo} for {Length.TotalSeconds:N1} s",
        _ => $"freeze {Silo} for {Length.TotalSeconds:N1} s{(WithKill ? " and kill another" : "")}",
    };
}

/// <summary>Faults from a seed.</summary>
internal static class FaultSchedule
{
    // A kill is the most frequent; two sorts of freeze in every three.
    private static readonly FaultKind[] Round = [FaultKind.Kill, FaultKind.LongFreeze, FaultKind.ShortFreeze, FaultKind.Kill];

    public static List<Fault> Create(int seed, int count)
    {
        var random = new Random(seed);
        var faults = new List<Fault>();
        while (faults.Count < count)
        {
            foreach (var kind in Round.OrderBy(_ => random.Next()).ToList())
            {
                var length = kind switch
                {
                    FaultKind.LongFreeze => 12 + (4 * random.NextDouble()),
                    FaultKind.ShortFreeze => 1 + (2 * random.NextDouble()),
                    _ => 0,
                };
                faults.Add(new Fault(kind, random.Next(3), TimeSpan.FromSeconds(length), count > Round.Length && random.Next(3) == 0));
            }
        }

        return faults[..count];
    }
}
