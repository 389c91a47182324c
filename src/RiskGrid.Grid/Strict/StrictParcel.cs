using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid;

/// <summary>A message on its way, as bytes. May be delivered any number of times.</summary>
internal abstract class StrictParcel
{
    /// <summary>Whose ownership may be lost with this delivery, if anybody's.</summary>
    public virtual (string Kind, string Key)? Receiver => null;

    /// <summary>May be lost on the way.</summary>
    public virtual bool MayBeLost => false;

    /// <summary>What it is, for error reports.</summary>
    public abstract string Name { get; }

    /// <summary>Delivers. A refused repetition is dropped: the first delivery answers.</summary>
    public abstract void Deliver(IEngineHost host, bool repeated);

    /// <summary>Nobody is there to take it.</summary>
    public virtual void Refuse(GridException refusal)
    {
    }
}

/// <summary>A call of a grain.</summary>
internal sealed class StrictCallParcel(StrictEngine engine, GrainCall sent, string messageId) : StrictParcel
{
    private readonly byte[] _bytes = Envelopes.Write(sent, messageId, engine.Now).ToByteArray();

    public override (string Kind, string Key)? Receiver => (sent.Method.Kind, sent.Key);

    public override bool MayBeLost => sent.Method.IsOneWay;

    public override string Name => sent.Method.ToString();

    public override void Deliver(IEngineHost host, bool repeated)
    {
        GridException? refusal;
        try
        {
            refusal = host.Deliver(new Received(this, host, Envelope.Parser.ParseFrom(_bytes)));
        }
        catch (GrainNotHostedException exception)
        {
            refusal = exception;
        }

        if (refusal is not null && !repeated)
            Refuse(refusal);
    }

    public override void Refuse(GridException refusal) =>
        Answer(new Reply { MessageId = messageId, Fault = Faults.ToFault(refusal) });

    private void Answer(Reply reply)
    {
        if (sent.Method.IsOneWay)
            return;
        var bytes = reply.ToByteArray();
        engine.Return(() => Envelopes.Settle(sent, Reply.Parser.ParseFrom(bytes)));
    }

    private sealed class Received(StrictCallParcel parcel, IEngineHost host, Envelope envelope) : EnvelopeCall(host, envelope)
    {
        public override void Abandon() => parcel.Redeliver();

        protected override void Answer(Reply reply) => parcel.Answer(reply);
    }

    private void Redeliver() => engine.Redeliver(this);
}

/// <summary>A work item.</summary>
internal sealed class StrictWorkParcel(StrictEngine engine, WorkCall sent, string messageId) : StrictParcel
{
    private readonly byte[] _bytes = Envelopes.Write(sent, messageId).ToByteArray();

    public override string Name => $"work {sent.Kind}";

    public override void Deliver(IEngineHost host, bool repeated)
    {
        GridException? refusal;
        try
        {
            refusal = host.Deliver(new Received(this, host, Work.Parser.ParseFrom(_bytes)));
        }
        catch (GrainNotHostedException exception)
        {
            refusal = exception;
        }

        if (refusal is not null && !repeated)
            Refuse(refusal);
    }

    public override void Refuse(GridException refusal) =>
        Answer(new Reply { MessageId = messageId, Fault = Faults.ToFault(refusal) });

    private void Answer(Reply reply)
    {
        var bytes = reply.ToByteArray();
        engine.Return(() => Envelopes.Settle(sent, Reply.Parser.ParseFrom(bytes)));
    }

    private sealed class Received(StrictWorkParcel parcel, IEngineHost host, Work work) : EnvelopeWork(host, work)
    {
        protected override void Answer(Reply reply) => parcel.Answer(reply);
    }
}

/// <summary>A topic's message.</summary>
internal sealed class StrictTopicParcel(string topic, IMessage message) : StrictParcel
{
    private readonly byte[] _bytes = message.ToByteArray();

    public override bool MayBeLost => true;

    public override string Name => $"topic {topic}";

    public override void Deliver(IEngineHost host, bool repeated)
    {
        if (host.Catalog.FindTopic(topic) is { } parser)
            host.Deliver(topic, parser.ParseFrom(_bytes));
    }
}
