using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Sends calls and work: batched per queue of the broker, in order, confirmed, and bounded. One sender on one channel.</summary>
/// <remarks>A message goes out as soon as its queue, or its silo, has fewer than a few unconfirmed ones; what comes meanwhile goes together with the
/// next. So batches are as large as the broker is slow. Requests wait here without being serialized; what a silo does not answer, it is not sent
/// more of.</remarks>
internal sealed partial class Outbox(Session session)
{
    private const int UnconfirmedWork = 64;
    private const int UnconfirmedPerPeer = 2;

    private readonly ConcurrentDictionary<string, Lane[]> _lanes = new();
    private readonly Lane _workLane = new(
        session.Names.Work, MessageType.Work, null, "", 0,
        session.Options with { UnconfirmedPerPartition = UnconfirmedWork, UnansweredPerPartition = int.MaxValue });

    // Lanes whose next message goes through their queue, and silos that lanes have something for.
    private readonly Channel<object> _ready = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, Parcel> _unanswered = new();
    private readonly string _idPrefix = session.Incarnation[^12..];
    private volatile GridException? _closed;
    private long _count;
    private long _bytes;
    private long _numbers;
    private long _ownNumbers;

    /// <summary>Calls and items ever taken.</summary>
    public long Sent => Interlocked.Read(ref _numbers);

    /// <summary>What was sent and something is to come back for.</summary>
    public int Unanswered => _unanswered.Count;

    /// <summary>Nothing waits here, or for a reply.</summary>
    public bool IsQuiet => Interlocked.Read(ref _count) == 0 || OnlySettledWait();

    /// <summary>Takes a call. A request's outcome comes to the call; a one-way call is handed over when this completes.</summary>
    public ValueTask Send(GrainCall call)
    {
        var lane = LaneOf(call.Method.Kind, call.Key);
        if (!call.Method.IsOneWay)
            return Add(lane, new CallParcel(call, NextId())) is { } refusal ? ValueTask.FromException(refusal) : ValueTask.CompletedTask;
        var parcel = new OneWayParcel(call, NextId());
        return Add(lane, parcel) is { } oneWayRefusal ? ValueTask.FromException(oneWayRefusal) : new ValueTask(parcel.WhenHandedOver);
    }

    /// <summary>Takes a work item; its outcome comes to it.</summary>
    public ValueTask Send(WorkCall work) =>
        Add(_workLane, new WorkParcel(work, NextId())) is { } refusal ? ValueTask.FromException(refusal) : ValueTask.CompletedTask;

    /// <summary>Takes nothing more, and fails all that waits, here or for its reply.</summary>
    public void FailAll(GridException error)
    {
        _closed ??= error;
        _ready.Writer.TryComplete();
        foreach (var lane in _lanes.Values.SelectMany(l => l).Append(_workLane))
        {
            List<Parcel> waiting;
            lock (lane.Gate)
                waiting = lane.TakeAll();

            foreach (var parcel in waiting)
                End(parcel, error);
        }

        foreach (var id in _unanswered.Keys)
        {
            if (_unanswered.TryRemove(id, out var parcel))
                End(parcel, error);
        }

        FailUnconfirmed(error);
    }

    private GridException? Add(Lane lane, Parcel parcel)
    {
        var options = session.Options;
        if (parcel.Size > options.MessageBytes)
        {
            return new GrainCallException(
                GridErrorCode.InvalidArgument, $"A message of {parcel.Size:N0} bytes is over the limit of {options.MessageBytes:N0}: send it in parts.");
        }

        parcel.Lane = lane;
        lock (lane.Gate)
        {
            if (_closed is { } closed)
                return closed;
            if (parcel.IsOneWay && (lane.WaitingCount >= options.WaitingPerPartition || lane.WaitingBytes >= options.WaitingBytesPerPartition))
            {
                return new GrainOverloadedException(
                    $"{lane.WaitingCount} calls ({lane.WaitingBytes:N0} bytes) wait for {lane.Queue}; a one-way call was not sent: retry later, and slower.");
            }

            var count = Interlocked.Increment(ref _count);
            var bytes = Interlocked.Add(ref _bytes, parcel.Size);
            if (count > options.CallsInAll || bytes > options.BytesInAll)
            {
                Forget(parcel);
                return new GrainOverloadedException(
                    $"{Interlocked.Read(ref _count)} calls ({Interlocked.Read(ref _bytes):N0} bytes) of this silo wait for replies; one more was not sent: "
                    + "retry later, and slower.");
            }

            lane.Add(parcel);
            Wake(lane);
        }

        return null;
    }

    // Under the lane's gate.
    private void Wake(Lane lane)
    {
        if (lane.IsQueued)
            return;
        if (lane.NeedsBarrier(session.Clock))
        {
            // The sender sees that it is needed.
            lane.IsQueued = true;
            _ready.Writer.TryWrite(lane);
            return;
        }

        if (!lane.CanSend)
            return;
        lane.IsQueued = true;
        if (lane.Way?.Peer is not { } peer)
        {
            _ready.Writer.TryWrite(lane);
            return;
        }

        lock (peer.Gate)
        {
            peer.Ready.Enqueue(lane);
            Wake(peer);
        }
    }

    // Under the peer's gate.
    private void Wake(Peer peer)
    {
        if (peer.IsQueued || peer.Ready.Count == 0 || peer.Unconfirmed >= UnconfirmedPerPeer)
            return;
        peer.IsQueued = true;
        _ready.Writer.TryWrite(peer);
    }

    /// <summary>A reply came, or none is waited for any longer: there is room for another.</summary>
    private void Answered(Parcel parcel, bool replied)
    {
        var lane = parcel.Lane;
        lock (lane.Gate)
        {
            if (lane.Answer(parcel, replied, session.Clock))
                Wake(lane);
        }

        Forget(parcel);
    }

    private void End(Parcel parcel, GridException error)
    {
        Forget(parcel);
        parcel.Fail(error);
    }

    private void Forget(Parcel parcel)
    {
        if (parcel is Barrier || !parcel.TryForget())
            return;
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -parcel.Size);
    }

    private bool OnlySettledWait() => _lanes.Values.SelectMany(l => l).Append(_workLane).All(IsIdle) && _unanswered.Values.All(p => p.IsSettled || p is Barrier);

    private static bool IsIdle(Lane lane)
    {
        lock (lane.Gate)
            return lane.WaitingCount == 0 && !lane.IsHeld && lane.Unconfirmed == 0;
    }

    private Lane LaneOf(string kind, string key)
    {
        if (!_lanes.TryGetValue(kind, out var lanes))
        {
            var slots = session.Owners.Of(kind);
            lanes = _lanes.GetOrAdd(kind, k => [.. Enumerable.Range(0, Partition.Count).Select(p => new Lane(
                session.Names.Queue(k, p), MessageType.Calls, slots[p], k, p, session.Options))]);
        }

        return lanes[Partition.Of(key)];
    }

    // Of what the outbox sends of its own accord: no call.
    private string NextOwnId() => string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}+{Interlocked.Increment(ref _ownNumbers):x}");

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}-{Interlocked.Increment(ref _numbers):x}");
}
