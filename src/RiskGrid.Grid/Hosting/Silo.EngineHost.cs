using Google.Protobuf;

namespace RiskGrid.Grid;

/// <content>The silo as its engine sees it.</content>
public sealed partial class Silo : IEngineHost
{
    SiloLoad IEngineHost.Load => new(
        Options.Name,
        _grains.ToDictionary(g => g.Key, g => g.Value.Count, StringComparer.Ordinal),
        _work.Count,
        _work.Kinds.Count == 0 ? 0 : Options.WorkConcurrency);

    GridException? IEngineHost.Deliver(GrainCall call) =>
        _grains.TryGetValue(call.Method.Kind, out var host)
            ? host.Deliver(call)
            : new GrainNotHostedException($"No grain of kind '{call.Method.Kind}' is hosted: add it with SiloBuilder.AddGrain.");

    GridException? IEngineHost.Deliver(WorkCall work) => _work.Deliver(work);

    void IEngineHost.Deliver(string topic, IMessage message) => _topics.Deliver(topic, message);

    void IEngineHost.OwnershipGained(string kind, int partition)
    {
        if (_grains.TryGetValue(kind, out var host))
            host.OwnershipGained(partition);
    }

    void IEngineHost.OwnershipLost(string kind, int partition)
    {
        if (_grains.TryGetValue(kind, out var host))
            host.OwnershipLost(partition);
    }

    void IEngineHost.Report(GrainError error) => Report(error);

    async Task IEngineHost.DrainAsync(CancellationToken cancellationToken)
    {
        _phase = Phase.Draining;
        await using var registration = cancellationToken.UnsafeRegister(
            static silo => ((Silo)silo!)._drainCancelled.Cancel(), this).ConfigureAwait(false);
        bool any;
        int births;
        do
        {
            any = false;
            births = Volatile.Read(ref _births);
            foreach (var host in _grains.Values)
                any |= await host.EndAllAsync(cancellationToken).ConfigureAwait(false);
            any |= await _work.EndAllAsync(cancellationToken).ConfigureAwait(false);
        }
        while (any || births != Volatile.Read(ref _births));
    }
}
