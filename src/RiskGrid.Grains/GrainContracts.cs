using RiskGrid.Grid;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains;

/// <summary>One market: gives every quote its (epoch, sequence), so that two gateways cannot diverge. Key: the market's name.</summary>
[GrainKind("market")]
public interface IMarketGrain : IGrain
{
    /// <summary>One atomic step: checks the quotes, takes the sound ones in, tells every silo.</summary>
    Task<PublishQuotesResponse> Publish(QuoteBatch batch);

    /// <summary>How many refusals a reply names; all are counted.</summary>
    const int MaxRefusals = 20;

    /// <summary>The market as it stands when the call's turn begins.</summary>
    [Deferred]
    Task<GetMarketResponse> GetMarket(GetMarketRequest request);

    /// <summary>Where the market stands. Asked once a second by every silo, it keeps the market awake while no quotes come.</summary>
    Task<MarketPoint> GetPoint();

    /// <summary>What a silo's board holds beyond where this market went on from.</summary>
    [OneWay]
    Task Offer(GetMarketResponse held);
}

/// <summary>The tree of desks and books. One grain, key <c>main</c>.</summary>
[GrainKind("hierarchy")]
public interface IHierarchyGrain : IGrain
{
    /// <summary>The newest version.</summary>
    Task<GetHierarchyResponse> GetHierarchy();

    /// <summary>The newest version, without its nodes when it is known already.</summary>
    Task<GetHierarchyResponse> GetIfNewer(HierarchyKnown known);

    /// <summary>Adds or changes nodes of the version that the request names, the newest one; a new version unless nothing changes. A call may run a
    /// second time, long after: the version it names keeps it from putting back what has changed since.</summary>
    /// <exception cref="GrainCallException">Aborted: the newest version is another one, and has not got these nodes.</exception>
    Task<GetHierarchyResponse> PutHierarchy(PutHierarchyRequest request);
}

/// <summary>What books and desks have in common: they report.</summary>
public interface INodeGrain : IGrain
{
    /// <summary>The node's latest report, vector included.</summary>
    Task<NodeReport> GetReport();

    /// <summary>The node's latest rollup; only its version when that is known already.</summary>
    Task<Rollup> GetRollup(RollupKnown known);

    /// <summary>The first report that includes every quote up to the point asked for and every trade acknowledged before the call.</summary>
    [Deferred]
    Task<NodeReport> Settle(SettleRequest request, CancellationToken cancellationToken);

    /// <summary>The desk above is alive and says what it holds.</summary>
    [OneWay]
    Task Ping(ParentPing ping);
}

/// <summary>Owns the trades of one book. Key: the book's node id.</summary>
[GrainKind("book")]
public interface IBookGrain : INodeGrain
{
    /// <summary>Applies commands of this book; answered when they are durable.</summary>
    Task<BookTradesResponse> BookTrades(BookTradesRequest request);

    /// <summary>The ledger holds events of this book that another book wrote (a move): read them.</summary>
    [OneWay]
    Task CatchUp();
}

/// <summary>Adds up its children. Key: the desk's node id.</summary>
[GrainKind("desk")]
public interface IDeskGrain : INodeGrain
{
    /// <summary>A child has something newer.</summary>
    [OneWay]
    Task ChildReported(NodeReport report);
}

/// <summary>One trade, active only while somebody asks for it. Key: the trade's id.</summary>
[GrainKind("trade")]
public interface ITradeGrain : IGrain
{
    /// <summary>Price, Greeks, inputs, status and, when asked for, history.</summary>
    Task<PriceTradeResponse> PriceTrade(PriceTradeRequest request);

    /// <summary>The book that holds the trade.</summary>
    Task<TradeLocation> Locate();
}

/// <summary>One run. Key: the run's id.</summary>
/// <remarks>Starting, cancelling and finishing are decided once, by the ledger: whatever is repeated or runs twice gets the same answer.</remarks>
[GrainKind("run")]
public interface IRunGrain : IGrain
{
    /// <summary>Freezes the inputs, stores them and starts to compute; answered when that is durable. The same request again answers the same run.</summary>
    [Deferred]
    Task<Run> Start(StartRunRequest request, CancellationToken cancellationToken);

    /// <summary>The run as it stands.</summary>
    Task<Run> GetRun(GetRunRequest request);

    /// <summary>Stops it unless it is over.</summary>
    [Deferred]
    Task<Run> Cancel(CancelRunRequest request);

    /// <summary>A node's whole P&amp;L vector.</summary>
    [Deferred]
    Task<GetRunVectorResponse> GetVector(GetRunVectorRequest request, CancellationToken cancellationToken);

    /// <summary>Goes on with what an activation before left unfinished.</summary>
    [OneWay]
    Task Ping();
}

/// <summary>All runs. One grain, key <c>main</c>.</summary>
[GrainKind("runs")]
public interface IRunsGrain : IGrain
{
    /// <summary>Runs, newest first.</summary>
    Task<ListRunsResponse> ListRuns(ListRunsRequest request);

    /// <summary>Calls every unfinished run to life.</summary>
    [OneWay]
    Task Ping();
}
