using System.Text;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Which of two silos is to own a partition: the one of the greater weight, so that a silo that comes or goes moves no partition
/// between others (Thaler, Ravishankar: "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM Transactions on Networking 6(1), 1998,
/// section III). Every silo of every version computes the same.</summary>
internal static class Rank
{
    public static bool IsBetter(string incarnation, string other, int partition)
    {
        var one = Weight(incarnation, partition);
        var two = Weight(other, partition);
        return one != two ? one > two : string.CompareOrdinal(incarnation, other) > 0;
    }

    // The finalizer of SplitMix64 spreads what differs in FNV's last bytes over all bits.
    private static ulong Weight(string incarnation, int partition)
    {
        var z = Partition.Fnv1A(Encoding.UTF8.GetBytes(incarnation)) + ((ulong)(partition + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
