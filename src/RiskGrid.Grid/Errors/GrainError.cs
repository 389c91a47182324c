namespace RiskGrid.Grid;

/// <summary>Which kind of code failed with nobody waiting for its result.</summary>
public enum GrainErrorSource
{
    /// <summary>A call without a reply.</summary>
    OneWayCall,

    /// <summary>A turn that the grain posted.</summary>
    PostedTurn,

    /// <summary>A timer's turn.</summary>
    Timer,

    /// <summary><see cref="Grain.OnActivateAsync"/>, where no call waited for it.</summary>
    Activation,

    /// <summary><see cref="Grain.OnDeactivateAsync"/>.</summary>
    Deactivation,

    /// <summary>Code that a turn started and did not await.</summary>
    DetachedCode,

    /// <summary>A subscriber of a topic.</summary>
    Topic,

    /// <summary>The engine, about a message that nobody waits for.</summary>
    Engine,
}

/// <summary>An exception that no caller is there to see.</summary>
/// <param name="Source">What failed.</param>
/// <param name="Kind">The grain's kind, the topic or the work kind.</param>
/// <param name="Key">The grain's key; empty for topics and work.</param>
/// <param name="Operation">The method or turn.</param>
/// <param name="Exception">What was thrown.</param>
public sealed record GrainError(GrainErrorSource Source, string Kind, string Key, string Operation, Exception Exception)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source} {Operation} of {Kind}{(Key.Length == 0 ? "" : "/")}{Key} failed: {Exception}";
}
