using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>A call as the owner of its partition has it.</summary>
internal sealed class BrokerCall(Delivery delivery, Lease lease, Envelope envelope) : EnvelopeCall(lease.Session.Host, envelope)
{
    public override void Abandon()
    {
        delivery.Leave();
        // Lost with its partition: the broker has the message again. Otherwise the activation gave up by itself, and the message must go back.
        if (!lease.IsLost)
            lease.GiveUp();
    }

    protected override void Answer(Reply reply)
    {
        // The silo stops and the partition has gone: whoever has it now answers.
        if (lease.IsLost && reply.Fault is { Code: (int)GridErrorCode.Unavailable, Origin: Fault.Types.Origin.Grid })
            delivery.Leave();
        else
            delivery.Settle(Method.IsOneWay ? null : reply);
    }
}
