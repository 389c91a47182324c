using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>A method with its handler, independent of the protocol that a call speaks.</summary>
internal abstract class RpcMethod(MethodDescriptor descriptor)
{
    public MethodDescriptor Descriptor { get; } = descriptor;

    public string Path { get; } = $"/{descriptor.Service.FullName}/{descriptor.Name}";

    public bool IsStreaming => Descriptor.IsClientStreaming || Descriptor.IsServerStreaming;

    /// <summary>Whether the contract says that the method changes nothing, so that it may be called by GET.</summary>
    public bool HasNoSideEffects { get; } =
        descriptor.GetOptions() is { IdempotencyLevel: MethodOptions.Types.IdempotencyLevel.NoSideEffects };

    /// <summary>Not counted against the limits on calls.</summary>
    public bool IsExemptFromLimits { get; set; }

    /// <summary>Reads the request, runs the handler, writes the response. Failures are thrown.</summary>
    public abstract Task InvokeAsync(RpcCall call);

    protected static async Task<T> ReadSingleAsync<T>(RpcCall call)
        where T : class, IMessage<T>, new()
    {
        var request = await call.ReadAsync<T>().ConfigureAwait(false)
            ?? throw new RpcException(RpcStatus.InvalidArgument, "the call has no request message");
        if (await call.ReadAsync<T>().ConfigureAwait(false) is not null)
            throw new RpcException(RpcStatus.InvalidArgument, "the call has more than one request message");
        return request;
    }

    protected static async IAsyncEnumerable<T> ReadAll<T>(RpcCall call, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class, IMessage<T>, new()
    {
        while (await call.ReadAsync<T>().ConfigureAwait(false) is { } request)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return request;
        }
    }

    protected static async Task WriteAllAsync<T>(RpcCall call, IAsyncEnumerable<T> responses)
        where T : class, IMessage<T>
    {
        await call.StartAsync().ConfigureAwait(false);
        await foreach (var response in responses.WithCancellation(call.Cancellation).ConfigureAwait(false))
            await call.WriteAsync(response).ConfigureAwait(false);
    }
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Func<TRequest, RpcContext, CancellationToken, Task<TResponse>> handler) : RpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcCall call)
    {
        var request = await ReadSingleAsync<TRequest>(call).ConfigureAwait(false);
        await call.WriteAsync(await handler(request, call.Context, call.Cancellation).ConfigureAwait(false)).ConfigureAwait(false);
    }
}

internal sealed class ServerStreamMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Func<TRequest, RpcContext, CancellationToken, IAsyncEnumerable<TResponse>> handler) : RpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcCall call)
    {
        var request = await ReadSingleAsync<TRequest>(call).ConfigureAwait(false);
        await WriteAllAsync(call, handler(request, call.Context, call.Cancellation)).ConfigureAwait(false);
    }
}

internal sealed class ClientStreamMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Func<IAsyncEnumerable<TRequest>, RpcContext, CancellationToken, Task<TResponse>> handler) : RpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcCall call) =>
        await call.WriteAsync(
            await handler(ReadAll<TRequest>(call), call.Context, call.Cancellation).ConfigureAwait(false)).ConfigureAwait(false);
}

internal sealed class DuplexMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Func<IAsyncEnumerable<TRequest>, RpcContext, CancellationToken, IAsyncEnumerable<TResponse>> handler)
    : RpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>
{
    public override Task InvokeAsync(RpcCall call) =>
        WriteAllAsync(call, handler(ReadAll<TRequest>(call), call.Context, call.Cancellation));
}
