using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>One message of the broker while what is in it runs: it is acknowledged when everything has its outcome, and after the outcomes
/// were sent.</summary>
internal sealed class Delivery(Intake intake, ulong tag, string? replyTo, int count)
{
    // Touched by the one sender of replies only.
    private int _open = count;

    public Intake Intake => intake;

    /// <summary>Where replies go; null where the sender waits for none.</summary>
    public string? ReplyTo => replyTo;

    /// <summary>An outcome; null for a call that nothing comes back for.</summary>
    public void Settle(Reply? reply) => intake.Session.Replies.Add(this, reply);

    /// <summary>No outcome here: the message stays unacknowledged and goes to the next owner.</summary>
    public void Leave() => intake.Finished();

    /// <summary>After the outcome was sent; true when it was the last.</summary>
    public bool Close()
    {
        intake.Finished();
        return --_open == 0;
    }

    public ValueTask AcknowledgeAsync() => intake.AcknowledgeAsync(tag);
}
