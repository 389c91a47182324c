using Grpc.Health.V1;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client;

/// <summary>The typed client of a RiskGrid server. Reads are tried again when the server cannot be reached; see each method for writes.
/// Failures are <see cref="RpcException"/>, cancellation is <see cref="OperationCanceledException"/>. Thread-safe.</summary>
public sealed partial class RiskGridClient : IDisposable
{
    private static readonly RpcMethod<BookTradesRequest, BookTradesResponse> BookTrades = new(TradesReflection.Descriptor.Services[0], "BookTrades");
    private static readonly RpcMethod<PriceTradeRequest, PriceTradeResponse> PriceTrade = new(TradesReflection.Descriptor.Services[0], "PriceTrade");
    private static readonly RpcMethod<GetRollupRequest, GetRollupResponse> GetRollup = new(RollupsReflection.Descriptor.Services[0], "GetRollup");
    private static readonly RpcMethod<SubscribeRollupsRequest, Rollup> SubscribeRollups = new(RollupsReflection.Descriptor.Services[0], "SubscribeRollups");
    private static readonly RpcMethod<GetHierarchyRequest, GetHierarchyResponse> GetHierarchy = new(RollupsReflection.Descriptor.Services[0], "GetHierarchy");
    private static readonly RpcMethod<PutHierarchyRequest, GetHierarchyResponse> PutHierarchy = new(RollupsReflection.Descriptor.Services[0], "PutHierarchy");
    private static readonly RpcMethod<QuoteBatch, PublishQuotesResponse> PublishQuotes = new(MarketReflection.Descriptor.Services[0], "PublishQuotes");
    private static readonly RpcMethod<GetMarketRequest, GetMarketResponse> GetMarket = new(MarketReflection.Descriptor.Services[0], "GetMarket");
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> CheckHealth = new(HealthReflection.Descriptor.Services[0], "Check");
    private static readonly RpcCallOptions Retried = new() { Retry = RpcRetry.Idempotent };

    /// <summary>A client; no connection is made yet.</summary>
    /// <param name="address">The server's gRPC port: <c>http://127.0.0.1:7001</c>.</param>
    /// <param name="options">Defaults when null.</param>
    public RiskGridClient(Uri address, RpcChannelOptions? options = null)
        : this([address], options)
    {
    }

    /// <summary>A client of one of several gateways of a cluster, the first to begin with: when it cannot be reached or does not answer, the
    /// tries that follow, and subscriptions, go to the next. No connection is made yet.</summary>
    /// <param name="addresses">Their gRPC ports.</param>
    /// <param name="options">Defaults when null.</param>
    public RiskGridClient(IReadOnlyList<Uri> addresses, RpcChannelOptions? options = null) => Channel = new RpcChannel(addresses, options);

    /// <summary>The channel below, for calls that this client has no method for.</summary>
    public RpcChannel Channel { get; }

    /// <summary>One trade's price, Greeks, inputs and status; with its history when asked.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such trade.</exception>
    public Task<PriceTradeResponse> PriceTradeAsync(string tradeId, bool includeHistory = false, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(PriceTrade, new PriceTradeRequest { TradeId = tradeId, IncludeHistory = includeHistory }, Retried, cancellationToken);

    /// <summary>The latest rollup of a node and of the nodes below it: the node first, a parent before its children, children in name order.</summary>
    /// <param name="path"><c>/</c> is the firm.</param>
    /// <param name="depth">Levels below to include: 0 the node alone, -1 all.</param>
    /// <param name="settled">Wait until all commands acknowledged and quotes accepted before this call are in.</param>
    /// <param name="timeout">Time for the call; the channel's default when null. Settling a large portfolio can take long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="maxAge">What a node would have answered at most so long ago is good enough, where the server has a cache: cheaper for large
    /// trees. Zero asks every node.</param>
    /// <exception cref="RpcException">NOT_FOUND: there is no such node.</exception>
    public async Task<IReadOnlyList<Rollup>> GetRollupAsync(
        string path, int depth = 0, bool settled = false, TimeSpan? timeout = null, CancellationToken cancellationToken = default, TimeSpan maxAge = default)
    {
        var request = new GetRollupRequest { Path = path, Depth = depth, Settled = settled, MaxAgeMs = Milliseconds(maxAge) };
        var response = await Channel.UnaryAsync(GetRollup, request, Retried with { Timeout = timeout }, cancellationToken).ConfigureAwait(false);
        return response.Rollups;
    }

    /// <summary>The tree of desks and books.</summary>
    public Task<GetHierarchyResponse> GetHierarchyAsync(CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(GetHierarchy, new GetHierarchyRequest(), Retried, cancellationToken);

    /// <summary>Adds desks and books or moves them; nodes that are not named stay. Tried again when the server cannot be reached: putting
    /// the same nodes twice leaves the same tree.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: a node breaks a rule.</exception>
    public Task<GetHierarchyResponse> PutHierarchyAsync(IEnumerable<HierarchyNode> nodes, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(PutHierarchy, new PutHierarchyRequest { Nodes = { nodes } }, Retried, cancellationToken);

    /// <summary>Publishes quotes as the source yields them; answered when it ends. Not tried again: what was accepted before a failure stays
    /// accepted, and quotes that were published twice are harmless only to the one who knows that they are still the newest.</summary>
    /// <exception cref="RpcException">The call failed; batches sent before may have been accepted.</exception>
    public Task<PublishQuotesResponse> PublishQuotesAsync(IAsyncEnumerable<QuoteBatch> batches, CancellationToken cancellationToken = default) =>
        Channel.ClientStreamAsync(PublishQuotes, batches, null, cancellationToken);

    /// <summary>The market as it stands.</summary>
    /// <param name="request">Which market, with or without its quotes, and whether to pin it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<GetMarketResponse> GetMarketAsync(GetMarketRequest? request = null, CancellationToken cancellationToken = default) =>
        Channel.UnaryAsync(GetMarket, request ?? new GetMarketRequest(), Retried, cancellationToken);

    /// <summary>Whether the server, or one of its services by full name, is ready to answer. One try.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: it cannot be reached; NOT_FOUND: it has no such service.</exception>
    public async Task<bool> IsServingAsync(string service = "", CancellationToken cancellationToken = default)
    {
        var response = await Channel.UnaryAsync(CheckHealth, new HealthCheckRequest { Service = service }, null, cancellationToken).ConfigureAwait(false);
        return response.Status == HealthCheckResponse.Types.ServingStatus.Serving;
    }

    /// <summary>Waits until the server can be reached and is ready.</summary>
    /// <exception cref="RpcException">DEADLINE_EXCEEDED: not within <paramref name="timeout"/>; the message names the last failure.</exception>
    public async Task WaitUntilServingAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(timeout, Channel.Options.Time, cancellationToken);
        await deadline.RunAsync(Channel.Backoff.Persistent, async token =>
            await IsServingAsync("", token).ConfigureAwait(false)
                ? true
                : throw new RpcException(RpcStatus.Unavailable, $"{Channel.Address.Authority} is not ready")).ConfigureAwait(false);
    }

    /// <summary>Closes the connections; calls in flight fail.</summary>
    public void Dispose() => Channel.Dispose();
}
