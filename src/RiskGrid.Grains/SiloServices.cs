using NodaTime;
using RiskGrid.Compute;
using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;

namespace RiskGrid.Grains;

/// <summary>What the risk grains of one silo share.</summary>
/// <param name="Ledger">The durable truth.</param>
/// <param name="Pool">Where long work runs.</param>
/// <param name="Board">The silo's view of the market.</param>
/// <param name="Hierarchy">The silo's view of the tree.</param>
/// <param name="Rollups">The latest rollup of every node, for subscribers.</param>
/// <param name="Scenarios">The scenario set of the live P&amp;L vectors; null when none is configured: no tail measures then.</param>
/// <param name="Options">Reporting currency and staleness limit.</param>
/// <param name="Log">Where the grains report what an operator should know.</param>
public sealed record SiloServices(
    ILedger Ledger, ComputePool Pool, MarketBoard Board, HierarchyBoard Hierarchy, RollupBoard Rollups, ScenarioSet? Scenarios,
    PricingOptions Options, GrainLog Log)
{
    /// <summary>Orders the activations of the silo's nodes.</summary>
    public ActivationStarts Starts { get; } = new();

    /// <summary>The name of the market that prices everything.</summary>
    public const string DefaultMarket = "main";

    /// <summary>Quotes older than this at the valuation instant count as stale.</summary>
    public static Duration DefaultStaleAfter { get; } = Duration.FromDays(1);

    /// <summary>The default reporting currency.</summary>
    public static Currency DefaultReporting => Currency.Usd;
}
