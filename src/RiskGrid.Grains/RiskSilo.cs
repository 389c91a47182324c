using Microsoft.Extensions.Logging;
using RiskGrid.Compute;
using RiskGrid.Grains.Books;
using RiskGrid.Grains.Desks;
using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Runs;
using RiskGrid.Grains.Trades;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Ledger.Cache;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Grains;

/// <summary>What a risk silo is made of.</summary>
public sealed record RiskSiloOptions
{
    /// <summary>The durable truth; stays open when the silo stops.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>The scenario set of the live P&amp;L vectors; without one there are no tail measures.</summary>
    public ScenarioSet? Scenarios { get; init; }

    /// <summary>The history panel from which runs make their scenarios; without one a run that needs history is refused.</summary>
    public HistoryPanel? History { get; init; }

    /// <summary>Reporting currency and staleness limit.</summary>
    public PricingOptions Pricing { get; init; } = new(SiloServices.DefaultReporting, SiloServices.DefaultStaleAfter);

    /// <summary>Threads that compute; one a core unless set.</summary>
    public int ComputeThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Least time between two waves of repricing.</summary>
    public TimeSpan WaveInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The clock of timers and versions; no number reads it.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What people call the silo; the machine's name and the process's id unless set.</summary>
    public string? Name { get; init; }

    /// <summary>What makes reads quicker; none unless set. Stays open when the silo stops. Wrap the ledger in a <see cref="CachedLedger"/> as
    /// well.</summary>
    public ICache Cache { get; init; } = NoCache.Instance;

    /// <summary>What carries messages; in-process unless set.</summary>
    public IGridEngine? Engine { get; init; }
}

/// <summary>A silo with the risk grains, its views of market and hierarchy, and its compute pool.</summary>
public sealed class RiskSilo : IAsyncDisposable
{
    private readonly Silo _silo;
    private readonly ComputePool _pool;
    private readonly ConflatingWaker _waker;
    private readonly IDisposable _keepingAlive;
    private readonly Heartbeat _heartbeat;

    private RiskSilo(Silo silo, SiloServices services, ConflatingWaker waker, IDisposable keepingAlive, TimeProvider time)
    {
        _silo = silo;
        _keepingAlive = keepingAlive;
        _pool = services.Pool;
        _waker = waker;
        Services = services;

        // The firm has no desk above that would call it to life, a market without quotes nobody at all, and an unfinished run perhaps no
        // one any more.
        _heartbeat = new Heartbeat(time, PingAsync, ExpectMarketAsync, () => services.Views.BeatAsync(services.Troubles));
    }

    /// <summary>References to the grains.</summary>
    public IGrains Grains => _silo.Grains;

    /// <summary>What the grains share.</summary>
    public SiloServices Services { get; }

    /// <summary>The silos of the cluster, and what waits for them.</summary>
    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _silo.ReadClusterAsync(cancellationToken);

    /// <summary>The silos alone: cheap enough to ask often.</summary>
    public ValueTask<ClusterState> ReadSilosAsync(CancellationToken cancellationToken) => _silo.ReadSilosAsync(cancellationToken);

