using System.Collections.Concurrent;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client.Tests;

/// <summary>A real gateway over the real contracts, whose handlers do what the test says and keep what they were asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int _port;
    private GatewayServer? _server;

    /// <summary>Requests to BookTrades in order of arrival.</summary>
    public ConcurrentQueue<BookTradesRequest> Booked { get; } = [];

    public Func<BookTradesRequest, CancellationToken, Task<BookTradesResponse>> OnBook { get; set; } = (request, _) => Task.FromResult(Apply(request));

    public Func<GetRollupRequest, GetRollupResponse> OnGetRollup { get; set; } = request => new GetRollupResponse { Rollups = { new Rollup { Path = request.Path } } };

    public Func<SubscribeRollupsRequest, CancellationToken, IAsyncEnumerable<Rollup>> OnSubscribe { get; set; } = (_, _) => throw new NotSupportedException();

    public Func<IAsyncEnumerable<QuoteBatch>, Task<PublishQuotesResponse>> OnPublish { get; set; } = _ => throw new NotSupportedException();

    public Func<StartRunRequest, Run> OnStartRun { get; set; } = request => new Run { RunId = request.RunId, Spec = request.Spec, RerunOf = request.RerunOf };

    public Func<SubscribeRunRequest, CancellationToken, IAsyncEnumerable<Run>> OnSubscribeRun { get; set; } = (_, _) => throw new NotSupportedException();

    public Func<ListRunsRequest, ListRunsResponse> OnListRuns { get; set; } = _ => new ListRunsResponse();

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<ScriptedServer> StartAsync()
    {
        var server = new ScriptedServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts on the port of before.</summary>
    public async Task StartAgainAsync()
    {
        var trades = new RpcService(TradesReflection.Descriptor.Services[0])
            .Unary<BookTradesRequest, BookTradesResponse>("BookTrades", (request, _, token) =>
            {
                Booked.Enqueue(request);
                return OnBook(request, token);
            })
            .Unary<PriceTradeRequest, PriceTradeResponse>("PriceTrade", (request, _, _) => Task.FromResult(
                new PriceTradeResponse { TradeId = request.TradeId, History = { Enumerable.Range(0, request.IncludeHistory ? 1 : 0).Select(_ => new TradeHistoryEntry()) } }));
        var rollups = new RpcService(RollupsReflection.Descriptor.Services[0])
            .Unary<GetRollupRequest, GetRollupResponse>("GetRollup", (request, _, _) => Task.FromResult(OnGetRollup(request)))
            .ServerStream<SubscribeRollupsRequest, Rollup>("SubscribeRollups", (request, _, token) => OnSubscribe(request, token))
            .Unary<GetHierarchyRequest, GetHierarchyResponse>("GetHierarchy", (_, _, _) => Task.FromResult(new GetHierarchyResponse { Version = 7 }))
            .Unary<PutHierarchyRequest, GetHierarchyResponse>("PutHierarchy", (request, _, _) =>
                Task.FromResult(new GetHierarchyResponse { Version = 8, Nodes = { request.Nodes } }));
        var market = new RpcService(MarketReflection.Descriptor.Services[0])
            .ClientStream<QuoteBatch, PublishQuotesResponse>("PublishQuotes", (batches, _, _) => OnPublish(batches))
            .Unary<GetMarketRequest, GetMarketResponse>("GetMarket", (request, _, _) => Task.FromResult(new GetMarketResponse { SnapshotHash = request.Market + "#" }));
        var runs = new RpcService(RunsReflection.Descriptor.Services[0])
            .Unary<StartRunRequest, Run>("StartRun", (request, _, _) => Task.FromResult(OnStartRun(request)))
            .Unary<GetRunRequest, Run>("GetRun", (request, _, _) => Task.FromResult(new Run { RunId = request.RunId }))
            .ServerStream<SubscribeRunRequest, Run>("SubscribeRun", (request, _, token) => OnSubscribeRun(request, token))
            .Unary<CancelRunRequest, Run>("CancelRun", (request, _, _) => Task.FromResult(new Run { RunId = request.RunId, State = RunState.Cancelled }))
            .Unary<ListRunsRequest, ListRunsResponse>("ListRuns", (request, _, _) => Task.FromResult(OnListRuns(request)))
            .Unary<GetRunVectorRequest, GetRunVectorResponse>("GetRunVector", (request, _, _) => Task.FromResult(new GetRunVectorResponse
            {
                RunId = request.RunId,
                Path = request.Path,
                Leg = request.Leg,
                Pnl = Google.Protobuf.ByteString.CopyFrom([0, 0, 0, 0, 0, 0, 0xF0, 0xBF, 0, 0, 0, 0, 0, 0, 0, 0x40]),
                Labels = { "down", "up" },
            }));
        var options = new GatewayOptions { GrpcPort = _port, HttpPort = 0, ShutdownGrace = TimeSpan.FromMilliseconds(200) };
        var since = TimeProvider.System.GetTimestamp();
        while (_server is null)
        {
            try
            {
                _server = await GatewayServer.StartAsync(options, [trades, rollups, market, runs], CancellationToken.None);
            }
            catch (IOException) when (_port != 0 && TimeProvider.System.GetElapsedTime(since) < Patience)
            {
                // Another test has got the port meanwhile, and gives it back when it ends.
                await Task.Delay(50);
            }
        }

        _port = _server.GrpcAddress.Port;
    }

    public async Task StopAsync()
    {
        if (_server is { } server)
            await server.DisposeAsync();
        _server = null;
    }

    public void SetServing(bool isServing) => _server!.Health.Set("", isServing);

    public async ValueTask DisposeAsync() => await StopAsync();

    public static BookTradesResponse Apply(BookTradesRequest request) =>
        Answer(request, _ => TradeResult.Types.Outcome.Applied);

    public static BookTradesResponse Answer(BookTradesRequest request, Func<TradeCommand, TradeResult.Types.Outcome> outcome) => new()
    {
        Results =
        {
            request.Commands.Select(command => new TradeResult { CommandId = command.CommandId, TradeId = command.TradeId, Outcome = outcome(command) }),
        },
    };

    public static IReadOnlyList<TradeCommand> Commands(int count) =>
        [.. Enumerable.Range(0, count).Select(n => new TradeCommand { CommandId = $"c{n}", TradeId = $"t{n}", Book = new TradeTerms() })];
}
