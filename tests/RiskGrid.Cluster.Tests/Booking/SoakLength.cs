using System.Diagnostics;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>How much is booked through faults: so many commands, or for so long.</summary>
/// <param name="commands">How many commands, unless it goes by time.</param>
/// <param name="time">How long, unless it goes by commands.</param>
internal sealed class SoakLength(int? commands, TimeSpan? time)
{
    // What one ledger, its check and one process that computes it all again can hold; the clients of a long soak take their time.
    private const int MostCommands = 300_000;
    private const double LeadInFreezes = 0.15;
    private const int LongestLead = 200;

    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>How many commands it is made of, if that is known beforehand.</summary>
    public int? Commands => commands;

    /// <summary>How long it lasts, if that is known beforehand.</summary>
    public TimeSpan? Time => time;

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>How much of it is over, 0 to 1.</summary>
    public double Share(long acknowledged) => time is { } whole ? Math.Min(1, Elapsed / whole) : (double)acknowledged / commands!.Value;

    /// <summary>More than the checks could hold in the end, were it to go on so.</summary>
    public bool IsTooFast(long acknowledged) => time is not null && acknowledged > 1_000 + (MostCommands * Share(acknowledged));

    /// <summary>How many commands more than the others a lane that only books may have made while a silo stands still.</summary>
    public int Lead(int lanes) => time is not null ? LongestLead : (int)(LeadInFreezes * commands!.Value / lanes);

    /// <summary>The commands of one lane of several; without end when it goes by time.</summary>
    public int OfLane(int lane, int lanes) => commands is { } all ? (all / lanes) + (lane < all % lanes ? 1 : 0) : int.MaxValue;
}
