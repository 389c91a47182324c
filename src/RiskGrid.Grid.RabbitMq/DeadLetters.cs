using RabbitMQ.Client;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Tells the senders of messages that nobody could take, and the operator.</summary>
internal sealed class DeadLetters(Session session)
{
    private const ushort Prefetch = 16;
    private DeadIntake _intake = null!;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        _intake = new DeadIntake(session, channel);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);
        await new Consumer(session, channel, session.Names.Dead, OnMessage).StartAsync("dead", cancellationToken).ConfigureAwait(false);
    }

    private ValueTask OnMessage(Incoming message)
    {
        var properties = message.Properties;
        switch (properties.Type)
        {
            case MessageType.Calls:
                var calls = CallBatch.Parser.ParseFrom(message.Body.Span).Calls;
                _intake.Began(calls.Count);
                var delivery = new QueueDelivery(_intake, message.Tag, properties.ReplyTo, calls.Count);
                foreach (var call in calls)
                    delivery.Settle(Answer(call.MessageId, Dead($"{call.Kind}.{call.Method} of {call.Key}")));
                return ValueTask.CompletedTask;
            case MessageType.Work:
                var work = Work.Parser.ParseFrom(message.Body.Span);
                _intake.Began(1);
                new QueueDelivery(_intake, message.Tag, properties.ReplyTo, 1).Settle(Answer(work.MessageId, DeadWork(work.Kind)));
                return ValueTask.CompletedTask;
            default:
                return _intake.AcknowledgeAsync(message.Tag);
        }
    }

    // A busy day of silos that come and go ends here too, so it is no fault of the call's: whoever may send it again may do so.
    private GrainUnavailableException Dead(string what)
    {
        var failure = new GrainUnavailableException(
            $"{what} was delivered {session.Options.DeliveryLimit} times and no silo finished it: silos came and went meanwhile, or it, or a call in the "
            + "same message, ends the silos or activations that take it. It may or may not have been applied and is not delivered again: retry with the "
            + "same id; the silos' logs say more.");
        session.Report("dead letter", failure);
        return failure;
    }

    // Whoever handed the item out plans it anew, a few times.
    private WorkLostException DeadWork(string kind)
    {
        var failure = new WorkLostException(
            $"A work item of kind '{kind}' was delivered {session.Options.WorkDeliveryLimit} times and no silo finished it: it ends the silos that take "
            + "it, or they were ended. See the silos' logs.");
        session.Report("dead letter", failure);
        return failure;
    }

    private static Reply Answer(string messageId, GridException failure) => new() { MessageId = messageId, Fault = Faults.ToFault(failure) };

    private sealed class DeadIntake(Session session, IChannel channel) : Intake(session, channel)
    {
        public override bool IsLost => Session.IsLost;
    }
}
