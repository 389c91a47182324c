using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Takes the calls that come straight to this silo. The queue is this connection's alone: the broker deletes it when the connection ends,
/// and whoever sends there then learns that the silo has gone.</summary>
internal sealed class Inbox(Session session)
{
    /// <summary>What it is called.</summary>
    public string Queue { get; } = $"{session.Names.Inbox}.{session.Incarnation}";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (session.Kinds.Count == 0)
            return;
        var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: true, null, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await channel.BasicConsumeAsync(
            Queue, autoAck: true, "inbox", noLocal: false, exclusive: true, null,
            new Consumer(session, channel, Queue, OnMessage, acknowledges: false), cancellationToken).ConfigureAwait(false);
    }

    private ValueTask OnMessage(Incoming message)
    {
        switch (message.Properties.Type)
        {
            case MessageType.Direct:
                foreach (var calls in DirectBatch.Parser.ParseFrom(message.Body.Span).Partitions)
                    Take(calls, message.Properties.ReplyTo);
                break;
            case MessageType.Probe:
                // That it arrived is all that it is for.
                break;
            default:
                session.Report(Queue, new InvalidDataException($"A message of type '{message.Properties.Type}' was dropped: it is not known here."));
                break;
        }

        return ValueTask.CompletedTask;
    }

    private void Take(DirectCalls calls, string? replyTo)
    {
        if (session.Ownership.Find(calls.Partition, calls.Lease) is { } lease && lease.TakeDirect(calls, replyTo))
            return;
        foreach (var envelope in calls.Calls)
            session.Replies.Return(replyTo, envelope.MessageId);
    }
}
