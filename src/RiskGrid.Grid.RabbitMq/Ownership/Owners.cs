using System.Collections.Concurrent;
using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Tells other silos what this one owns, and hears what they own, so that calls can go straight to an owner's inbox. What is right does
/// not depend on it: who is told wrong gets its calls back and sends them through the partition's queue.</summary>
internal sealed class Owners(Session session)
{
    // Partitions change hands by the dozen.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, OwnerSlot[]> _slots = new();
    private readonly ConcurrentDictionary<string, Peer> _peers = new();
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <summary>Silos that take calls.</summary>
    public IEnumerable<Peer> Peers => _peers.Values.Where(p => !p.IsGone);

    /// <summary>The one that this silo looks after: the next by incarnation; null: there is no other.</summary>
    public Peer? Next => Peers
        .Where(p => p.Incarnation != session.Incarnation)
        .OrderBy(p => string.CompareOrdinal(p.Incarnation, session.Incarnation) < 0)
        .ThenBy(p => p.Incarnation, StringComparer.Ordinal)
        .FirstOrDefault();

    public OwnerSlot[] Of(string kind) => _slots.GetOrAdd(kind, _ => [.. Enumerable.Range(0, Partition.Count).Select(_ => new OwnerSlot())]);

    /// <summary>Starts to tell.</summary>
    public void Start()
    {
        if (session.Kinds.Count > 0)
            session.Run(TellAsync, "telling what is owned");
    }

    /// <summary>This silo owns something else than before, or there is somebody new to tell.</summary>
    public void Changed()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is going to be told.
        }
    }

    public void Hear(Owned owned)
    {
        var peer = _peers.GetOrAdd(owned.Incarnation, incarnation => new Peer(incarnation, owned.Inbox));
        if (peer.IsGone)
            return;
        foreach (var (kind, partitions) in owned.Partitions)
        {
            var slots = Of(kind);
            for (var i = 0; i < Partition.Count && i < owned.Leases.Count; i++)
            {
                var has = (partitions >> i & 1) != 0;
                var known = slots[i].Owner;
                if (has && (known?.Peer != peer || known.Lease != owned.Leases[i]))
                    slots[i].Owner = new Route(peer, owned.Leases[i]);
                else if (!has && known?.Peer == peer)
                    slots[i].Clear(known);
            }
        }
    }

    /// <summary>The silo's inbox is gone, and the silo with it. It stays known as gone, for its last word may come late.</summary>
    public void Forget(Peer peer)
    {
        peer.IsGone = true;
        foreach (var slot in _slots.Values.SelectMany(s => s))
        {
            if (slot.Owner is { } owner && owner.Peer == peer)
                slot.Clear(owner);
        }
    }

    private async Task TellAsync()
    {
        while (true)
        {
            await _changed.WaitAsync(session.Ended).ConfigureAwait(false);
            var owned = new Owned { Incarnation = session.Incarnation, Inbox = session.Inbox.Queue };
            session.Ownership.Describe(owned);
            session.Broadcasts.TrySend(session.Names.Members, "", MessageType.Owned, owned.ToByteArray());
            await Task.Delay(Pause, session.Clock, session.Ended).ConfigureAwait(false);
        }
    }
}
