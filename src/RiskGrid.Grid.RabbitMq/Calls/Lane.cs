namespace RiskGrid.Grid.RabbitMq;

/// <summary>What waits for one partition of one kind, or for work, in order, and what of it is under way. All under <see cref="Gate"/>.</summary>
/// <remarks>Calls go straight to the owner where it is known, and through the queue otherwise. First deliveries keep their order on a change of
/// the way: from the queue to an owner when all that went before is answered, or delivered to it, as an answered barrier says; from an owner back to
/// the queue when the owner has sent calls back, which it does for all that come after the first; from one owner to another when nothing is under way
/// there, and then as from the queue: what the first had of the queue and did not begin, it has left there.</remarks>
internal sealed class Lane(string queue, string type, OwnerSlot? slot, string kind, int partition, RabbitMqOptions options)
{
    // For a barrier's answer. A broker in trouble holds nothing up for longer: the way through the queue stays open.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(100);

    // After a barrier that was not answered in time.
    private static readonly TimeSpan BarrierPause = TimeSpan.FromSeconds(1);

    private readonly Queue<Parcel> _waiting = new();
    private readonly LinkedList<Parcel> _unanswered = new();
    private readonly List<Parcel> _returned = [];
    private Queue<Parcel> _again = new();
    private Barrier? _barrier;
    private Route? _askedFor;
    private long _held;
    private long _barrierRefused;
    private long _numbers;
    private int _throughQueue;

    // Something went through the queue of which nothing will say that it has run: a one-way call, or one that nobody waited for any longer. It may
    // be in the queue yet, or come back there with its owner's end.
    private bool _someUnknown;

    private Route? Owner => slot?.Owner is { Peer.IsGone: false } owner ? owner : null;

    public Lock Gate { get; } = new();

    public string Queue => queue;

    /// <summary>What its messages carry.</summary>
    public string Type => type;

    public string Kind => kind;

    public int Partition => partition;

    /// <summary>Where the next goes straight; null: through the queue.</summary>
    public Route? Way { get; private set; }

    public int WaitingCount => _again.Count + _waiting.Count;

    public long WaitingBytes { get; private set; }

    /// <summary>Messages through the queue that the broker has not confirmed.</summary>
    public int Unconfirmed { get; set; }

    /// <summary>The sender is going to look at it.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Sends nothing for a moment.</summary>
    public bool IsHeld => _barrier is not null || _returned.Count > 0;

    public void Add(Parcel parcel)
    {
        _waiting.Enqueue(parcel);
        WaitingBytes += parcel.Size;
    }

    /// <summary>Everything that waits, to fail it.</summary>
    public List<Parcel> TakeAll()
    {
        List<Parcel> all = [.. _again, .. _returned, .. _waiting];
        _again.Clear();
        _returned.Clear();
        _waiting.Clear();
        WaitingBytes = 0;
        return all;
    }

    /// <summary>Something can go now, by <see cref="Way"/>.</summary>
    public bool CanSend => WaitingCount > 0 && !IsHeld && _unanswered.Count < options.UnansweredPerPartition
        && (Way is not null || Unconfirmed < options.UnconfirmedPerPartition);

    /// <summary>Looks for a shorter way. True: a barrier must be sent first.</summary>
    public bool NeedsBarrier(TimeProvider clock)
    {
        if (slot is null || IsHeld || WaitingCount == 0 || ReferenceEquals(Owner, Way))
            return false;
        // What is under way straight comes back, if it is not the owner any more that has it; nothing may overtake it.
        if (Way is not null && _unanswered.Count > _throughQueue)
            return false;
        Way = _throughQueue == 0 && Unconfirmed == 0 && !_someUnknown ? Owner : null;
        if (Way is not null || Owner is null)
            return false;
        return (_barrierRefused == 0 || clock.GetElapsedTime(_barrierRefused) >= BarrierPause) && Unconfirmed < options.UnconfirmedPerPartition;
    }

    /// <summary>Sends nothing until the barrier is answered.</summary>
    public void Hold(Barrier barrier, TimeProvider clock)
    {
        _barrier = barrier;
        _askedFor = Owner;
        _held = clock.GetTimestamp();
        barrier.Lane = this;
        Sent(barrier);
    }

