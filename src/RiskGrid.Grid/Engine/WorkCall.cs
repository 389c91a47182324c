using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>One work item: what the engine carries down, and what it delivers up.</summary>
public abstract class WorkCall
{
    /// <summary>Of a kind that some silo has a handler for.</summary>
    protected WorkCall(string kind, IMessage request)
    {
        Kind = kind;
        Request = request;
    }

    /// <summary>Names the handler.</summary>
    public string Kind { get; }

    /// <summary>What to do; never mutated.</summary>
    public IMessage Request { get; }

    /// <summary>How the sender reads the result; null on the receiving side.</summary>
    public virtual MessageParser? ReplyParser => null;

    /// <summary>Cancelled when nobody waits for the result any longer, as far as the receiving side can know.</summary>
    public virtual CancellationToken CancellationToken => default;

    /// <summary>The trace that the item belongs to, as a W3C traceparent; null: none, or nobody listens.</summary>
    public string? TraceParent => Trace?.Parent;

    internal CallTrace? Trace { get; set; }

    /// <summary>The result; never mutated.</summary>
    public abstract void Complete(IMessage reply);

    /// <summary>The handler failed, or could not run.</summary>
    public abstract void Fail(GridException error);
}
