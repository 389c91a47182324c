using System.Collections.Concurrent;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>What the clients counted. Thread-safe.</summary>
/// <param name="length">How much there is to do.</param>
/// <param name="lanes">How many lanes do it.</param>
internal sealed class Tally(SoakLength length, int lanes)
{
    private readonly ConcurrentDictionary<RpcStatus, int> _failures = new();
    private volatile bool _inFreeze;
    private volatile bool _faultsDone;
    private long _acknowledged;
    private long _refused;
    private long _retries;

    public SoakLength Length => length;

    /// <summary>How much is over, 0 to 1.</summary>
    public double Share => length.Share(Acknowledged);

    /// <summary>A silo stands still, for longer than the broker waits.</summary>
    public bool InFreeze
    {
        get => _inFreeze;
        set => _inFreeze = value;
    }

    /// <summary>There are no more faults to come.</summary>
    public bool FaultsDone
    {
        get => _faultsDone;
        set => _faultsDone = value;
    }

    /// <summary>It went by time, and the time is over.</summary>
    public bool IsOver => FaultsDone && length.Time is not null && Share >= 1;

    /// <summary>Commands answered for good.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Of these, refused for the reason foreseen.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Commands sent once more, each time counted.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Failed requests by status.</summary>
    public string Failures => string.Join(", ", _failures.OrderBy(f => f.Key).Select(f => $"{f.Value} {f.Key}"));

    /// <summary>A lane has made enough for now: what only books keeps back for the freezes what it would have done long before.</summary>
    public bool Holds(CommandLane lane) =>
        length.IsTooFast(Acknowledged) || (lane.OnlyBooks && lane.Commands.Count > (Acknowledged / lanes) + (InFreeze ? length.Lead(lanes) : 0));

    public void Count(Planned command)
    {
        Interlocked.Increment(ref _acknowledged);
        if (!command.IsApplied)
            Interlocked.Increment(ref _refused);
    }

    public void CountRetries(int commands) => Interlocked.Add(ref _retries, commands);

    public void CountFailure(RpcStatus status) => _failures.AddOrUpdate(status, 1, (_, count) => count + 1);
}
