using System.Runtime.CompilerServices;
using Google.Protobuf;
using Polly;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>Calls to one gRPC server over clear-text HTTP/2. Connections are opened when needed and shared by all calls. Thread-safe.</summary>
public sealed class RpcChannel : IDisposable
{
    /// <summary>A channel; no connection is made yet.</summary>
    /// <param name="address">The server's gRPC port: <c>http://127.0.0.1:7001</c>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentException">The address is not absolute http.</exception>
    public RpcChannel(Uri address, RpcChannelOptions? options = null)
    {
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttp)
            throw new ArgumentException($"'{address}' is no address of a server: give http://HOST:PORT", nameof(address));
        Address = address;
        Options = options ?? new RpcChannelOptions();
        Backoff = new Backoff(Options);
        Http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // Each call says itself which trace it belongs to.
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = Options.ConnectTimeout,
            KeepAlivePingDelay = Options.KeepAlivePingDelay,
            KeepAlivePingTimeout = Options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        });
    }

    /// <summary>The server.</summary>
    public Uri Address { get; }

    /// <summary>How the channel connects and tries again.</summary>
    public RpcChannelOptions Options { get; }

    internal HttpMessageInvoker Http { get; }

    internal Backoff Backoff { get; }

    /// <summary>One request, one response.</summary>
    /// <exception cref="RpcException">The call ended with another status than OK; UNAVAILABLE when the server cannot be reached.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, RpcCallOptions? options = null, CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        options ??= RpcCallOptions.Default;
        using var span = ClientTelemetry.Begin(method.Path, Address, Options.Time);
        using var deadline = new Deadline(options.Timeout ?? Options.DefaultTimeout, Options.Time, cancellationToken);
        try
        {
            var response = await deadline.RunAsync(PipelineOf(options.Retry), async token =>
            {
                using var call = new ClientCall<TRequest, TResponse>(this, options, deadline.Remaining, token);
                await call.StartAsync(method, Once(request), span.Context).ConfigureAwait(false);
                return await call.ReadSingleAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
            span.Succeeded();
            return response;
        }
        catch (RpcException e)
        {
            span.Failed(e);
            throw;
        }
    }

    /// <summary>One request, a stream of responses. Leaving the enumeration ends the call.</summary>
    /// <inheritdoc cref="UnaryAsync" path="/exception"/>
    public IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, RpcCallOptions? options = null, CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        DuplexAsync(method, Once(request), options, cancellationToken);

    /// <summary>A stream of requests, one response. An exception of <paramref name="requests"/> ends the call and is thrown.</summary>
    /// <inheritdoc cref="UnaryAsync" path="/exception"/>
    public async Task<TResponse> ClientStreamAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, RpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        using var span = ClientTelemetry.Begin(method.Path, Address, Options.Time);
        using var call = new ClientCall<TRequest, TResponse>(this, options ?? RpcCallOptions.Default, StreamTimeout(options), cancellationToken);
        try
        {
            await call.StartAsync(method, requests, span.Context).ConfigureAwait(false);
            var response = await call.ReadSingleAsync().ConfigureAwait(false);
            span.Succeeded();
            return response;
        }
        catch (RpcException e)
        {
            span.Failed(e);
            throw;
        }
    }

    /// <summary>A stream of requests and a stream of responses, independent of each other. Leaving the enumeration ends the call; an
    /// exception of <paramref name="requests"/> ends it and is thrown.</summary>
    /// <inheritdoc cref="UnaryAsync" path="/exception"/>
    public async IAsyncEnumerable<TResponse> DuplexAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        using var span = ClientTelemetry.Begin(method.Path, Address, Options.Time);
        using var call = new ClientCall<TRequest, TResponse>(this, options ?? RpcCallOptions.Default, StreamTimeout(options), cancellationToken);
        await RecordedAsync(span, call.StartAsync(method, requests, span.Context)).ConfigureAwait(false);
        while (await RecordedAsync(span, call.ReadAsync()).ConfigureAwait(false) is { } response)
            yield return response;
        span.Succeeded();
    }

    /// <summary>Closes the connections; calls in flight fail.</summary>
    public void Dispose() => Http.Dispose();

    private static async Task RecordedAsync(ClientTelemetry.Span span, Task start)
    {
        try
        {
            await start.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            span.Failed(e);
            throw;
        }
    }

    private static async ValueTask<T> RecordedAsync<T>(ClientTelemetry.Span span, ValueTask<T> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            span.Failed(e);
            throw;
        }
    }

#pragma warning disable CS1998 // A sequence of one needs nothing to wait for.
    private static async IAsyncEnumerable<T> Once<T>(T item)
#pragma warning restore CS1998
    {
        yield return item;
    }

    private static TimeSpan? StreamTimeout(RpcCallOptions? options) => options?.Timeout is { } timeout && timeout != Timeout.InfiniteTimeSpan ? timeout : null;

    private ResiliencePipeline PipelineOf(RpcRetry retry) => retry switch
    {
        RpcRetry.Idempotent => Backoff.Bounded,
        RpcRetry.UntilDeadline => Backoff.Persistent,
        _ => ResiliencePipeline.Empty,
    };
}
