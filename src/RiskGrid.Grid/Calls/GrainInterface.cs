using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid;

/// <summary>The table of a grain interface: validated once, then looked up by reflection method (proxies) and by name
/// (receivers).</summary>
internal sealed class GrainInterface
{
    private static readonly ConcurrentDictionary<System.Type, GrainInterface> Tables = new();
    private readonly FrozenDictionary<MethodInfo, GrainMethod> _byMethod;
    private readonly FrozenDictionary<string, GrainMethod> _byName;

    private GrainInterface(System.Type type)
    {
        Type = type;
        if (!type.IsInterface)
            throw Wrong("is a class: grains are called through their interface");
        Kind = type.GetCustomAttribute<GrainKindAttribute>()?.Kind
            ?? throw Wrong("has no [GrainKind]: give it one, such as [GrainKind(\"book\")]");
        if (Kind.Length == 0 || !Kind.All(char.IsAsciiLetterLower))
            throw Wrong($"has the kind '{Kind}': a kind is lower-case letters only, because it names queues");
        var byMethod = new Dictionary<MethodInfo, GrainMethod>();
        var byName = new Dictionary<string, GrainMethod>();
        foreach (var method in type.GetInterfaces().Prepend(type).SelectMany(i => i.GetMethods(BindingFlags.Instance | BindingFlags.Public)))
        {
            var built = Build(method);
            if (!byName.TryAdd(method.Name, built))
                throw Wrong($"has two methods '{method.Name}': the name is the address, so overloads are not possible");
            byMethod.Add(method, built);
        }

        _byMethod = byMethod.ToFrozenDictionary();
        _byName = byName.ToFrozenDictionary();
    }

    public System.Type Type { get; }

    public string Kind { get; }

    /// <exception cref="ArgumentException">The interface cannot cross a wire; the message says why and how to mend
    /// it.</exception>
    public static GrainInterface Of(System.Type type) => Tables.GetOrAdd(type, static t => new GrainInterface(t));

    public GrainMethod Find(MethodInfo method) => _byMethod[method];

    public GrainMethod? Find(string name) => _byName.GetValueOrDefault(name);

    private GrainMethod Build(MethodInfo method)
    {
        var parameters = method.GetParameters();
        if (method.IsGenericMethodDefinition || method.IsSpecialName)
            throw Wrong($"has '{method.Name}': only plain methods, no properties, events or generic methods");
        var tokenAt = parameters.Length > 0 && parameters[^1].ParameterType == typeof(CancellationToken) ? parameters.Length - 1 : -1;
        var messages = tokenAt < 0 ? parameters.Length : parameters.Length - 1;
        if (messages > 1 || (messages == 1 && !IsMessage(parameters[0].ParameterType)))
            throw Wrong($"has '{method.Name}': it takes one protobuf message or nothing, then perhaps a CancellationToken");
        var hasReply = method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>);
        if (!hasReply && method.ReturnType != typeof(Task))
            throw Wrong($"has '{method.Name}': it returns Task or Task<protobuf message>");
        var reply = hasReply ? method.ReturnType.GetGenericArguments()[0] : typeof(Empty);
        if (!IsMessage(reply))
            throw Wrong($"has '{method.Name}': its reply {reply.Name} is no protobuf message, so it cannot cross a wire");
        var isOneWay = method.IsDefined(typeof(OneWayAttribute));
        if (isOneWay && (hasReply || tokenAt >= 0))
            throw Wrong($"has '{method.Name}': a [OneWay] method returns Task and takes no CancellationToken, for nothing comes back");

        var isDeferred = method.IsDefined(typeof(DeferredAttribute));
        if (isDeferred && isOneWay)
            throw Wrong($"has '{method.Name}': a [OneWay] method has no reply to defer");

        var target = method.DeclaringType!;
        var request = messages == 1 ? parameters[0].ParameterType : typeof(Empty);
        System.Type[] signature = [target, .. parameters.Select(p => p.ParameterType), method.ReturnType];
        var open = method.CreateDelegate(System.Linq.Expressions.Expression.GetFuncType(signature));
        var built = (GrainMethod)Activator.CreateInstance(
            typeof(GrainMethod<,,>).MakeGenericType(target, request, reply),
            Kind, method.Name, isOneWay, messages == 1 ? 0 : -1, tokenAt, hasReply, open)!;
        built.IsDeferred = isDeferred;
        return built;
    }

    private static bool IsMessage(System.Type type) =>
        type.IsClass && typeof(IMessage).IsAssignableFrom(type) && type.GetConstructor([]) is not null
        && typeof(IMessage<>).MakeGenericType(type).IsAssignableFrom(type);

    private ArgumentException Wrong(string what) => new($"Grain interface {Type.FullName} {what}.");
}
