using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Where the broker is, and how much of what may wait. What names or shapes queues must be the same on all silos of a cluster:
/// <see cref="Prefix"/>, <see cref="DeliveryLimit"/>, <see cref="WorkDeliveryLimit"/>, <see cref="QueueMessages"/>, <see cref="QueueBytes"/>.</summary>
public sealed record RabbitMqOptions
{
    /// <summary><c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>Begins the name of every queue and exchange: clusters with different prefixes share a broker.</summary>
    public string Prefix { get; init; } = "rg";

    /// <summary>After about two of these the broker gives a silent silo's partitions away. A process that was stopped for one and a half
    /// drops its connection itself.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For so long the start tries to reach the broker, for servers start together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silos tell each other of themselves so often; who is silent for three and a half of these is forgotten.</summary>
    public TimeSpan HelloInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What runs gets this time before its partition goes to a silo that ranks better.</summary>
    public TimeSpan HandOverTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What runs gets this time before its partition goes to others because the silo leaves.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A silo that leaves waits so long for the replies to its own calls; the last one so long for calls to end that still come.</summary>
    public TimeSpan LeaveTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Messages that the broker hands out ahead, per kind and partition. Calls whose replies are deferred hold a place each until
    /// they are answered.</summary>
    public int Prefetch { get; init; } = 256;

    /// <summary>A message that came back so often without an outcome is a dead letter: its callers are told.</summary>
    public int DeliveryLimit { get; init; } = 20;

    /// <summary>The same for a work item.</summary>
    public int WorkDeliveryLimit { get; init; } = 5;

    /// <summary>Messages that may wait in one queue of the broker; more calls are refused as overload.</summary>
    public int QueueMessages { get; init; } = 65536;

    /// <summary>Bytes that may wait in one queue of the broker.</summary>
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>Calls in one message, at most.</summary>
    public int BatchCalls { get; init; } = 256;

    /// <summary>Calls of all partitions that travel in one message straight to a silo, at most.</summary>
    public int DirectBatchCalls { get; init; } = 1024;

    /// <summary>Bytes of calls or replies in one message; a single larger one goes alone.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>One request, reply or topic message, at most.</summary>
    public int MessageBytes { get; init; } = 64 << 20;

    /// <summary>Messages under way to one partition that the broker has not confirmed; what comes meanwhile goes with the next one.</summary>
    public int UnconfirmedPerPartition { get; init; } = 2;

    /// <summary>Requests of this silo to one partition that are sent and not answered; more wait here.</summary>
    public int UnansweredPerPartition { get; init; } = 2048;

    /// <summary>Calls that wait here for one partition; more one-way calls are refused, requests wait.</summary>
    public int WaitingPerPartition { get; init; } = 4096;

    /// <summary>Bytes that wait here for one partition, in the same way.</summary>
    public long WaitingBytesPerPartition { get; init; } = 16L << 20;

    /// <summary>Calls and work items that wait here or are not answered, in all; more of any sort are refused.</summary>
    public int CallsInAll { get; init; } = 262_144;

    /// <summary>Their bytes.</summary>
    public long BytesInAll { get; init; } = 256L << 20;

    /// <summary>Hears how the connection fares; what concerns a message goes to the silo's listener of errors.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{BrokerConnection.Describe(Address)}, prefix {Prefix}";

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Address);
        ArgumentNullException.ThrowIfNull(Log);
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("amqp" or "amqps"))
            throw new ArgumentException("The broker's address is amqp://user:password@host:port/vhost, or amqps; this one is not.", nameof(Address));
        if (string.IsNullOrEmpty(Prefix) || !Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"Prefix '{Prefix}' names queues: letters, digits, '-', '_' and '.' only.", nameof(Prefix));
        foreach (var time in (ReadOnlySpan<TimeSpan>)[Heartbeat, ConnectTimeout, HelloInterval])
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        if (Heartbeat < TimeSpan.FromSeconds(1) || Heartbeat > TimeSpan.FromMinutes(10))
            throw new ArgumentOutOfRangeException(nameof(Heartbeat), Heartbeat, "A heartbeat is between 1 s and 10 minutes.");
        foreach (var time in (ReadOnlySpan<TimeSpan>)[HandOverTime, DrainTime, LeaveTime])
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        foreach (var count in (ReadOnlySpan<long>)[
            DeliveryLimit, WorkDeliveryLimit, QueueMessages, QueueBytes, BatchCalls, DirectBatchCalls, BatchBytes, MessageBytes, UnconfirmedPerPartition,
            UnansweredPerPartition, WaitingPerPartition, WaitingBytesPerPartition, CallsInAll, BytesInAll])
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        }

        if (Prefetch is < 1 or > ushort.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(Prefetch), Prefetch, "AMQP counts a prefetch from 1 to 65535.");
    }
}
