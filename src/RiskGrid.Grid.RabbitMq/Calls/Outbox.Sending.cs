using Google.Protobuf;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <content>The one sender, its confirms and the replies.</content>
internal sealed partial class Outbox
{
    // The broker routes replies to the channel that consumes this name and has sent the request.
    private const string ReplyQueue = "amq.rabbitmq.reply-to";
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);

    // Guards the four below.
    private readonly Lock _confirms = new();
    private readonly Dictionary<ulong, Unconfirmed> _unconfirmed = [];
    private readonly HashSet<string> _returned = [];
    private ulong _published;
    private ulong _oldest = 1;
    private IChannel _channel = null!;

    /// <summary>Messages sent: fewer than calls.</summary>
    public ulong Messages
    {
        get
        {
            lock (_confirms)
                return _published;
        }
    }

    /// <summary>Opens the channel and starts to send.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _channel = await session.OpenChannelAsync(
            session.Sending, new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken)
            .ConfigureAwait(false);
        _channel.BasicAcksAsync += (_, args) => Confirmed(args.DeliveryTag, args.Multiple, refused: false);
        _channel.BasicNacksAsync += (_, args) => Confirmed(args.DeliveryTag, args.Multiple, refused: true);
        _channel.BasicReturnAsync += Returned;
        await _channel.BasicConsumeAsync(
            ReplyQueue, autoAck: true, "replies", noLocal: false, exclusive: false, null,
            new Consumer(session, _channel, "the replies", OnReplies, acknowledges: false), cancellationToken).ConfigureAwait(false);
        session.Run(SendAsync, "sending calls");
        session.Run(SweepAsync, "forgetting calls that nobody waits for");
    }

    private async Task SendAsync()
    {
        var batch = new List<Parcel>();
        var settled = new List<Parcel>();
        try
        {
            await foreach (var lane in _ready.Reader.ReadAllAsync(session.Ended).ConfigureAwait(false))
            {
                lock (lane.Gate)
                {
                    lane.IsQueued = false;
                    if (!lane.CanSend)
                        continue;
                    lane.Take(batch, session.Options.BatchBytes, settled);
                    if (batch.Count > 0)
                    {
                        lane.Unconfirmed++;
                        foreach (var parcel in batch)
                        {
                            if (!parcel.IsOneWay)
                                lane.Unanswered++;
                        }
                    }

                    Wake(lane);
                }

                foreach (var parcel in settled)
                    End(parcel, new GrainDeadlineException("It was not sent: nobody waits for it any longer."));
                settled.Clear();
                if (batch.Count > 0)
                    await PublishAsync(lane, [.. batch]).ConfigureAwait(false);
                batch.Clear();
            }
        }
        finally
        {
            // What was taken here after the others were failed.
            if (_closed is { } closed)
                FailAll(closed);
        }
    }

    private async ValueTask PublishAsync(Lane lane, Parcel[] batch)
    {
        var (body, sound) = Serialize(batch);
        if (sound.Length == 0)
        {
            lock (lane.Gate)
            {
                lane.Unconfirmed--;
                Wake(lane);
            }

            return;
        }

        batch = sound;
        var properties = new BasicProperties { Type = lane.Type, MessageId = batch[0].Id, ReplyTo = ReplyQueue, Persistent = true };
        foreach (var parcel in batch)
        {
            if (!parcel.IsOneWay)
                _unanswered[parcel.Id] = parcel;
        }

        // Before it goes out: its confirm may be here before the next line.
        lock (_confirms)
            _unconfirmed.Add(++_published, new Unconfirmed(lane, batch));
        await _channel.BasicPublishAsync("", lane.Queue, mandatory: true, properties, body, session.Ended).ConfigureAwait(false);
    }

    private (byte[] Body, Parcel[] Sound) Serialize(Parcel[] batch)
    {
        var now = session.Host.Time.GetUtcNow();
        var message = new CallBatch();
        byte[] body = [];
        var sound = batch;
        foreach (var parcel in batch)
        {
            try
            {
                if (parcel is CallParcel call)
                    message.Calls.Add(call.ToEnvelope(now));
                else
                    body = ((WorkParcel)parcel).ToBytes();
            }
#pragma warning disable CA1031 // A message that cannot be written is its sender's fault, and the others go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                sound = [.. sound.Where(p => p != parcel)];
                if (parcel.IsOneWay)
                    Forget(parcel);
                else
                    Answered(parcel);
                parcel.Fail(Faults.Describe(exception));
            }
        }

        return (message.Calls.Count > 0 ? message.ToByteArray() : body, sound);
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
            returned = _returned.Count > 0 && _returned.Remove(unconfirmed.Batch[0].Id);
        }

        var (lane, batch) = unconfirmed;
        lock (lane.Gate)
        {
            lane.Unconfirmed--;
            Wake(lane);
        }

        foreach (var parcel in batch)
        {
            if (returned || refused)
                Refuse(parcel, returned ? parcel.NotHosted() : Full(lane));
            else
                parcel.HandedOver();
            if (parcel.IsOneWay)
                Forget(parcel);
        }
    }

    private void Refuse(Parcel parcel, GridException error)
    {
        if (_unanswered.TryRemove(parcel.Id, out _))
            Answered(parcel);
        parcel.Fail(error);
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

    private ValueTask OnReplies(Incoming message)
    {
        foreach (var reply in ReplyBatch.Parser.ParseFrom(message.Body.Span).Replies)
        {
            // The first outcome wins: a repetition finds nothing here.
            if (!_unanswered.TryRemove(reply.MessageId, out var parcel))
                continue;
            Answered(parcel);
            parcel.Settle(reply);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Calls whose callers gave up do not take part in what may be under way.</summary>
    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(SweepInterval, session.Clock);
        while (await timer.WaitForNextTickAsync(session.Ended).ConfigureAwait(false))
        {
            foreach (var (id, parcel) in _unanswered)
            {
                if (parcel.IsSettled && _unanswered.TryRemove(id, out _))
                    Answered(parcel);
            }
        }
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

    private sealed record Unconfirmed(Lane Lane, Parcel[] Batch);
}
