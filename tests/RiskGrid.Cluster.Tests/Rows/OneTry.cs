using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>How one try of a call ended. A command that is to be sent again counts as UNAVAILABLE.</summary>
internal sealed record CallOutcome(string Name, RpcException? Failure, TimeSpan Took)
{
    /// <summary>A failure after which the same call may be sent again, and that says when.</summary>
    public bool IsRetriable => Failure is { Status: RpcStatus.Unavailable or RpcStatus.ResourceExhausted, RetryAfter: not null };

    /// <summary>Asked to try again because the store could not do it just now, as on a machine that stood still for longer than the store waits.</summary>
    public static bool IsOfTheStore(TradeResult result) =>
        result.Outcome == Outcome.Retry && result.Reason.StartsWith("the ledger cannot ", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} in {Took.TotalMilliseconds:N0} ms: {(Failure is null ? "OK" : $"{Failure.Status} (retry after {Failure.RetryAfter?.TotalMilliseconds:N0} ms): {Failure.Message}")}";
}

/// <summary>Calls that are made once, as a client without any patience makes them.</summary>
internal sealed class OneTry(RiskGridClient client)
{
    private static readonly RpcMethod<BookTradesRequest, BookTradesResponse> BookTrades = new(TradesReflection.Descriptor.Services[0], "BookTrades");
    private static readonly RpcMethod<PriceTradeRequest, PriceTradeResponse> PriceTrade = new(TradesReflection.Descriptor.Services[0], "PriceTrade");
    private static readonly RpcMethod<GetRollupRequest, GetRollupResponse> GetRollup = new(RollupsReflection.Descriptor.Services[0], "GetRollup");
    private static readonly RpcMethod<GetHierarchyRequest, GetHierarchyResponse> GetHierarchy = new(RollupsReflection.Descriptor.Services[0], "GetHierarchy");
    private static readonly RpcMethod<GetMarketRequest, GetMarketResponse> GetMarket = new(MarketReflection.Descriptor.Services[0], "GetMarket");
    private static readonly RpcMethod<StartRunRequest, Run> StartRun = new(RunsReflection.Descriptor.Services[0], "StartRun");
    private static readonly RpcMethod<ListRunsRequest, ListRunsResponse> ListRuns = new(RunsReflection.Descriptor.Services[0], "ListRuns");

    private readonly RpcCallOptions _options = new() { Timeout = TimeSpan.FromSeconds(60), Retry = RpcRetry.Never };

    /// <summary>Books one trade.</summary>
    /// <param name="book">The book.</param>
    /// <param name="trade">The trade's id.</param>
    /// <param name="ofTheStore">How often it is sent again when the store asks for it: see <see cref="CallOutcome.IsOfTheStore"/>.</param>
    public Task<CallOutcome> BookAsync(string book, string trade, int ofTheStore = 0) => TimeAsync($"BookTrades {trade}", async () =>
    {
        TradeResult result;
        do
            result = (await client.Channel.UnaryAsync(BookTrades, new BookTradesRequest { Commands = { SmallMarket.Book(trade, book, 1) } }, _options)).Results[0];
        while (CallOutcome.IsOfTheStore(result) && ofTheStore-- > 0);
        Assert.True(result.Outcome != Outcome.Refused, $"{result}");
        if (result.Outcome == Outcome.Retry)
            throw RpcException.RetryLater(RpcStatus.Unavailable, $"RETRY: {result.Reason}", TimeSpan.Zero);
    });

    public Task<CallOutcome> PriceAsync(string trade) =>
        TimeAsync($"PriceTrade {trade}", () => client.Channel.UnaryAsync(PriceTrade, new PriceTradeRequest { TradeId = trade }, _options));

    public Task<CallOutcome> RollupAsync(string path, bool settled = false) =>
        TimeAsync($"GetRollup {path}", () => client.Channel.UnaryAsync(GetRollup, new GetRollupRequest { Path = path, Depth = -1, Settled = settled }, _options));

    public Task<CallOutcome> HierarchyAsync() =>
        TimeAsync("GetHierarchy", () => client.Channel.UnaryAsync(GetHierarchy, new GetHierarchyRequest(), _options));

    public Task<CallOutcome> MarketAsync() =>
        TimeAsync("GetMarket", () => client.Channel.UnaryAsync(GetMarket, new GetMarketRequest { WithoutQuotes = true }, _options));

    public Task<CallOutcome> StartRunAsync(string id) =>
        TimeAsync("StartRun", () => client.Channel.UnaryAsync(StartRun, new StartRunRequest { RunId = id, Spec = new RunSpec { Path = Firm.Scope, Pin = new PinSpec() } }, _options));

    public Task<CallOutcome> ListRunsAsync() =>
        TimeAsync("ListRuns", () => client.Channel.UnaryAsync(ListRuns, new ListRunsRequest(), _options));

    public Task<CallOutcome> QuoteAsync(double spot) => TimeAsync("PublishQuotes", () => client.PublishQuotesAsync(
        new[] { new QuoteBatch { Quotes = { new Quote { Factor = "IDX.SP500", Value = spot, AsOf = SmallMarket.AsOf } } } }.ToAsyncEnumerable()));

    private static async Task<CallOutcome> TimeAsync(string name, Func<Task> call)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await call();
            return new CallOutcome(name, null, watch.Elapsed);
        }
        catch (RpcException e)
        {
            return new CallOutcome(name, e, watch.Elapsed);
        }
    }
}
