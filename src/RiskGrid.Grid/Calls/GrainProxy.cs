using System.Reflection;
using System.Runtime.ExceptionServices;

namespace RiskGrid.Grid;

/// <summary>What a typed reference is made of; the runtime derives the class that implements the interface from it. Not sealed
/// for that reason.</summary>
internal class GrainProxy : DispatchProxy
{
    private GrainInterface _interface = null!;
    private CallOrigin _origin = null!;
    private string _key = null!;

    /// <summary>A reference like this one; cheaper than asking <see cref="DispatchProxy"/> for another.</summary>
    public GrainProxy To(GrainInterface table, CallOrigin origin, string key)
    {
        var copy = (GrainProxy)MemberwiseClone();
        copy._interface = table;
        copy._origin = origin;
        copy._key = key;
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_interface.Kind}/{_key}";

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _interface.Find(targetMethod!).Send(_origin, _key, args ?? []);
}

/// <summary>One prototype per interface, or what is wrong with the interface.</summary>
internal static class GrainProxy<TGrain>
    where TGrain : class, IGrain
{
    private static readonly GrainInterface? Table;
    private static readonly GrainProxy? Prototype;
    private static readonly ExceptionDispatchInfo? Wrong;

#pragma warning disable CA1810 // Three fields from one attempt.
    static GrainProxy()
#pragma warning restore CA1810
    {
        try
        {
            Table = GrainInterface.Of(typeof(TGrain));
            Prototype = (GrainProxy)(object)DispatchProxy.Create<TGrain, GrainProxy>();
        }
        catch (ArgumentException exception)
        {
            // Thrown to each caller as it is, not as the TypeInitializationException that leaving here with it would make.
            Wrong = ExceptionDispatchInfo.Capture(exception);
        }
    }

    public static TGrain Create(CallOrigin origin, string key)
    {
        Wrong?.Throw();
        return (TGrain)(object)Prototype!.To(Table!, origin, key);
    }
}
