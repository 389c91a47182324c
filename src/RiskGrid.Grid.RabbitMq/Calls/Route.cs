namespace RiskGrid.Grid.RabbitMq;

/// <summary>A silo that takes calls straight from their senders.</summary>
internal sealed class Peer(string incarnation, string inbox)
{
    private int _outstanding;
    private int _asked;
    private long _lastHeard;
    private volatile bool _isGone;

    public string Incarnation => incarnation;

    /// <summary>Its queue.</summary>
    public string Inbox => inbox;

    /// <summary>Its inbox is not there any more; whoever still hears of it is late.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    public Lock Gate { get; } = new();

    /// <summary>Lanes with something for it. Under <see cref="Gate"/>.</summary>
    public Queue<Lane> Ready { get; } = new();

    /// <summary>Messages to it that the broker has not confirmed. Under <see cref="Gate"/>.</summary>
    public int Unconfirmed { get; set; }

    /// <summary>The sender is going to look at it. Under <see cref="Gate"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Calls that it has and has not answered.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>When it last answered, or was asked whether it is there.</summary>
    public long LastHeard
    {
        get => Volatile.Read(ref _lastHeard);
        set => Volatile.Write(ref _lastHeard, value);
    }

    /// <summary>True for the first who asks whether it is there, until <see cref="Asked"/>.</summary>
    public bool TryAsk() => Interlocked.Exchange(ref _asked, 1) == 0;

    /// <summary>The broker has the question, or has returned it.</summary>
    public void Asked() => Volatile.Write(ref _asked, 0);

    public void Sent() => Interlocked.Increment(ref _outstanding);

    public void Resolved() => Interlocked.Decrement(ref _outstanding);
}

/// <summary>The straight way to a partition: the silo that owns it, and under which lease.</summary>
internal sealed record Route(Peer Peer, uint Lease);

/// <summary>Who owns one partition of one kind, by hearsay; null: unknown.</summary>
internal sealed class OwnerSlot
{
    private Route? _owner;

    public Route? Owner
    {
        get => Volatile.Read(ref _owner);
        set => Volatile.Write(ref _owner, value);
    }

    /// <summary>It was wrong; what was heard since stays.</summary>
    public void Clear(Route route) => Interlocked.CompareExchange(ref _owner, null, route);
}
