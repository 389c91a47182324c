using System.Collections.Concurrent;
using System.Text;

namespace RiskGrid.Grid.RabbitMq;

/// <content>Silos that calls are sent to: whether they are there, and what becomes of their calls when not.</content>
internal sealed partial class Outbox
{
    // What a killed silo's calls wait, at most twice.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    // What a silo that nobody calls can be gone before another one sees it.
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);

    // By incarnation: found gone, and its last replies still to be read.
    private readonly ConcurrentDictionary<string, Peer> _gone = new();

    // The queue that this sender alone reads, on the replies' channel.
    private string _own = "";

    /// <summary>Asks silos that have calls and are silent whether they are there: an inbox that is gone returns the question. Goes on with lanes that
    /// waited for long enough.</summary>
    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookInterval, session.Clock);
        while (await timer.WaitForNextTickAsync(session.Ended).ConfigureAwait(false))
        {
            var watched = session.Owners.Next;
            foreach (var peer in session.Owners.Peers)
            {
                // A silo that nobody calls is looked after by one other.
                var interval = peer.Outstanding > 0 ? LookInterval : peer == watched ? WatchInterval : TimeSpan.MaxValue;
                if (session.Clock.GetElapsedTime(peer.LastHeard) < interval || !peer.TryAsk())
                    continue;
                peer.LastHeard = session.Clock.GetTimestamp();
                _ready.Writer.TryWrite(new Question(peer));
            }

            foreach (var lane in _lanes.Values.SelectMany(l => l))
            {
                lock (lane.Gate)
                {
                    if (lane.EndHold(session.Clock))
                        Wake(lane);
                }
            }
        }
    }

    private ValueTask OnOwn(Incoming message)
    {
        if (_gone.TryRemove(Encoding.ASCII.GetString(message.Body.Span), out var peer))
            Lose(peer);
        return ValueTask.CompletedTask;
    }

    /// <summary>The silo's inbox is not there any more: what it had goes through the queues, to whoever owns the partitions now.</summary>
    private void Lose(Peer peer)
    {
        session.Owners.Forget(peer);
        session.Members.Bury(peer.Incarnation);
        foreach (var lane in _lanes.Values.SelectMany(l => l))
        {
            lock (lane.Gate)
            {
                if (lane.Lose(peer))
                    Wake(lane);
            }
        }

        // Lanes that waited for it and had nothing there.
        Lane[] ready;
        lock (peer.Gate)
        {
            ready = [.. peer.Ready];
            peer.Ready.Clear();
        }

        foreach (var lane in ready)
        {
            lock (lane.Gate)
            {
                lane.IsQueued = false;
                if (lane.Way?.Peer == peer)
                    lane.Lose(peer);
                Wake(lane);
            }
        }
    }

    /// <summary>A silo is not there any more.</summary>
    private sealed record Farewell(Peer Peer);

    /// <summary>Whether a silo is there.</summary>
    private sealed record Question(Peer Peer);
}
