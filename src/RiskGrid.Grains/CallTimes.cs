namespace RiskGrid.Grains;

/// <summary>How long a call may wait for its reply: no caller waits for ever for a reply that was lost with a silo or a connection.</summary>
public static class CallTimes
{
    /// <summary>For what is asked again soon: where something stands, whether there is anything newer.</summary>
    public static TimeSpan Question { get; } = TimeSpan.FromSeconds(5);

    /// <summary>For what answers from memory or with one transaction, when the caller named no deadline: beyond twice the time after which the
    /// partitions of a silo that stands still have moved.</summary>
    public static TimeSpan Usual { get; } = TimeSpan.FromSeconds(30);

    /// <summary>For what waits for work to be done, when the caller named no deadline.</summary>
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(5);
}
