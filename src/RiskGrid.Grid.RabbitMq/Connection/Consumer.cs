using Google.Protobuf;
using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>What one delivery brings; valid during the handler only.</summary>
internal readonly record struct Incoming(ulong Tag, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body);

/// <summary>Hands deliveries of one queue to a handler, one at a time per channel. What cannot be read is reported and taken off the queue, what
/// fails otherwise is a dead letter; unless the handler alone acknowledges, or nobody does.</summary>
internal sealed class Consumer(
    Session session, IChannel channel, string queue, Func<Incoming, ValueTask> handler, bool acknowledges = true) : IAsyncBasicConsumer
{
    public IChannel Channel => channel;

    /// <summary>Begins to take deliveries of a queue that silos share.</summary>
    /// <exception cref="SilentQueueException">The broker answers, the queue does not.</exception>
    public async Task StartAsync(string tag, CancellationToken cancellationToken)
    {
        try
        {
            await channel.BasicConsumeAsync(queue, autoAck: false, tag, noLocal: false, exclusive: false, null, this, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && channel.IsOpen)
        {
            throw new SilentQueueException(queue, exception);
        }
    }

    public async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (!session.MayDeliver())
            return;
        try
        {
            await handler(new Incoming(deliveryTag, properties, body)).ConfigureAwait(false);
        }
        catch (Exception) when (session.IsLost || session.Ended.IsCancellationRequested)
        {
            // Nothing that still arrives counts.
        }
        catch (InvalidProtocolBufferException exception)
        {
            session.Report(
                $"delivery from {queue}",
                new InvalidDataException($"A message of type '{properties.Type}' cannot be read and was dropped: {exception.Message}", exception));
            if (acknowledges)
                await channel.BasicAckAsync(deliveryTag, multiple: false, session.Ended).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One message's trouble is reported and the queue goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            session.Report($"delivery from {queue}", exception);
            // Who sent it hears of it as of a dead letter. Left as it is, it would end the session when the broker has waited for long enough.
            if (acknowledges)
                await channel.BasicRejectAsync(deliveryTag, requeue: false, session.Ended).ConfigureAwait(false);
        }
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        session.Lose($"the broker ended the consumption of {queue}: somebody deleted the queue");
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, RabbitMQ.Client.Events.ShutdownEventArgs reason) => Task.CompletedTask;
}
