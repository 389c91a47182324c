using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid;

namespace RiskGrid.Cluster.Bench;

/// <summary>Sends back what it gets.</summary>
[GrainKind("echo")]
internal interface IEchoGrain : IGrain
{
    Task<BytesValue> Echo(BytesValue value);
}

/// <inheritdoc cref="IEchoGrain"/>
internal sealed class EchoGrain : Grain, IEchoGrain
{
    /// <inheritdoc/>
    public Task<BytesValue> Echo(BytesValue value) => Task.FromResult(new BytesValue { Value = value.Value });
}
