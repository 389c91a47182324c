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

    // The broker closes a channel, and with it the session, on which a message stays unacknowledged for too long.
    private static readonly TimeSpan AcknowledgeInterval = TimeSpan.FromSeconds(1);

    // A message is acknowledged once, and none after a later one.
    private readonly SemaphoreSlim _acknowledging = new(1, 1);
    private IChannel _channel = null!;
    private ulong _last;
    private ulong _acknowledged;

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
            new Consumer(session, _channel, session.Names.Topics, OnMessage, acknowledges: false), cancellationToken).ConfigureAwait(false);
        session.Run(AcknowledgeAsync, "acknowledging topics");
    }

    private ValueTask OnMessage(Incoming message)
    {
        // Also where it cannot be read.
        Volatile.Write(ref _last, message.Tag);
        var broadcast = Broadcast.Parser.ParseFrom(message.Body.Span);
        if (session.Host.Catalog.FindTopic(broadcast.Topic) is { } parser)
            session.Host.Deliver(broadcast.Topic, parser.ParseFrom(broadcast.Payload));
        return message.Tag - Volatile.Read(ref _acknowledged) < AcknowledgeEvery ? ValueTask.CompletedTask : new ValueTask(AcknowledgeLastAsync());
    }

    private async Task AcknowledgeAsync()
    {
        using var timer = new PeriodicTimer(AcknowledgeInterval, session.Clock);
        while (await timer.WaitForNextTickAsync(session.Ended).ConfigureAwait(false))
            await AcknowledgeLastAsync().ConfigureAwait(false);
    }

    private async Task AcknowledgeLastAsync()
    {
        await _acknowledging.WaitAsync(session.Ended).ConfigureAwait(false);
        try
        {
            var last = Volatile.Read(ref _last);
            if (last == _acknowledged)
                return;
            await _channel.BasicAckAsync(last, multiple: true, session.Ended).ConfigureAwait(false);
            Volatile.Write(ref _acknowledged, last);
        }
        finally
        {
            _acknowledging.Release();
        }
    }
}
