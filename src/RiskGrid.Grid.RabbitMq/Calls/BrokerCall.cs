using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>A call as the owner of its partition has it.</summary>
internal sealed class BrokerCall(Delivery delivery, Lease lease, Envelope envelope) : EnvelopeCall(lease.Session.Host, envelope)
{
    public override void Abandon()
    {
        // Lost with its partition: the next owner gets it. Otherwise the activation gave up by itself, and so must the silo, before anything
        // overtakes the call.
        if (!lease.IsLost)
            lease.GiveUp();
        delivery.Leave(MessageId);
    }

    protected override void Answer(Reply reply)
    {
        // The silo stops and the partition has gone: whoever has it now answers.
        if (lease.IsLost && reply.Fault is { Code: (int)GridErrorCode.Unavailable, Origin: Fault.Types.Origin.Grid })
            delivery.Leave(MessageId);
        else
            delivery.Settle(Method.IsOneWay && !delivery.ConfirmsOneWay ? null : reply);
    }
}
