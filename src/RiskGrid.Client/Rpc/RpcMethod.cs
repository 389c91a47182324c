using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RiskGrid.Client.Rpc;

/// <summary>A method to call, bound by the generated descriptor. Immutable.</summary>
public sealed class RpcMethod<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    /// <summary>Finds a method of a contract.</summary>
    /// <param name="service">From the generated <c>XxxReflection.Descriptor.Services</c>.</param>
    /// <param name="name">Name in the contract: <c>BookTrades</c>.</param>
    /// <exception cref="ArgumentException">The contract has no such method, or with other messages.</exception>
    public RpcMethod(ServiceDescriptor service, string name)
    {
        var method = service.FindMethodByName(name) ?? throw new ArgumentException($"{service.FullName} has no method {name}");
        if (method.InputType.ClrType != typeof(TRequest) || method.OutputType.ClrType != typeof(TResponse))
            throw new ArgumentException($"{method.FullName} takes {method.InputType.FullName} and returns {method.OutputType.FullName}");
        Descriptor = method;
        Path = $"/{service.FullName}/{method.Name}";
    }

    /// <summary>The contract.</summary>
    public MethodDescriptor Descriptor { get; }

    /// <summary>Path of the request: <c>/riskgrid.v1.TradeService/BookTrades</c>.</summary>
    public string Path { get; }
}
