using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>What an activation can ask of its silo.</summary>
public abstract class GrainContext
{
    /// <summary>The grain's key.</summary>
    public abstract string Key { get; }

    /// <summary>References to other grains.</summary>
    public abstract IGrains Grains { get; }

    /// <summary>The silo's clock.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Cancelled when the activation ends.</summary>
    public abstract CancellationToken Deactivated { get; }

    /// <summary>Runs <paramref name="turn"/> as a turn of this activation, after those already queued. From any thread. Dropped, with false,
    /// when the activation has ended.</summary>
    public abstract bool Post(Func<Task> turn);

    /// <summary>Runs <paramref name="turn"/> as a turn after <paramref name="due"/>, then every <paramref name="period"/> (never when it is
    /// <see cref="Timeout.InfiniteTimeSpan"/>); a period that is still queued or running is not queued twice. Ends with the activation or when disposed.</summary>
    public abstract IDisposable RegisterTimer(Func<Task> turn, TimeSpan due, TimeSpan period);

    /// <summary>Sends a message to a topic that all silos see.</summary>
    public abstract ValueTask PublishAsync(string topic, IMessage message);

    /// <summary>Runs a work item on whichever silo is free.</summary>
    /// <exception cref="GridException">The handler failed, or nobody could take the item.</exception>
    public abstract Task<TReply> RunWorkAsync<TReply>(string workKind, IMessage work, CancellationToken cancellationToken)
        where TReply : class, IMessage<TReply>, new();

    /// <summary>Ends the activation once its queue is empty.</summary>
    public abstract void DeactivateOnIdle();
}
