using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid;

/// <summary>A call that came as bytes: the receiving side of an engine that crosses a wire.</summary>
/// <remarks>The sender's cancellation does not cross; its deadline does, as a token and by not starting what is late. It crosses as the time
/// that was left, so that silos whose clocks disagree mean the same.</remarks>
public abstract class EnvelopeCall : GrainCall
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource? _expired;

    /// <summary>Reads the envelope.</summary>
    /// <exception cref="GrainNotHostedException">This silo has no such kind or method.</exception>
    /// <exception cref="InvalidProtocolBufferException">The payload is not the method's request.</exception>
    protected EnvelopeCall(IEngineHost host, Envelope envelope)
        : this(host, envelope, host.Catalog.FindMethod(envelope.Kind, envelope.Method))
    {
    }

    private EnvelopeCall(IEngineHost host, Envelope envelope, GrainMethod method)
        : base(method, envelope.Key, method.RequestParser.ParseFrom(envelope.Payload))
    {
        _time = host.Time;
        MessageId = envelope.MessageId;
        Trace = CallTrace.Receive(envelope.TraceParent, _time);
        if (envelope.TimeLeft?.ToTimeSpan() is not { } left)
            return;
        Deadline = _time.GetUtcNow() + left;
        _expired = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
    }

    /// <summary>Unique per call, the same on each retry of it.</summary>
    public string MessageId { get; }

    /// <inheritdoc/>
    public sealed override DateTimeOffset? Deadline { get; }

    /// <inheritdoc/>
    public sealed override CancellationToken CancellationToken => _expired?.Token ?? default;

    /// <inheritdoc/>
    public sealed override bool IsSettled => Deadline <= _time.GetUtcNow();

    /// <inheritdoc/>
    public sealed override void Complete(IMessage reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        _expired?.Dispose();
        Answer(new Reply { MessageId = MessageId, Payload = reply.ToByteString() });
    }

    /// <inheritdoc/>
    public sealed override void Fail(GridException error)
    {
        _expired?.Dispose();
        Answer(new Reply { MessageId = MessageId, Fault = Faults.ToFault(error) });
    }

    /// <summary>Sends the reply and takes the message off its queue; a one-way call's reply goes nowhere.</summary>
    protected abstract void Answer(Reply reply);
}
