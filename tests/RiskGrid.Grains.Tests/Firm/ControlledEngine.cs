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

    /// <summary>Hears every topic message, lost or not.</summary>
    public Action<IMessage> Hears { get; set; } = _ => { };

    /// <summary>Calls that the engine does not take.</summary>
    public Func<GrainCall, GridException?> Refuses { get; set; } = _ => null;

    /// <summary>Calls that are handed over only when this task is done.</summary>
    public Func<GrainCall, Task> Holds { get; set; } = _ => Task.CompletedTask;

    /// <summary>Work that is handed over only when this task is done.</summary>
    public Func<WorkCall, Task> HoldsWork { get; set; } = _ => Task.CompletedTask;

    public Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        _host = host;
        return _inner.StartAsync(host, cancellationToken);
    }

    public ValueTask CallAsync(GrainCall call)
    {
        if (call.Method.IsOneWay && Loses(call))
            return ValueTask.CompletedTask;
        if (Refuses(call) is { } refusal)
            return ValueTask.FromException(refusal);
        return Holds(call) is { IsCompleted: false } held ? new ValueTask(HoldAsync(held, call)) : _inner.CallAsync(call);
    }

    public ValueTask RunAsync(WorkCall work) => HoldsWork(work) is { IsCompleted: false } held ? new ValueTask(HoldAsync(held, work)) : _inner.RunAsync(work);

    public ValueTask PublishAsync(string topic, IMessage message)
    {
        Hears(message);
        return LosesTopic(topic) ? ValueTask.CompletedTask : _inner.PublishAsync(topic, message);
    }

    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _inner.ReadClusterAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _inner.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>The partition of this grain goes to another owner: here, to the next activation.</summary>
    public void LoseOwnership(string kind, string key) => _host!.OwnershipLost(kind, Partition.Of(key));

    private async Task HoldAsync(Task held, GrainCall call)
    {
        await held.ConfigureAwait(false);
        await _inner.CallAsync(call).ConfigureAwait(false);
    }

    // What nobody waits for any more is not handed over.
    private async Task HoldAsync(Task held, WorkCall work)
    {
        await held.WaitAsync(work.CancellationToken).ConfigureAwait(false);
        await _inner.RunAsync(work).ConfigureAwait(false);
    }
}
