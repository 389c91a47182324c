using RabbitMQ.Client;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Takes work items, no more than run at the same time.</summary>
internal sealed class WorkConsumer(Session session)
{
    private const string Tag = "work";
    private IChannel? _channel;
    private WorkIntake? _intake;

    /// <summary>No item runs here.</summary>
    public bool IsQuiet => _intake is not { Running: > 0 };

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var concurrency = session.Host.Load.WorkConcurrency;
        if (concurrency == 0)
            return;
        _channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        _intake = new WorkIntake(session, _channel);
        await _channel.BasicQosAsync(0, (ushort)Math.Min(concurrency, ushort.MaxValue), global: false, cancellationToken).ConfigureAwait(false);
        await new Consumer(session, _channel, session.Names.Work, OnItem).StartAsync(Tag, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes nothing more; what runs goes on.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } channel)
            await channel.BasicCancelAsync(Tag, noWait: false, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask OnItem(Incoming message)
    {
        var work = Protocol.Grid.Work.Parser.ParseFrom(message.Body.Span);
        var delivery = new QueueDelivery(_intake!, message.Tag, message.Properties.ReplyTo, 1);
        _intake!.Began(1);
        BrokerWork item;
        try
        {
            item = new BrokerWork(delivery, session.Host, work);
        }
#pragma warning disable CA1031 // Whatever it is that cannot be read: who sent it hears of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            session.Report($"work of kind {work.Kind}", exception);
            delivery.Settle(new Reply { MessageId = work.MessageId, Fault = Faults.ToFault(Faults.Describe(exception)) });
            return ValueTask.CompletedTask;
        }

        switch (session.Host.Deliver(item))
        {
            case null:
                return ValueTask.CompletedTask;
            case GrainUnavailableException:
                // The silo has stopped: another takes it.
                delivery.Leave(work.MessageId);
                return _channel!.BasicNackAsync(message.Tag, multiple: false, requeue: true, session.Ended);
            case var refusal:
                item.Fail(refusal);
                return ValueTask.CompletedTask;
        }
    }

    private sealed class WorkIntake(Session session, IChannel channel) : Intake(session, channel)
    {
        public override bool IsLost => Session.IsLost;
    }

    private sealed class BrokerWork(Delivery delivery, IEngineHost host, Work work) : EnvelopeWork(host, work)
    {
        protected override void Answer(Reply reply) => delivery.Settle(reply);
    }
}
