using Google.Protobuf;
using RiskGrid.Grid;

namespace RiskGrid.Grains.Tests;

/// <summary>The in-process engine, with faults on demand: messages that are lost or refused, and ownership that is lost now.</summary>
internal sealed class ControlledEngine : IGridEngine
{
    private readonly InProcessEngine _inner = new();
    private IEngineHost? _host;

    /// <summary>One-way calls that vanish.</summary>
    public Func<GrainCall, bool> Loses { get; set; } = _ => false;

    /// <summary>Topic messages that vanish.</summary>
    public Func<string, bool> LosesTopic { get; set; } = _ => false;

    /// <summary>Calls that the engine does not take.</summary>
    public Func<GrainCall, GridException?> Refuses { get; set; } = _ => null;

    /// <summary>Hears of every call.</summary>
    public Action<GrainCall> Sees { get; set; } = _ => { };

    public Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        _host = host;
        return _inner.StartAsync(host, cancellationToken);
    }

    public ValueTask CallAsync(GrainCall call)
    {
        Sees(call);
        if (call.Method.IsOneWay && Loses(call))
            return ValueTask.CompletedTask;
        return Refuses(call) is { } refusal ? ValueTask.FromException(refusal) : _inner.CallAsync(call);
    }

    public ValueTask RunAsync(WorkCall work) => _inner.RunAsync(work);

    public ValueTask PublishAsync(string topic, IMessage message) =>
        LosesTopic(topic) ? ValueTask.CompletedTask : _inner.PublishAsync(topic, message);

    public Task StopAsync(CancellationToken cancellationToken) => _inner.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>The partition of this grain goes to another owner: here, to the next activation.</summary>
    public void LoseOwnership(string kind, string key) => _host!.OwnershipLost(kind, Partition.Of(key));
}
