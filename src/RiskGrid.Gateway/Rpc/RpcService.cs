using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RiskGrid.Gateway.Rpc;

/// <summary>A service of a .proto file with a handler for each method, bound by the generated descriptor:
/// <c>new RpcService(TradesReflection.Descriptor.Services[0]).Unary&lt;BookTradesRequest, BookTradesResponse&gt;("BookTrades", handler)</c>.
/// Register everything before the server starts; handlers run concurrently. The token they get is cancelled when the caller gives up, when
/// its deadline passes, and, for streams, when the server drains.</summary>
public sealed class RpcService
{
    private readonly Dictionary<string, RpcMethod> _methods = [];

    /// <summary>A service without handlers yet.</summary>
    /// <param name="descriptor">From the generated <c>XxxReflection.Descriptor.Services</c>.</param>
    public RpcService(ServiceDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The contract.</summary>
    public ServiceDescriptor Descriptor { get; }

    /// <summary>Full name with the package: <c>riskgrid.v1.TradeService</c>.</summary>
    public string FullName => Descriptor.FullName;

    internal IEnumerable<RpcMethod> Methods => _methods.Values;

    /// <summary>One request, one response.</summary>
    /// <exception cref="ArgumentException">The contract has no such method, or with other messages or streams, or it has a handler already.</exception>
    public RpcService Unary<TRequest, TResponse>(string method, Func<TRequest, RpcContext, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        Add(new UnaryMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, false, false), handler));

    /// <summary>One request, a stream of responses. The next response is asked for only when the one before has left for the caller, so a
    /// handler that conflates sends a slow reader fewer and newer messages.</summary>
    /// <exception cref="ArgumentException">The contract has no such method, or with other messages or streams, or it has a handler already.</exception>
    public RpcService ServerStream<TRequest, TResponse>(
        string method, Func<TRequest, RpcContext, CancellationToken, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        Add(new ServerStreamMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, false, true), handler));

    /// <summary>A stream of requests, which can be enumerated once, and one response.</summary>
    /// <exception cref="ArgumentException">The contract has no such method, or with other messages or streams, or it has a handler already.</exception>
    public RpcService ClientStream<TRequest, TResponse>(
        string method, Func<IAsyncEnumerable<TRequest>, RpcContext, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        Add(new ClientStreamMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, true, false), handler));

    /// <summary>A stream of requests, which can be enumerated once, and a stream of responses, independent of each other.</summary>
    /// <exception cref="ArgumentException">The contract has no such method, or with other messages or streams, or it has a handler already.</exception>
    public RpcService Duplex<TRequest, TResponse>(
        string method, Func<IAsyncEnumerable<TRequest>, RpcContext, CancellationToken, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        Add(new DuplexMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, true, true), handler));

    /// <summary>Refuses a service whose contract promises more than it keeps.</summary>
    /// <exception cref="InvalidOperationException">A method has no handler; the message names each.</exception>
    internal void CheckComplete()
    {
        var missing = Descriptor.Methods.Where(method => !_methods.ContainsKey(method.Name)).Select(method => method.Name).ToList();
        if (missing.Count > 0)
            throw new InvalidOperationException($"{FullName} has no handler for {string.Join(", ", missing)}: register each method of the contract");
    }

    /// <summary>Health must be answered in a flood as well.</summary>
    internal void ExemptUnaryFromLimits()
    {
        foreach (var method in _methods.Values)
            method.IsExemptFromLimits = !method.IsStreaming;
    }

    private RpcService Add(RpcMethod method)
    {
        if (!_methods.TryAdd(method.Descriptor.Name, method))
            throw new ArgumentException($"{method.Descriptor.FullName} has a handler already");
        return this;
    }

    private MethodDescriptor Find<TRequest, TResponse>(string name, bool clientStreaming, bool serverStreaming)
    {
        var method = Descriptor.FindMethodByName(name)
            ?? throw new ArgumentException($"{FullName} has no method {name}: it has {string.Join(", ", Descriptor.Methods.Select(each => each.Name))}");
        if (method.InputType.ClrType != typeof(TRequest) || method.OutputType.ClrType != typeof(TResponse))
        {
            throw new ArgumentException($"{method.FullName} takes {method.InputType.FullName} and returns {method.OutputType.FullName}, "
                + $"not {typeof(TRequest).Name} and {typeof(TResponse).Name}");
        }

        if (method.IsClientStreaming != clientStreaming || method.IsServerStreaming != serverStreaming)
            throw new ArgumentException($"{method.FullName} is {KindOf(method)}: register it as such");
        return method;
    }

    private static string KindOf(MethodDescriptor method) => (method.IsClientStreaming, method.IsServerStreaming) switch
    {
        (false, false) => nameof(Unary),
        (false, true) => nameof(ServerStream),
        (true, false) => nameof(ClientStream),
        (true, true) => nameof(Duplex),
    };
}
