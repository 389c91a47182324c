using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>One message while the calls in it run.</summary>
internal abstract class Delivery(Intake intake, string? replyTo)
{
    public Intake Intake => intake;

    /// <summary>Where replies go; null where the sender waits for none.</summary>
    public string? ReplyTo => replyTo;

    /// <summary>The sender hears when a call is done that has no reply.</summary>
    public abstract bool ConfirmsOneWay { get; }

    /// <summary>An outcome; null for a call that nothing comes back for.</summary>
    public void Settle(Reply? reply) => intake.Session.Replies.Add(this, reply);

    /// <summary>No outcome here: the call goes to the next owner.</summary>
    public abstract void Leave(string messageId);

    /// <summary>After an outcome was sent. Acknowledges the message when everything in it has its outcome; only then has its last call ended.</summary>
    public abstract ValueTask CloseAsync();
}

/// <summary>A message from a queue: acknowledged when everything in it has its outcome, after the outcomes were sent. Until then the broker keeps
/// it for the next owner.</summary>
internal sealed class QueueDelivery(Intake intake, ulong tag, string? replyTo, int count) : Delivery(intake, replyTo)
{
    // Touched by the one sender of replies only.
    private int _open = count;

    public override bool ConfirmsOneWay => false;

    public override void Leave(string messageId) => Intake.Finished();

    public override ValueTask CloseAsync()
    {
        if (--_open == 0)
            return AcknowledgeAsync();
        Intake.Finished();
        return ValueTask.CompletedTask;
    }

    private async ValueTask AcknowledgeAsync()
    {
        await Intake.AcknowledgeAsync(tag).ConfigureAwait(false);
        Intake.Finished();
    }
}

/// <summary>Calls that came straight from their sender, who keeps them until they are answered or sent back.</summary>
internal sealed class DirectDelivery(Intake intake, string? replyTo) : Delivery(intake, replyTo)
{
    public override bool ConfirmsOneWay => true;

    public override void Leave(string messageId)
    {
        Intake.Session.Replies.Return(ReplyTo, messageId);
        Intake.Finished();
    }

    public override ValueTask CloseAsync()
    {
        Intake.Finished();
        return ValueTask.CompletedTask;
    }
}