    /// <summary>Takes what goes in one message: at least one parcel if any is left that somebody waits for.</summary>
    public void Take(List<Parcel> batch, int countLimit, int byteLimit, List<Parcel> settled)
    {
        var bytes = 0;
        var count = 0;
        countLimit = Math.Min(countLimit, options.UnansweredPerPartition - _unanswered.Count);
        while (count < countLimit && (_again.TryPeek(out var parcel) || _waiting.TryPeek(out parcel)))
        {
            var isSettled = parcel.IsDone || parcel.IsSettled;
            if (!isSettled && count > 0 && bytes + parcel.Size > byteLimit)
                return;
            if (!_again.TryDequeue(out _))
                _waiting.Dequeue();
            WaitingBytes -= parcel.Size;
            if (isSettled)
            {
                settled.Add(parcel);
                continue;
            }

            batch.Add(parcel);
            Sent(parcel);
            bytes += parcel.Size;
            count++;
        }
    }

    /// <summary>A parcel has its outcome: by a reply, or because the broker refused it or nobody waits for it any longer. False: it had it
    /// before.</summary>
    public bool Answer(Parcel parcel, bool replied, TimeProvider clock)
    {
        if (parcel.IsDone)
            return false;
        parcel.IsDone = true;
        if (!replied && parcel is { Place: not null, Route: null })
            _someUnknown = true;
        Remove(parcel);
        if (parcel == _barrier && replied)
        {
            _barrier = null;
            // It was perhaps another one that answered, and has left to this one what it had not begun.
            Way = ReferenceEquals(Owner, _askedFor) ? Owner : null;
        }
        else if (parcel == _barrier)
        {
            GoOn(clock);
        }

        Recall();
        return true;
    }

    /// <summary>It came back from the silo that it went straight to. Call <see cref="Recall"/> after the last one.</summary>
    public void Return(Parcel parcel)
    {
        if (parcel.IsDone || parcel.Place is null || parcel.Route is not { } route)
            return;
        slot!.Clear(route);
        Remove(parcel);
        _returned.Add(parcel);
    }

    /// <summary>Sends what came back again, through the queue, when nothing else is under way straight. What went out later comes back too, or is done;
    /// what went out before may still come back, if its silo had to leave it. However long that takes, nothing may overtake it. It delays little, for
    /// nobody takes the queue's calls before that silo lets go; only one that freezes or dies in between holds the lane until it is found gone, or
    /// nobody waits for its calls any longer.</summary>
    public void Recall()
    {
        if (_returned.Count > 0 && _unanswered.Count == _throughQueue)
            SendAgain();
    }

    /// <summary>The silo has gone, with everything that it had. True: something of this lane was there.</summary>
    public bool Lose(Peer peer)
    {
        var lost = _unanswered.Where(p => p.Route?.Peer == peer).ToList();
        foreach (var parcel in lost)
            Remove(parcel);
        _returned.AddRange(lost);
        if (Way?.Peer == peer)
            Way = null;
        // It may be another silo that the lane waits for.
        Recall();
        return lost.Count > 0;
    }

    /// <summary>Waits for no barrier for long. True: it was held for too long and goes on, through the queue.</summary>
    public bool EndHold(TimeProvider clock)
    {
        if (_barrier is null || clock.GetElapsedTime(_held) < LongestHold)
            return false;
        GoOn(clock);
        return true;
    }

    private void GoOn(TimeProvider clock)
    {
        _barrier = null;
        _barrierRefused = clock.GetTimestamp();
    }

    private void SendAgain()
    {
        if (_returned.Any(p => p.Route == Way))
            Way = null;
        // Before all that waits, and in the order in which it went out.
        var again = _again.Concat(_returned).Where(p => !p.IsDone).OrderBy(p => p.Number).ToList();
        WaitingBytes += again.Sum(p => (long)p.Size) - _again.Sum(p => (long)p.Size);
        _again = new Queue<Parcel>(again);
        _returned.Clear();
    }

    private void Sent(Parcel parcel)
    {
        var way = parcel is Barrier ? null : Way;
        // It keeps its place when it is sent again: some of what came back with it may not have gone out again yet.
        if (parcel.Number == 0)
            parcel.Number = ++_numbers;
        parcel.Route = way;
        if (way is not null)
        {
            way.Peer.Sent();
        }
        else if (parcel.IsOneWay)
        {
            _someUnknown = true;
            return;
        }
        else
        {
            _throughQueue++;
        }

        parcel.Place = _unanswered.AddLast(parcel);
    }

    private void Remove(Parcel parcel)
    {
        if (parcel.Place is not { } place)
            return;
        _unanswered.Remove(place);
        parcel.Place = null;
        if (parcel.Route is { } route)
            route.Peer.Resolved();
        else
            _throughQueue--;
    }
}
