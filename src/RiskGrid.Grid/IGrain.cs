namespace RiskGrid.Grid;

/// <summary>Marks the interface of a kind of grain. Its methods take and return one protobuf message or nothing, so that any of them can
/// cross the wire: <c>Task&lt;TReply&gt; M(TRequest)</c>, <c>Task&lt;TReply&gt; M()</c>, <c>Task M(TRequest)</c> or <c>Task M()</c>;
/// a last parameter of type <see cref="CancellationToken"/> is allowed.</summary>
public interface IGrain;

/// <summary>Names a kind of grain: the prefix of its queues and the first part of its address. Required on every grain interface.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class GrainKindAttribute(string kind) : Attribute
{
    /// <summary>Lower-case letters: <c>book</c>.</summary>
    public string Kind { get; } = kind;
}

/// <summary>The call completes when the message is handed to the engine; nothing comes back, and it may be lost or repeated.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>The turn ends when the method returns its task, and later turns run while the caller still waits: for answers that depend on what
/// has yet to happen. What completes the task is a later turn. A grain that ends fails the tasks it still owes with
/// <see cref="ActivationFencedException"/>; those calls go to the next activation.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeferredAttribute : Attribute;

/// <summary>Hands out typed references to grains; a grain exists as soon as somebody calls it.</summary>
public interface IGrains
{
    /// <summary>A reference to the grain of this kind and key. Cheap; may be kept.</summary>
    /// <exception cref="ArgumentException">The interface cannot cross a wire, or the key is empty.</exception>
    TGrain Get<TGrain>(string key)
        where TGrain : class, IGrain;

    /// <summary>The same grains, but a call through them fails with <see cref="GrainDeadlineException"/> when its reply has not come within
    /// <paramref name="timeout"/>; it may or may not have been applied. Costs a timer a call. Without it a call waits until it is answered.</summary>
    IGrains WithTimeout(TimeSpan timeout) => throw new NotSupportedException($"{GetType().Name} keeps no time.");
}
