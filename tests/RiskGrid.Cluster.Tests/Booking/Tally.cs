using System.Collections.Concurrent;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>What the clients counted. Thread-safe.</summary>
/// <param name="commands">How many there will be.</param>
internal sealed class Tally(long commands)
{
    private const double LeadInFreezes = 0.15;

    private readonly ConcurrentDictionary<RpcStatus, int> _failures = new();
    private volatile bool _inFreeze;
    private long _acknowledged;
    private long _refused;
    private long _retries;

    /// <summary>How many there will be.</summary>
    public long Commands => commands;

    /// <summary>A silo stands still, for longer than the broker waits.</summary>
    public bool InFreeze
    {
        get => _inFreeze;
        set => _inFreeze = value;
    }

    /// <summary>How much of all a lane that only books may have done: it keeps back for the freezes what it would have done long before.</summary>
    public double ShareForNewTrades => ((double)Acknowledged / commands) + (InFreeze ? LeadInFreezes : 0);

    /// <summary>Commands answered for good.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Of these, refused for the reason foreseen.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Commands sent once more, each time counted.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Failed requests by status.</summary>
    public string Failures => string.Join(", ", _failures.OrderBy(f => f.Key).Select(f => $"{f.Value} {f.Key}"));

    public void Count(Planned command)
    {
        Interlocked.Increment(ref _acknowledged);
        if (!command.IsApplied)
            Interlocked.Increment(ref _refused);
    }

    public void CountRetries(int commands) => Interlocked.Add(ref _retries, commands);

    public void CountFailure(RpcStatus status) => _failures.AddOrUpdate(status, 1, (_, count) => count + 1);
}
