using RabbitMQ.Client.Events;

namespace RiskGrid.Grid.RabbitMq;

/// <content>What the broker says of the messages sent: it has them, refuses them, or nobody takes them.</content>
internal sealed partial class Outbox
{
    // Guards the four that follow.
    private readonly Lock _confirms = new();
    private readonly Dictionary<ulong, Unconfirmed> _unconfirmed = [];
    private readonly HashSet<string> _returned = [];
    private ulong _published;
    private ulong _oldest = 1;

    /// <summary>Messages sent: fewer than calls.</summary>
    public ulong Messages
    {
        get
        {
            lock (_confirms)
                return _published;
        }
    }

    private Task Confirmed(ulong tag, bool multiple, bool refused)
    {
        if (!multiple)
        {
            Confirm(tag, refused);
            return Task.CompletedTask;
        }

        while (true)
        {
            ulong next;
            lock (_confirms)
            {
                if (_oldest > tag)
                    return Task.CompletedTask;
                next = _oldest++;
            }

            Confirm(next, refused);
        }
    }

    private void Confirm(ulong tag, bool refused)
    {
        Unconfirmed? unconfirmed;
        bool returned;
        lock (_confirms)
        {
            if (!_unconfirmed.Remove(tag, out unconfirmed))
                return;
            returned = _returned.Count > 0 && _returned.Remove(unconfirmed.Id);
        }

        if (unconfirmed.Peer is { } peer)
            Confirmed(peer, isQuestion: unconfirmed.Batch.Count == 0, returned);
        else if (unconfirmed.Lane is { } lane)
            Confirmed(lane);
        foreach (var parcel in unconfirmed.Batch)
        {
            if (refused || (returned && unconfirmed.Peer is null))
                Refuse(parcel, returned ? parcel.NotHosted() : Full(parcel.Lane));
            else if (!returned)
                parcel.HandedOver();
            if (!parcel.IsOneWay || unconfirmed.Peer is not null)
                continue;
            // One that went straight at first was to be answered.
            _unanswered.TryRemove(parcel.Id, out _);
            Forget(parcel);
        }
    }

    private void Confirmed(Lane lane)
    {
        lock (lane.Gate)
        {
            lane.Unconfirmed--;
            Wake(lane);
        }
    }

    private void Confirmed(Peer peer, bool isQuestion, bool gone)
    {
        if (isQuestion)
        {
            peer.Asked();
        }
        else
        {
            lock (peer.Gate)
            {
                peer.Unconfirmed--;
                Wake(peer);
            }
        }

        // Its last replies may be here, waiting to be read: they come before a message through the own queue.
        if (gone && _gone.TryAdd(peer.Incarnation, peer))
            _ready.Writer.TryWrite(new Farewell(peer));
    }

    private Task Returned(object sender, BasicReturnEventArgs args)
    {
        if (args.BasicProperties.MessageId is { } id)
        {
            lock (_confirms)
                _returned.Add(id);
        }

        return Task.CompletedTask;
    }

    private void Refuse(Parcel parcel, GridException error)
    {
        _unanswered.TryRemove(parcel.Id, out _);
        Answered(parcel, replied: false);
        parcel.Fail(error);
    }

    private void FailUnconfirmed(GridException error)
    {
        Unconfirmed[] unconfirmed;
        lock (_confirms)
        {
            unconfirmed = [.. _unconfirmed.Values];
            _unconfirmed.Clear();
        }

        // The requests among them are failed already.
        foreach (var parcel in unconfirmed.SelectMany(u => u.Batch).Where(p => p.IsOneWay))
            End(parcel, error);
    }

    private static GrainOverloadedException Full(Lane lane) => new(
        $"The broker's queue {lane.Queue} is full, or the broker could not store the call: retry later, and slower.");

    /// <summary>A message on its way into a queue: a lane's, or a silo's inbox.</summary>
    private sealed record Unconfirmed(Lane? Lane, Peer? Peer, IReadOnlyList<Parcel> Batch)
    {
        public string Id { get; init; } = "";
    }
}
