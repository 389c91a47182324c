using System.Threading.Channels;
using Google.Protobuf;
using RabbitMQ.Client;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Sends outcomes, batched per sender, and then acknowledges what has all of its outcomes. One loop on one channel.</summary>
internal sealed class Replies(Session session)
{
    // Outcomes in one pass: those who wait for the first should not wait for many.
    private const int PassLimit = 1024;

    private readonly Channel<Outcome> _settled =
        System.Threading.Channels.Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Dictionary<string, Batch> _batches = [];
    private readonly List<Delivery> _pass = [];
    private IChannel _channel = null!;
    private Task _sending = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending = done.Task;
        session.Run(() => SendAsync(done), "sending replies");
    }

    /// <summary>Never waits and never throws: what comes after the end is dropped, for its message goes to another silo.</summary>
    public void Add(Delivery delivery, Reply? reply) => _settled.Writer.TryWrite(new Outcome(delivery, delivery.ReplyTo, reply, null));

    /// <summary>Sends a message back that came straight: its sender sends it through the partition's queue.</summary>
    public void Return(string? address, string messageId) => _settled.Writer.TryWrite(new Outcome(null, address, null, messageId));

    /// <summary>Completes when all is sent; nothing more is taken.</summary>
    public Task FinishAsync()
    {
        _settled.Writer.TryComplete();
        return _sending;
    }

    private async Task SendAsync(TaskCompletionSource done)
    {
        try
        {
            while (await _settled.Reader.WaitToReadAsync(session.Ended).ConfigureAwait(false))
            {
                for (var taken = 0; taken < PassLimit && _settled.Reader.TryRead(out var outcome); taken++)
                {
                    if (outcome.Delivery is { } delivery)
                        _pass.Add(delivery);
                    if (outcome.Address is not { } address)
                        continue;
                    if (outcome.Reply is { } reply)
                        await GatherAsync(address, reply).ConfigureAwait(false);
                    else if (outcome.Returned is { } returned)
                        BatchTo(address).Message.Returned.Add(returned);
                }

                foreach (var (address, batch) in _batches)
                    await FlushAsync(address, batch).ConfigureAwait(false);
                // Senders come and go.
                if (_batches.Count > PassLimit)
                    _batches.Clear();
                foreach (var delivery in _pass)
                    await delivery.CloseAsync().ConfigureAwait(false);
                _pass.Clear();
            }
        }
        finally
        {
            done.TrySetResult();
        }
    }

    private async ValueTask GatherAsync(string address, Reply reply)
    {
        var size = reply.CalculateSize();
        if (size > session.Options.MessageBytes)
        {
            reply = new Reply
            {
                MessageId = reply.MessageId,
                Fault = Faults.ToFault(new GrainCallException(
                    GridErrorCode.OutOfRange, $"A reply of {size:N0} bytes is over the limit of {session.Options.MessageBytes:N0}: ask for less at a time.")),
            };
            size = reply.CalculateSize();
        }

        var batch = BatchTo(address);
        if (batch.Bytes + size > session.Options.BatchBytes)
            await FlushAsync(address, batch).ConfigureAwait(false);
        batch.Message.Replies.Add(reply);
        batch.Bytes += size;
    }

    private Batch BatchTo(string address)
    {
        if (!_batches.TryGetValue(address, out var batch))
            _batches.Add(address, batch = new Batch());
        return batch;
    }

    private async ValueTask FlushAsync(string address, Batch batch)
    {
        if (batch.Message.Replies.Count == 0 && batch.Message.Returned.Count == 0)
            return;
        var body = batch.Message.ToByteArray();
        batch.Message.Replies.Clear();
        batch.Message.Returned.Clear();
        batch.Bytes = 0;
        await _channel.BasicPublishAsync("", address, mandatory: false, new BasicProperties { Type = MessageType.Replies }, body, session.Ended)
            .ConfigureAwait(false);
    }

    /// <summary>Of a delivered call, or a message that goes back.</summary>
    private readonly record struct Outcome(Delivery? Delivery, string? Address, Reply? Reply, string? Returned);

    private sealed class Batch
    {
        public ReplyBatch Message { get; } = new();

        public int Bytes { get; set; }
    }
}
