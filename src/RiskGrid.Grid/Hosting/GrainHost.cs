using System.Collections.Concurrent;

namespace RiskGrid.Grid;

/// <summary>The grains of one kind on one silo: the directory of activations.</summary>
internal sealed class GrainHost(Silo silo, GrainInterface table, Func<Grain> factory)
{
    private readonly ConcurrentDictionary<string, Activation> _activations = new();

    // Guards the two below: nothing is called to life in a partition after its loss.
    private readonly Lock _owning = new();
    private readonly HashSet<int> _owned = [];
    private ILookup<int, string> _alive = Array.Empty<string>().ToLookup(Partition.Of);

    public Silo Silo => silo;

    public GrainInterface Interface => table;

    public int Count => _activations.Count;

    public GridException? Deliver(GrainCall call)
    {
        while (true)
        {
            if (!_activations.TryGetValue(call.Key, out var activation))
            {
                // Grains that call each other to life without waiting, as parents and children do, would otherwise never let a drain end.
                if (!silo.MayActivate || (silo.IsDraining && call.Method.IsOneWay))
                    return Silo.Stopping();
                activation = _activations.GetOrAdd(call.Key, static (key, host) => new Activation(host, key), this);
            }

            switch (activation.TryEnqueue(call))
            {
                case Activation.Enqueued.Taken:
                    return null;
                case Activation.Enqueued.Full:
                    GridTelemetry.Refusals.Add(1, new KeyValuePair<string, object?>("riskgrid.grain.kind", table.Kind));
                    var refusal = new GrainOverloadedException(
                        $"{activation} has {silo.Options.MailboxLimit} calls waiting; {call.Method.Name} was not started: "
                        + "retry later, and slower.");
                    if (call.Method.IsOneWay)
                        activation.Report(GrainErrorSource.OneWayCall, call.Method.Name, refusal);
                    return refusal;
            }
        }
    }

    public Grain CreateGrain()
    {
        var grain = factory() ?? throw new InvalidOperationException($"The factory of {table.Type.Name} returned null.");
        if (!table.Type.IsInstanceOfType(grain))
        {
            throw new InvalidOperationException(
                $"The factory of {table.Type.Name} made a {grain.GetType().Name}, which does not implement it.");
        }

        if (grain.Context is not null)
        {
            throw new InvalidOperationException(
                $"The factory of {table.Type.Name} made the same grain twice: each activation needs a new one.");
        }

        return grain;
    }

    /// <summary>Puts <paramref name="successor"/> in the place of an activation, or nothing; called under the activation's
    /// lock.</summary>
    public void Replace(Activation ended, Activation? successor)
    {
        if (successor is null)
            _activations.TryRemove(KeyValuePair.Create(ended.Key, ended));
        else
            _activations[ended.Key] = successor;
    }

    public void KeepAlive(IEnumerable<string> keys)
    {
        var alive = keys.ToLookup(Partition.Of);
        lock (_owning)
        {
            _alive = alive;
            foreach (var partition in _owned)
                CallToLife(partition);
        }
    }

    public void OwnershipGained(int partition)
    {
        lock (_owning)
        {
            if (_owned.Add(partition))
                CallToLife(partition);
        }
    }

    public void OwnershipLost(int partition)
    {
        lock (_owning)
            _owned.Remove(partition);
        foreach (var (_, activation) in _activations)
        {
            if (activation.PartitionIndex == partition)
                activation.LoseOwnership();
        }
    }

    public void DropAll()
    {
        foreach (var (_, activation) in _activations)
            activation.LoseOwnership();
    }

    public void EndIdle(int now, int sweeps)
    {
        foreach (var (_, activation) in _activations)
            activation.EndIfIdle(now, sweeps);
    }

    // Under _owning.
    private void CallToLife(int partition)
    {
        if (!silo.MayActivate || silo.IsDraining)
            return;
        foreach (var key in _alive[partition])
        {
            if (!_activations.ContainsKey(key))
                _activations.GetOrAdd(key, static (key, host) => new Activation(host, key), this).Begin();
        }
    }

    /// <summary>Lets every activation end, and those that its last turns bring to life; true when there was any.</summary>
    public async Task<bool> EndAllAsync(CancellationToken cancellationToken)
    {
        // Only those asked are awaited: what comes to life meanwhile serves their last turns and is asked the next time.
        var asked = _activations.Values;
        foreach (var activation in asked)
            activation.EndWhenEmpty(DeactivationReason.Draining);
        foreach (var activation in asked)
            await activation.WhenEnded().WaitAsync(cancellationToken).ConfigureAwait(false);
        return asked.Count > 0;
    }
}
