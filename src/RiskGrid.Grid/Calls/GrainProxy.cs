using System.Reflection;

namespace RiskGrid.Grid;

/// <summary>What a typed reference is made of; the runtime derives the class that implements the interface from it. Not sealed for that reason.</summary>
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

/// <summary>One prototype per interface.</summary>
internal static class GrainProxy<TGrain>
    where TGrain : class, IGrain
{
    private static readonly GrainInterface Table = GrainInterface.Of(typeof(TGrain));
    private static readonly GrainProxy Prototype = (GrainProxy)(object)DispatchProxy.Create<TGrain, GrainProxy>();

    public static TGrain Create(CallOrigin origin, string key) => (TGrain)(object)Prototype.To(Table, origin, key);
}
