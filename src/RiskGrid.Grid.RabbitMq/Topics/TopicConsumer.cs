using RabbitMQ.Client;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Hears all topics through a queue of this session's own, and drops what nobody here has subscribed.</summary>
internal sealed class TopicConsumer(Session session)
{
    // What this silo has not taken yet stays at the broker, which drops the oldest beyond this.
    private const int QueueMessages = 65536;
    private const long QueueBytes = 64L << 20;
    private const ushort Prefetch = 512;
    private const int AcknowledgeEvery = 128;
    private IChannel _channel = null!;
    private int _unacknowledged;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        await _channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);
        var arguments = new Dictionary<string, object?>
        {
            ["x-max-length"] = QueueMessages,
            ["x-max-length-bytes"] = QueueBytes,
            ["x-overflow"] = "drop-head",
        };
        var queue = await _channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, arguments, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await _channel.QueueBindAsync(queue.QueueName, session.Names.Topics, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        await _channel.BasicConsumeAsync(
            queue.QueueName, autoAck: false, "topics", noLocal: false, exclusive: true, null,
            new Consumer(session, _channel, session.Names.Topics, OnMessage), cancellationToken).ConfigureAwait(false);
    }

    private ValueTask OnMessage(Incoming message)
    {
        var broadcast = Broadcast.Parser.ParseFrom(message.Body.Span);
        if (session.Host.Catalog.FindTopic(broadcast.Topic) is { } parser)
            session.Host.Deliver(broadcast.Topic, parser.ParseFrom(broadcast.Payload));
        if (++_unacknowledged < AcknowledgeEvery)
            return ValueTask.CompletedTask;
        _unacknowledged = 0;
        return _channel.BasicAckAsync(message.Tag, multiple: true, session.Ended);
    }
}
