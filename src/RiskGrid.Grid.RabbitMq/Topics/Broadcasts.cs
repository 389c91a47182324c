using System.Threading.Channels;
using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Sends what may be lost: topics, hellos and claims, in order, unconfirmed.</summary>
internal sealed class Broadcasts(Session session)
{
    private const int Limit = 8192;

    private readonly Channel<Message> _waiting = System.Threading.Channels.Channel.CreateBounded<Message>(
        new BoundedChannelOptions(Limit) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private Task _sending = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var channel = await session.OpenChannelAsync(session.Sending, null, cancellationToken).ConfigureAwait(false);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending = done.Task;
        session.Run(() => SendAsync(channel, done), "sending topics");
    }

    /// <summary>Completes when there is room.</summary>
    public async ValueTask SendAsync(string exchange, string routingKey, string type, ReadOnlyMemory<byte> body)
    {
        var message = new Message(exchange, routingKey, type, body);
        if (_waiting.Writer.TryWrite(message))
            return;
        try
        {
            await _waiting.Writer.WriteAsync(message, session.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Unavailable.Down(session.Options.Address);
        }
        catch (ChannelClosedException)
        {
            throw Unavailable.Stopping();
        }
    }

    /// <summary>Sends now or not at all.</summary>
    public bool TrySend(string exchange, string routingKey, string type, ReadOnlyMemory<byte> body) =>
        _waiting.Writer.TryWrite(new Message(exchange, routingKey, type, body));

    /// <summary>Completes when all is sent; nothing more is taken.</summary>
    public Task FinishAsync()
    {
        _waiting.Writer.TryComplete();
        return _sending;
    }

    private async Task SendAsync(IChannel channel, TaskCompletionSource done)
    {
        try
        {
            await foreach (var message in _waiting.Reader.ReadAllAsync(session.Ended).ConfigureAwait(false))
            {
                await channel.BasicPublishAsync(
                    message.Exchange, message.RoutingKey, mandatory: false, new BasicProperties { Type = message.Type }, message.Body, session.Ended)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            done.TrySetResult();
        }
    }

    private readonly record struct Message(string Exchange, string RoutingKey, string Type, ReadOnlyMemory<byte> Body);
}
