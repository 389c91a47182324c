using System.Text;
using Google.Protobuf;
using RabbitMQ.Client;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <content>The one sender: a message of what is ready, over and over.</content>
internal sealed partial class Outbox
{
    // The broker routes replies to the channel that consumes this name and has sent the request.
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    // The sender's own.
    private readonly List<Parcel> _batch = [];
    private readonly List<Parcel> _settled = [];

    private IChannel _channel = null!;

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
        // On the replies' channel: what comes through it comes after all replies that came before.
        _own = (await _channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, null, cancellationToken: cancellationToken)
            .ConfigureAwait(false)).QueueName;
        await _channel.BasicConsumeAsync(
            _own, autoAck: true, "own", noLocal: false, exclusive: true, null,
            new Consumer(session, _channel, "the sender's own queue", OnOwn, acknowledges: false), cancellationToken).ConfigureAwait(false);
        session.Run(SendAsync, "sending calls");
        session.Run(LookAsync, "looking after calls");
        session.Run(SweepAsync, "forgetting calls that nobody waits for");
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var ready in _ready.Reader.ReadAllAsync(session.Ended).ConfigureAwait(false))
            {
                switch (ready)
                {
                    case Lane lane:
                        await SendAsync(lane).ConfigureAwait(false);
                        break;
                    case Peer peer:
                        await SendAsync(peer).ConfigureAwait(false);
                        break;
                    case Farewell { Peer: var gone }:
                        await PublishAsync(
                            _own, MessageType.Gone, new Unconfirmed(null, null, []), Encoding.ASCII.GetBytes(gone.Incarnation)).ConfigureAwait(false);
                        break;
                    case Question question:
                        await PublishAsync(
                            question.Peer.Inbox, MessageType.Probe, new Unconfirmed(null, question.Peer, []), ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
                        break;
                }
            }
        }
        finally
        {
            // What was taken here after the others were failed.
            if (_closed is { } closed)
                FailAll(closed);
        }
    }

    /// <summary>One message through a queue.</summary>
    private async ValueTask SendAsync(Lane lane)
    {
        Barrier? barrier = null;
        lock (lane.Gate)
        {
            lane.IsQueued = false;
            if (lane.NeedsBarrier(session.Clock))
            {
                barrier = new Barrier(NextOwnId());
                lane.Unconfirmed++;
                lane.Hold(barrier, session.Clock);
            }
            else if (!lane.CanSend || lane.Way is not null)
            {
                Wake(lane);
                return;
            }
            else
            {
                lane.Take(_batch, lane == _workLane ? 1 : session.Options.BatchCalls, session.Options.BatchBytes, _settled);
                if (_batch.Count > 0)
                    lane.Unconfirmed++;
                Wake(lane);
            }
        }

        EndSettled();
        if (barrier is not null)
        {
            await PublishAsync(lane.Queue, MessageType.Barrier, new Unconfirmed(lane, null, [barrier]), ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
        }
        else if (_batch.Count > 0)
        {
            Parcel[] batch = [.. _batch];
            _batch.Clear();
            var (body, sound) = Serialize(batch);
            if (sound.Length > 0)
                await PublishAsync(lane.Queue, lane.Type, new Unconfirmed(lane, null, sound), body).ConfigureAwait(false);
            else
                Confirmed(lane);
        }
    }

    /// <summary>One message to a silo, of what several lanes have for it.</summary>
    private async ValueTask SendAsync(Peer peer)
    {
        var message = new DirectBatch();
        var sent = new List<Parcel>();
        var bytes = 0;
        while (sent.Count < session.Options.DirectBatchCalls && bytes < session.Options.BatchBytes)
        {
            Lane? lane;
            lock (peer.Gate)
            {
                if (!peer.Ready.TryDequeue(out lane))
                    break;
            }

            Route? way = null;
            lock (lane.Gate)
            {
                lane.IsQueued = false;
                if (!lane.NeedsBarrier(session.Clock) && lane.CanSend && lane.Way?.Peer == peer)
                {
                    way = lane.Way;
                    lane.Take(_batch, session.Options.DirectBatchCalls - sent.Count, session.Options.BatchBytes - bytes, _settled);
                }

                Wake(lane);
            }

            EndSettled();
            if (way is null)
                continue;
            var calls = new DirectCalls { Kind = lane.Kind, Partition = (uint)lane.Partition, Lease = way.Lease };
            foreach (var parcel in _batch)
            {
                if (Write(parcel) is not { } envelope)
                    continue;
                calls.Calls.Add(envelope);
                sent.Add(parcel);
                bytes += parcel.Size;
            }

            _batch.Clear();
            if (calls.Calls.Count > 0)
                message.Partitions.Add(calls);
        }

        lock (peer.Gate)
        {
            peer.IsQueued = false;
            if (sent.Count > 0)
                peer.Unconfirmed++;
            Wake(peer);
        }

        if (sent.Count > 0)
            await PublishAsync(peer.Inbox, MessageType.Direct, new Unconfirmed(null, peer, sent), message.ToByteArray()).ConfigureAwait(false);
    }

    private async ValueTask PublishAsync(string queue, string type, Unconfirmed message, ReadOnlyMemory<byte> body)
    {
        var isDirect = message.Peer is not null;
        var properties = new BasicProperties
        {
            Type = type,
            MessageId = message.Batch.Count > 0 ? message.Batch[0].Id : NextOwnId(),
            ReplyTo = ReplyQueue,
            // Who sends straight keeps it until it is answered.
            Persistent = !isDirect,
        };
        foreach (var parcel in message.Batch)
        {
            if (isDirect || !parcel.IsOneWay)
                _unanswered[parcel.Id] = parcel;
        }

        // Before it goes out: its confirm may be here before the next line.
        lock (_confirms)
            _unconfirmed.Add(++_published, message with { Id = properties.MessageId });
        await _channel.BasicPublishAsync("", queue, mandatory: true, properties, body, session.Ended).ConfigureAwait(false);
    }

    private void EndSettled()
    {
        foreach (var parcel in _settled)
        {
            _unanswered.TryRemove(parcel.Id, out _);
            End(parcel, new GrainDeadlineException("It was not sent: nobody waits for it any longer."));
        }

        _settled.Clear();
    }

    private (byte[] Body, Parcel[] Sound) Serialize(Parcel[] batch)
    {
        if (batch[0] is WorkParcel)
            return WriteWork(batch);
        var message = new CallBatch();
        var sound = new List<Parcel>(batch.Length);
        foreach (var parcel in batch)
        {
            if (Write(parcel) is not { } envelope)
                continue;
            message.Calls.Add(envelope);
            sound.Add(parcel);
        }

        return (message.ToByteArray(), [.. sound]);
    }

    private (byte[] Body, Parcel[] Sound) WriteWork(Parcel[] batch)
    {
        try
        {
            return (((WorkParcel)batch[0]).ToBytes(), batch);
        }
#pragma warning disable CA1031 // As below.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Unwritable(batch[0], exception);
            return ([], []);
        }
    }

    private Envelope? Write(Parcel parcel)
    {
        try
        {
            return ((CallParcel)parcel).ToEnvelope(session.Host.Time.GetUtcNow());
        }
#pragma warning disable CA1031 // A message that cannot be written is its sender's fault, and the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Unwritable(parcel, exception);
            return null;
        }
    }

    private void Unwritable(Parcel parcel, Exception exception)
    {
        Answered(parcel, replied: false);
        parcel.Fail(Faults.Describe(exception));
    }
}
