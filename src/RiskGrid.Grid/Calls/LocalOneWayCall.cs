using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>A call whose sender is gone once it is handed over.</summary>
internal sealed class LocalOneWayCall(GrainMethod method, string key, IMessage request, CallOrigin origin)
    : GrainCall(method, key, request)
{
    public override string Sender => origin.Sender;

    public override void Complete(IMessage reply)
    {
    }

    public override void Fail(GridException error)
    {
    }

    public override void Abandon() => origin.HandOver(this);
}
