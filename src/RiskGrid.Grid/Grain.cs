namespace RiskGrid.Grid;

/// <summary>Why an activation ends.</summary>
public enum DeactivationReason
{
    /// <summary>Nobody called for a while.</summary>
    Idle,

    /// <summary>The grain asked for it.</summary>
    Requested,

    /// <summary>Another silo owns the grain now: what is in memory is void and nothing may be written.</summary>
    OwnershipLost,

    /// <summary>The silo is shutting down.</summary>
    Draining,
}

/// <summary>Base class of grains. At most one activation per key in the cluster, one turn at a time per activation: the code of a grain
/// never needs a lock. A turn never blocks and never computes for long; long work goes to the compute pool and comes back by
/// <see cref="GrainContext.Post"/>.</summary>
public abstract class Grain
{
    /// <summary>The activation's surroundings; set before <see cref="OnActivateAsync"/>.</summary>
    public GrainContext Context { get; internal set; } = null!;

    /// <summary>Runs as the first turn, before any call. An exception fails the calls that caused the activation, and the next call tries anew.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs as the last turn.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
