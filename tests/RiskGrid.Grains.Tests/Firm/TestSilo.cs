using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Risk;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>How a silo under test differs from the default.</summary>
internal sealed record TestSiloOptions
{
    public IGridEngine? Engine { get; init; }

    public int Threads { get; init; } = 2;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ScenarioSet? Scenarios { get; init; } = SmallFirm.Scenarios;

    public HistoryPanel? History { get; init; } = SmallFirm.Panel;

    public Ledger.Cache.ICache Cache { get; init; } = Ledger.Cache.NoCache.Instance;

    public TimeSpan WaveInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The engine that does to messages what a cluster may do.</summary>
    public static StrictEngine Strict(ulong seed, double lost = 1.0 / 256) => new(new StrictOptions { Seed = seed, LostOwnership = lost });
}

/// <summary>A silo, and a client that does what the front door does: sends each command to the book of its trade and retries what is to be retried.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(RiskSilo silo, TestLog log)
    {
        Silo = silo;
        Log = log;
    }

    public RiskSilo Silo { get; }

    public TestLog Log { get; }

    public IGrains Grains => Silo.Grains;

    public SiloServices Services => Silo.Services;

    public IMarketGrain Market => Grains.Get<IMarketGrain>(SiloServices.DefaultMarket);

    public IHierarchyGrain Tree => Grains.Get<IHierarchyGrain>(HierarchyGrain.Key);

    public static async Task<TestSilo> StartAsync(ILedger ledger, TestSiloOptions? options = null)
    {
        options ??= new TestSiloOptions();
        var log = new TestLog();
        var started = RiskSilo.StartAsync(
            new RiskSiloOptions
            {
                Ledger = ledger,
                Scenarios = options.Scenarios,
                History = options.History,
                ComputeThreads = options.Threads,
                Time = options.Time,
                Engine = options.Engine,
                Cache = options.Cache,
                WaveInterval = options.WaveInterval,
            },
            log,
            CancellationToken.None);
        return new TestSilo(await started.Within("the silo starts"), log);
    }

    /// <summary>A silo with the small firm on its ledger and the whole market published.</summary>
    public static async Task<TestSilo> StartFirmAsync(ILedger ledger, TestSiloOptions? options = null)
    {
        var silo = await StartAsync(ledger, options);
        await silo.PutAsync(SmallFirm.Nodes);
        var results = await silo.BookAsync(SmallFirm.Bookings());
        Assert.All(results, r => Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, r.Outcome));
        await silo.PublishAsync(SmallFirm.Quotes(), SmallFirm.Valuation);
        return silo;
    }

    public IBookGrain Book(string id) => Grains.Get<IBookGrain>(id);

    public ITradeGrain Trade(string id) => Grains.Get<ITradeGrain>(id);

    public INodeGrain Node(HierarchyNode node) => node.Kind == NodeKind.Book ? Book(node.Id.Value) : Grains.Get<IDeskGrain>(node.Id.Value);

    /// <summary>Changes the hierarchy, whatever others change meanwhile.</summary>
    public async Task<Wire.GetHierarchyResponse> PutAsync(params IEnumerable<Wire.HierarchyNode> nodes)
    {
        while (true)
        {
            try
            {
                var response = await Tree.PutHierarchy(await ChangeAsync(nodes)).Within("the hierarchy is stored");
                Services.Hierarchy.Apply(response);
                return response;
            }
            catch (GrainCallException e) when (e.Code == GridErrorCode.Aborted)
            {
                // For the next version, then.
            }
        }
    }

    /// <summary>A change of the hierarchy as it stands.</summary>
    public async Task<Wire.PutHierarchyRequest> ChangeAsync(params IEnumerable<Wire.HierarchyNode> nodes) => new()
    {
        Nodes = { nodes },
        ExpectedVersion = (await Tree.GetHierarchy().Within("the hierarchy is known")).Version,
    };

    public Task<Wire.PublishQuotesResponse> PublishAsync(IEnumerable<Wire.Quote> quotes, NodaTime.Instant? valuation = null) =>
        Market.Publish(new Wire.QuoteBatch { Quotes = { quotes }, Valuation = valuation?.ToTimestamp() }).Within("the quotes are taken");

    public Task<Wire.PublishQuotesResponse> PublishAsync(params Wire.Quote[] quotes) => PublishAsync(quotes, null);

    public Task<Wire.GetMarketResponse> MarketAsync() => Market.GetMarket(new Wire.GetMarketRequest()).Within("the market answers");

    public Task<Wire.BookTradesResponse> SendAsync(string book, params Wire.TradeCommand[] commands) =>
        Book(book).BookTrades(new Wire.BookTradesRequest { Author = "tester", Commands = { commands } }).Within($"book {book} answers");

    /// <summary>Every command by way of the book that holds its trade; the results in the order of the commands.</summary>
    public async Task<IReadOnlyList<Wire.TradeResult>> BookAsync(params IEnumerable<Wire.TradeCommand> commands)
    {
        var all = commands.ToList();
        var results = new Wire.TradeResult[all.Count];
        var byBook = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < results.Length; i++)
        {
            var book = all[i].ActionCase == Wire.TradeCommand.ActionOneofCase.Book
                ? all[i].Book.Book
                : (await Trade(all[i].TradeId).Locate().Within("the trade is located")).Book;
            if (!byBook.TryGetValue(book, out var places))
                byBook.Add(book, places = []);
            places.Add(i);
        }

        await Task.WhenAll(byBook.Select(async part =>
        {
            var reply = await SendAsync(part.Key, [.. part.Value.Select(i => all[i])]);
            for (var k = 0; k < part.Value.Count; k++)
                results[part.Value[k]] = reply.Results[k];
        }));
        return results;
    }

    /// <summary>The settled report of every node by path, the firm first.</summary>
    public async Task<SettledFirm> SettleAsync()
    {
        var market = (await Market.GetMarket(new Wire.GetMarketRequest { WithoutQuotes = true }).Within("the market answers")).Point;
        var tree = await Tree.GetHierarchy().Within("the hierarchy answers");
        var request = new SettleRequest { Market = market, HierarchyVersion = tree.Version };
        var hierarchy = HierarchyBoard.FromWire(tree.Nodes);
        var nodes = hierarchy.TopDown().ToList();
        var reports = await Task.WhenAll(nodes.Select(n => Node(n).Settle(request, CancellationToken.None).Within($"node {hierarchy.PathOf(n.Id)} settles")));
        return new SettledFirm(hierarchy, nodes.Zip(reports).ToDictionary(n => hierarchy.PathOf(n.First.Id), n => n.Second, StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync() => await Silo.DisposeAsync().AsTask().Within("the silo stops");
}

/// <summary>The reports of all nodes at rest, by path.</summary>
internal sealed record SettledFirm(Hierarchy Hierarchy, IReadOnlyDictionary<string, NodeReport> Nodes)
{
    public NodeReport Firm => Nodes["/"];

    public NodeReport this[string id] => Nodes[Hierarchy.PathOf(NodeId.Parse(id))];
}
