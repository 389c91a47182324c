using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>What carries messages between silos: three verbs down. This project's README says what an engine must
/// guarantee.</summary>
/// <remarks>Thread-safe. All verbs may be used from <see cref="StartAsync"/>'s completion until <see cref="StopAsync"/>'s;
/// outside of that they fail with <see cref="GrainUnavailableException"/>.</remarks>
public interface IGridEngine : IAsyncDisposable
{
    /// <summary>Connects the silo; from now on the engine calls <paramref name="host"/>.</summary>
    Task StartAsync(IEngineHost host, CancellationToken cancellationToken);

    /// <summary>Calls a grain. Completes when the call is handed over: durably where the engine is durable. The outcome of a
    /// request comes later, by <see cref="GrainCall.Complete"/> or <see cref="GrainCall.Fail"/>, at least once; nothing comes
    /// back for a one-way call.</summary>
    /// <exception cref="GridException">The call was not handed over and will not be started.</exception>
    ValueTask CallAsync(GrainCall call);

    /// <summary>Runs a work item on whichever silo is free. Completes when it is handed over; the outcome comes by
    /// <see cref="WorkCall.Complete"/> or <see cref="WorkCall.Fail"/>.</summary>
    /// <exception cref="GridException">The item was not handed over and will not be run.</exception>
    ValueTask RunAsync(WorkCall work);

    /// <summary>Sends a message to every silo's subscribers of the topic. It may be lost or repeated; what one publisher sends
    /// arrives in order, apart from repetitions.</summary>
    /// <exception cref="GridException">The message was not handed over.</exception>
    ValueTask PublishAsync(string topic, IMessage message);

    /// <summary>The silos of the cluster as this one knows them, and what waits for them.</summary>
    /// <exception cref="GridException">The cluster cannot be asked now.</exception>
    ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken);

    /// <summary>The silos alone, without what waits for them: cheap enough to ask often.</summary>
    /// <exception cref="GridException">The silo has no connection.</exception>
    ValueTask<ClusterState> ReadSilosAsync(CancellationToken cancellationToken) => ReadClusterAsync(cancellationToken);

    /// <summary>Leaves: asks the host to drain (<see cref="IEngineHost.DrainAsync"/>), while calls between its grains still pass,
    /// then disconnects. When cancelled it disconnects at once, and what is queued is left to other silos or lost with the
    /// process.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>A silo as its engine sees it: four notices up, and the catalog by which bytes become messages.</summary>
/// <remarks>Thread-safe, and nothing here blocks or runs a grain's code on the engine's thread.</remarks>
public interface IEngineHost
{
    /// <summary>What this silo hosts.</summary>
    SiloCatalog Catalog { get; }

    /// <summary>The silo's clock.</summary>
    TimeProvider Time { get; }

    /// <summary>What this silo carries now. An engine that leaves work on a queue of its own takes no more items at a time than
    /// <see cref="SiloLoad.WorkConcurrency"/>.</summary>
    SiloLoad Load { get; }

    /// <summary>Delivers a call. Null when it was taken: its outcome comes by <see cref="GrainCall.Complete"/>,
    /// <see cref="GrainCall.Fail"/> or <see cref="GrainCall.Abandon"/>, exactly one of them, once. Otherwise why it was refused,
    /// and the call is the engine's again.</summary>
    GridException? Deliver(GrainCall call);

    /// <summary>Delivers a work item, in the same way.</summary>
    GridException? Deliver(WorkCall work);

    /// <summary>Delivers a topic's message to this silo's subscribers; without any it is dropped.</summary>
    void Deliver(string topic, IMessage message);

    /// <summary>This silo owns a partition of a kind from now on: the grains there that are to be alive (<see cref="Silo.KeepAlive{TGrain}"/>) are
    /// called to life. An engine whose partitions come from nobody need not say it.</summary>
    void OwnershipGained(string kind, int partition);

    /// <summary>This silo no longer owns a partition of a kind: its activations there are dropped at once and their calls
    /// abandoned.</summary>
    void OwnershipLost(string kind, int partition);

    /// <summary>Tells of an error that no caller is there to see.</summary>
    void Report(GrainError error);

    /// <summary>The engine is leaving. Completes when all that was delivered is done and every activation has ended.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
