using System.Runtime.CompilerServices;
using Google.Protobuf;
using Polly;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>Calls to a gRPC server over clear-text HTTP/2, or to one of several that serve the same: all calls go to one of them until it
/// cannot be reached or does not answer, then to the next. Connections are opened when needed and shared by all calls. Thread-safe.</summary>
public sealed class RpcChannel : IDisposable
{
    private readonly Uri[] _addresses;
    private int _current;

    /// <summary>A channel to one server; no connection is made yet.</summary>
    /// <param name="address">The server's gRPC port: <c>http://127.0.0.1:7001</c>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentException">The address is not absolute http.</exception>
    public RpcChannel(Uri address, RpcChannelOptions? options = null)
        : this([address], options)
    {
    }

    /// <summary>A channel to one of several servers, the first to begin with; no connection is made yet.</summary>
    /// <param name="addresses">At least one gRPC port: <c>http://127.0.0.1:7001</c>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentException">There is no address, or one is not absolute http.</exception>
    public RpcChannel(IReadOnlyList<Uri> addresses, RpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Count == 0)
            throw new ArgumentException("no server is named: give http://HOST:PORT", nameof(addresses));
        foreach (var address in addresses)
        {
            if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttp)
                throw new ArgumentException($"'{address}' is no address of a server: give http://HOST:PORT", nameof(addresses));
        }

        _addresses = [.. addresses];
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

    /// <summary>The server that the next call goes to.</summary>
    public Uri Address => _addresses[Volatile.Read(ref _current)];

    /// <summary>Every server that calls may go to.</summary>
    public IReadOnlyList<Uri> Addresses => _addresses;

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
        var asked = Address;
        try
        {
            var response = await deadline.RunAsync(PipelineOf(options.Retry), async token =>
            {
                using var call = new ClientCall<TRequest, TResponse>(this, options, deadline.Remaining, token);
                asked = call.Address;
                await call.StartAsync(method, Once(request), span.Context).ConfigureAwait(false);
                return await call.ReadSingleAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
            span.Succeeded();
            return response;
        }
        catch (RpcException e)
        {
            span.Failed(e);

            // Who does not answer may be frozen.
            if (e.Status == RpcStatus.DeadlineExceeded)
                MoveOnFrom(asked);
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

    /// <summary>A server failed a call: the next one is tried from now on, unless another call has moved on already.</summary>
    internal void MoveOnFrom(Uri failed)
    {
        var current = Volatile.Read(ref _current);
        if (ReferenceEquals(_addresses[current], failed))
            Interlocked.CompareExchange(ref _current, (current + 1) % _addresses.Length, current);
    }

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