    /// <summary>Starts a silo.</summary>
    public static async Task<RiskSilo> StartAsync(RiskSiloOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var log = new GrainLog(logger);
        var pool = new ComputePool(new ComputePoolOptions { Threads = options.ComputeThreads, Time = options.Time });
        var waker = new ConflatingWaker(options.Time, options.WaveInterval);
        Silo? silo = null;
        IGrains Grains() => silo!.Grains;
        IMarketGrain Market(TimeSpan limit) => Grains().WithTimeout(limit).Get<IMarketGrain>(SiloServices.DefaultMarket);
        var troubles = new Troubles(log, options.Time);
        var board = new MarketBoard(
            SiloServices.DefaultMarket,
            () => Market(CallTimes.Usual).GetMarket(new GetMarketRequest()),
            waker.Wake,
            held => _ = OfferAsync(Market(CallTimes.Usual), held, troubles),
            log,
            troubles);
        var views = SiloViews.Create(Grains, options.Time, troubles);
        var services = new SiloServices(
            options.Ledger, pool, board, views, options.Scenarios, options.History, options.Pricing, log, troubles, token => silo!.ReadSilosAsync(token), options.Time)
        {
            Newest = new RollupCache(options.Cache, options.Time),
            Sheets = new SheetCache(options.Cache, pool),
        };
        var worker = new RunWorker(services);
        var builder = new SiloBuilder()
            .Configure(o =>
            {
                o.Name = options.Name ?? o.Name;
                o.Time = options.Time;

                // An item of a run has steps that end one after the other: one item prices, one is ready to, the others begin and end.
                o.WorkConcurrency = 2 + Math.Max(1, options.ComputeThreads / 2);
                o.OnError = troubles.TurnFailed;
            })
            .AddGrain<IMarketGrain>(() => new MarketGrain(services))
            .AddGrain<IHierarchyGrain>(() => new HierarchyGrain(services.Ledger))
            .AddGrain<IBookGrain>(() => new BookGrain(services))
            .AddGrain<IDeskGrain>(() => new DeskGrain(services))
            .AddGrain<ITradeGrain>(() => new TradeGrain(services))
            .AddGrain<IRunGrain>(() => new RunGrain(services))
            .AddGrain<IRunsGrain>(() => new RunsGrain(services))
            .AddWork<RunWork, RunWorkResult>(RunWorker.Kind, worker.ComputeAsync)
            .Subscribe<QuotesPublished>(MarketGrain.Topic, step =>
            {
                if (string.Equals(step.Market, board.Market, StringComparison.Ordinal))
                    board.Apply(step);
                return ValueTask.CompletedTask;
            });
        views.SubscribeTo(builder);
        if (options.Engine is not null)
            builder.UseEngine(options.Engine);
        silo = builder.Build();

        // Books and desks live where their partitions are: nobody has to call them first.
        var keepingAlive = services.Hierarchy.Subscribe(new NodesToLive(silo).Take);
        try
        {
            await ReadHierarchyAsync(services, cancellationToken).ConfigureAwait(false);
            await silo.StartAsync(cancellationToken).ConfigureAwait(false);
            await LookAroundAsync(services, Market(CallTimes.Usual)).ConfigureAwait(false);
            return new RiskSilo(silo, services, waker, keepingAlive, options.Time);
        }
        catch
        {
            keepingAlive.Dispose();
            await silo.DisposeAsync().ConfigureAwait(false);
            waker.Dispose();
            await pool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets what is queued run, ends the activations and frees the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        _keepingAlive.Dispose();
        _waker.Dispose();
        await _silo.DisposeAsync().ConfigureAwait(false);
        await Services.Newest.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    // Before the first partition comes; a newer version is heard of like every other one.
    private static async Task ReadHierarchyAsync(SiloServices services, CancellationToken cancellationToken)
    {
        try
        {
            if (await services.Ledger.AskAsync(l => l.ReadHierarchyAsync(cancellationToken)).ConfigureAwait(false) is { } stored)
                services.Hierarchy.Apply(HierarchyBoard.ToWire(stored.Version, stored.Hierarchy));
        }
        catch (GridException e) when (Troubles.IsPassing(e))
        {
            services.Troubles.ViewNotFetched("the hierarchy", e);
        }
    }

    // What the grains that come to life here need. In a cluster it may be on the move just now: then the heartbeat brings it.
    private static async Task LookAroundAsync(SiloServices services, IMarketGrain market)
    {
        try
        {
            // The market grain takes its epoch now, so that the board has something to be at.
            await services.Board.WhenReached(await market.GetPoint().ConfigureAwait(false)).ConfigureAwait(false);
            await services.Hierarchy.CurrentAsync().ConfigureAwait(false);
        }
        catch (GridException e) when (Troubles.IsPassing(e))
        {
            services.Troubles.ViewNotFetched("market and hierarchy", e);
        }
    }

    private static async Task OfferAsync(IMarketGrain market, GetMarketResponse held, Troubles troubles)
    {
        try
        {
            await market.Offer(held).ConfigureAwait(false);
        }
        catch (GridException e)
        {
            troubles.ViewNotFetched("the market, offered to its new owner", e);
        }
    }

    private async Task ExpectMarketAsync()
    {
        try
        {
            Services.Board.Expect(await _silo.Grains.WithTimeout(CallTimes.Question).Get<IMarketGrain>(Services.Board.Market).GetPoint().ConfigureAwait(false));
        }
        catch (GridException e)
        {
            Services.Troubles.ViewNotFetched("the market", e);
        }
    }

    private async Task PingAsync()
    {
        try
        {
            await Task.WhenAll(
                _silo.Grains.Get<IDeskGrain>(HierarchyGrain.Firm.Value).Ping(new ParentPing()),
                _silo.Grains.Get<IRunsGrain>(RunsGrain.Key).Ping()).ConfigureAwait(false);
        }
        catch (GridException e)
        {
            Services.Troubles.ViewNotFetched("the firm and the runs, which are called to life,", e);
        }
    }

    /// <summary>Which nodes are to be alive: those of the newest version. Two versions may be told at the same time.</summary>
    private sealed class NodesToLive(Silo silo)
    {
        private readonly Lock _lock = new();
        private long _version;

        public void Take(HierarchyVersion next)
        {
            lock (_lock)
            {
                if (next.Version <= _version)
                    return;
                _version = next.Version;
                silo.KeepAlive<IBookGrain>(Ids(next.Hierarchy, NodeKind.Book));
                silo.KeepAlive<IDeskGrain>(Ids(next.Hierarchy, NodeKind.Desk));
            }
        }

        private static IEnumerable<string> Ids(Hierarchy hierarchy, NodeKind kind) =>
            hierarchy.Nodes.Values.Where(n => n.Kind == kind).Select(n => n.Id.Value);
    }
}
