using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Compute;
using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Runs;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Ledger.Cache;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;

namespace RiskGrid.Grains;

/// <summary>What the risk grains of one silo share.</summary>
/// <param name="Ledger">The durable truth.</param>
/// <param name="Pool">Where long work runs.</param>
/// <param name="Board">The silo's view of the market.</param>
/// <param name="Views">What the silo hears of hierarchy, rollups and runs.</param>
/// <param name="Scenarios">The scenario set of the live P&amp;L vectors; null when none is configured: no tail measures then.</param>
/// <param name="History">The history panel from which runs make their scenarios; null when none is configured.</param>
/// <param name="Options">Reporting currency and staleness limit.</param>
/// <param name="Log">Where the grains report what an operator should know.</param>
/// <param name="Troubles">Where they report what comes in floods.</param>
/// <param name="ReadSilos">Asks the engine for the silos of the cluster, without what waits for them.</param>
/// <param name="Time">The clock of progress and deadlines; no number reads it.</param>
public sealed record SiloServices(
    ILedger Ledger, ComputePool Pool, MarketBoard Board, SiloViews Views, ScenarioSet? Scenarios,
    HistoryPanel? History, PricingOptions Options, GrainLog Log, Troubles Troubles, Func<CancellationToken, ValueTask<ClusterState>> ReadSilos,
    TimeProvider Time)
{
    /// <summary>The silo's view of the tree.</summary>
    public HierarchyBoard Hierarchy => Views.Hierarchy;

    /// <summary>How the runs under way stand, for workers.</summary>
    public RunBoard Runs => Views.Runs;

    /// <summary>The frozen inputs of the runs that this silo works on.</summary>
    public RunContexts Contexts { get; } = new();

    /// <summary>Room for the books that are read from the ledger at the same time: about as many as there are threads to price them.</summary>
    internal SemaphoreSlim BookReaders { get; } = new(Math.Max(LeastBookReaders, Pool.Threads));

    internal PanelBlobs StoredPanels { get; } = new();

    /// <summary>Where nodes keep their newest rollups for cheap reads.</summary>
    public RollupCache Newest { get; init; } = RollupCache.None;

    internal SheetCache Sheets { get; init; } = new(NoCache.Instance, Pool);

    /// <summary>The factors that move in runs: those of the live vectors, so that both mean the same scenarios; without live vectors all of
    /// the history that can move.</summary>
    public ImmutableArray<FactorName> Drivers { get; } = Scenarios?.Drivers ?? [.. History?.Factors.Where(CanMove) ?? []];

    /// <summary>The name of the market that prices everything.</summary>
    public const string DefaultMarket = "main";

    /// <summary>Quotes older than this at the valuation instant count as stale.</summary>
    public static Duration DefaultStaleAfter { get; } = Duration.FromDays(1);

    /// <summary>The default reporting currency.</summary>
    public static Currency DefaultReporting => Currency.Usd;

    // One that hangs until its limit does not keep all the others from being read.
    private const int LeastBookReaders = 2;

    private static bool CanMove(FactorName factor) =>
        factor.Class is FactorClass.Equity or FactorClass.Index or FactorClass.Commodity or FactorClass.Fx or FactorClass.Zero;
}
