using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Services;
using RiskGrid.Grains;
using RiskGrid.Grains.Nodes;
using RiskGrid.Ledger;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Gateway.Tests.Services;

/// <summary>A gateway that has not heard of what another one acknowledged a moment ago.</summary>
public sealed class StaleTreeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ILedger _ledger = null!;
    private RiskSilo _silo = null!;
    private GatewayServer _gateway = null!;
    private RiskGridClient _client = null!;
    private int _underWay;
    private int _mostUnderWay;

    public async Task InitializeAsync()
    {
        _ledger = await Ledgers.OpenAsync(":memory:", TimeProvider.System, CancellationToken.None);
        _silo = await RiskSilo.StartAsync(new RiskSiloOptions { Ledger = _ledger, ComputeThreads = 1 }, NullLogger.Instance, CancellationToken.None);

        // It hears nothing at all.
        var views = SiloViews.Create(() => _silo.Grains, TimeProvider.System, new Troubles(new GrainLog(NullLogger.Instance), TimeProvider.System)) with
        {
            Hierarchy = new HierarchyBoard(AskAsync),
        };
        await views.Hierarchy.CurrentAsync();
        _gateway = await GatewayServer.StartAsync(
            new GatewayOptions { GrpcPort = 0, HttpPort = 0, MapException = GridErrors.Map },
            [new TradeService(_silo.Grains, views, TimeProvider.System).Bind(), new RollupService(_silo.Grains, views, TimeProvider.System).Bind()],
            CancellationToken.None);
        _client = new RiskGridClient(_gateway.GrpcAddress);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
        await _silo.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task A_book_that_was_added_elsewhere_takes_trades_at_once()
    {
        await AddElsewhereAsync("NEW");
        var results = await _client.BookTradesAsync([SmallMarket.Book("T-1", "NEW", 1), SmallMarket.Book("T-2", "NOWHERE", 1)]);
        Assert.Equal([TradeResult.Types.Outcome.Applied, TradeResult.Types.Outcome.Refused], results.Select(r => r.Outcome));
        Assert.Equal("book", results[1].Field);
    }

    [Fact]
    public async Task A_node_that_was_added_elsewhere_is_found_at_once()
    {
        await AddElsewhereAsync("NEW");
        Assert.Equal("/NEW", Assert.Single(await _client.GetRollupAsync("/NEW")).Path);
        Assert.Equal(RpcStatus.NotFound, (await Assert.ThrowsAsync<RpcException>(() => _client.GetRollupAsync("/NOWHERE"))).Status);
    }

    [Fact]
    public async Task A_node_that_was_added_elsewhere_can_be_subscribed_to_at_once()
    {
        await AddElsewhereAsync("NEW");
        using var limit = new CancellationTokenSource(Patience);
        await using var subscription = _client.SubscribeRollupsAsync("/NEW", cancellationToken: limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await subscription.MoveNextAsync());
        Assert.Equal("/NEW", subscription.Current.Path);
    }

    [Fact]
    public async Task A_settled_read_knows_every_node_that_was_acknowledged_before_it()
    {
        await AddElsewhereAsync("NEW");
        Assert.Equal(["/", "/NEW"], (await _client.GetRollupAsync("/", depth: -1, settled: true)).Select(r => r.Path));
    }

    [Fact]
    public async Task A_change_through_a_gateway_goes_on_from_what_was_changed_elsewhere()
    {
        await AddElsewhereAsync("NEW");
        var changed = await _client.PutHierarchyAsync([SmallMarket.Node("MINE", NodeKinds.Book, HierarchyGrain.Firm.Value)]);
        Assert.Equal(["/", "/MINE", "/NEW"], changed.Nodes.Select(n => n.Path));
    }

    [Fact]
    public async Task A_flood_of_names_that_nobody_knows_asks_for_the_tree_one_question_at_a_time()
    {
        var requests = Enumerable.Range(0, 40).Select(r => _client.BookTradesAsync(
            [.. Enumerable.Range(0, 50).Select(i => SmallMarket.Book($"T-{r}-{i}", $"NOWHERE-{r}-{i}", 1))]));
        var results = (await Task.WhenAll(requests)).SelectMany(r => r).ToList();
        Assert.All(results, r => Assert.Equal(TradeResult.Types.Outcome.Refused, r.Outcome));
        Assert.Equal(1, _mostUnderWay);
    }

    private async Task<GetHierarchyResponse> AddElsewhereAsync(string book)
    {
        var tree = _silo.Grains.Get<IHierarchyGrain>(HierarchyGrain.Key);
        var request = new PutHierarchyRequest { ExpectedVersion = (await tree.GetHierarchy()).Version };
        request.Nodes.Add(SmallMarket.Node(book, NodeKinds.Book, HierarchyGrain.Firm.Value));
        return await tree.PutHierarchy(request);
    }

    private async Task<GetHierarchyResponse> AskAsync(long known)
    {
        InterlockedMax(ref _mostUnderWay, Interlocked.Increment(ref _underWay));
        try
        {
            return await _silo.Grains.Get<IHierarchyGrain>(HierarchyGrain.Key).GetIfNewer(new HierarchyKnown { Version = known });
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
