using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid;

/// <summary>A work item that came as bytes: the receiving side of an engine that crosses a wire.</summary>
public abstract class EnvelopeWork : WorkCall
{
    /// <summary>Reads the item.</summary>
    /// <exception cref="GrainNotHostedException">This silo has no handler for it.</exception>
    /// <exception cref="InvalidProtocolBufferException">The payload is not what the handler takes.</exception>
    protected EnvelopeWork(IEngineHost host, Work work)
        : base(work.Kind, Read(host, work))
    {
        MessageId = work.MessageId;
        Trace = CallTrace.Receive(work.TraceParent, host.Time);
    }

    /// <summary>Unique per item, the same on each retry of it.</summary>
    public string MessageId { get; }

    /// <inheritdoc/>
    public sealed override void Complete(IMessage reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        Answer(new Reply { MessageId = MessageId, Payload = reply.ToByteString() });
    }

    /// <inheritdoc/>
    public sealed override void Fail(GridException error) => Answer(new Reply { MessageId = MessageId, Fault = Faults.ToFault(error) });

    /// <summary>Sends the reply and takes the item off its queue.</summary>
    protected abstract void Answer(Reply reply);

    private static IMessage Read(IEngineHost host, Work work)
    {
        var parser = host.Catalog.FindWork(work.Kind)
            ?? throw new GrainNotHostedException($"No handler for work of kind '{work.Kind}' is here: add it with SiloBuilder.AddWork.");
        return parser.ParseFrom(work.Payload);
    }
}
