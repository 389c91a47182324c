namespace RiskGrid.Grid;

/// <summary>What one silo carries at a moment.</summary>
/// <param name="Name">For people: <see cref="SiloOptions.Name"/>.</param>
/// <param name="Activations">Living activations by kind; kinds that the silo hosts and that have none are there with 0.</param>
/// <param name="WorkRunning">Work items that run or wait here.</param>
/// <param name="WorkConcurrency">Work items that run at the same time; 0 where no work is handled.</param>
public sealed record SiloLoad(string Name, IReadOnlyDictionary<string, int> Activations, int WorkRunning, int WorkConcurrency);

/// <summary>One silo as the cluster knows it.</summary>
/// <param name="Incarnation">Unique per start of a silo's connection.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="ProcessId">Of the silo's process on that machine.</param>
/// <param name="Load">As the silo said last.</param>
/// <param name="Partitions">Partitions that it is known to own, by kind.</param>
/// <param name="SilentFor">Since it was last heard.</param>
public sealed record SiloState(
    string Incarnation, string Machine, int ProcessId, SiloLoad Load, IReadOnlyDictionary<string, int> Partitions, TimeSpan SilentFor);

/// <summary>What waits for one kind of grains, or for work.</summary>
/// <param name="Name">The kind; <c>work</c> for work items, <c>dead letters</c> for what nobody could take.</param>
/// <param name="Messages">Messages that wait to be delivered.</param>
public sealed record QueueState(string Name, long Messages);

/// <summary>The silos of the cluster and what waits for them.</summary>
/// <param name="Engine">What carries the messages: <c>in-process</c>, <c>rabbitmq</c>.</param>
/// <param name="Silos">By name.</param>
/// <param name="Queues">By name; an engine without queues has none.</param>
public sealed record ClusterState(string Engine, IReadOnlyList<SiloState> Silos, IReadOnlyList<QueueState> Queues)
{
    /// <summary>The state of an engine that has one silo, in this process, which owns everything.</summary>
    public static ClusterState Alone(string engine, IEngineHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var load = host.Load;
        var partitions = load.Activations.Keys.ToDictionary(k => k, _ => Partition.Count, StringComparer.Ordinal);
        return new ClusterState(engine, [new SiloState("1", Environment.MachineName, Environment.ProcessId, load, partitions, TimeSpan.Zero)], []);
    }
}
