using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>A channel that messages are taken from: they are acknowledged through it, or go back to their queue when it closes.</summary>
internal abstract class Intake(Session session, IChannel channel)
{
    private int _running;

    public Session Session => session;

    /// <summary>Calls or items that the silo has and whose outcome is not sent, or whose message is not acknowledged. At zero the channel may be
    /// closed, and nothing that is done is delivered again.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>What was taken here is somebody else's now.</summary>
    public abstract bool IsLost { get; }

    protected IChannel Channel => channel;

    public void Began(int count) => Interlocked.Add(ref _running, count);

    public void Finished() => Interlocked.Decrement(ref _running);

    public async ValueTask AcknowledgeAsync(ulong tag)
    {
        if (IsLost)
            return;
        try
        {
            await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationInterruptedException or ObjectDisposedException or OperationCanceledException)
        {
            // The channel has closed: the message is on its queue again.
        }
    }
}
