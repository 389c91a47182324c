using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>One set of scenarios of a run, with what it takes to revalue the books under it. Immutable, thread-safe.</summary>
/// <param name="Name">e.g. <c>1d</c>.</param>
/// <param name="Scenarios">The set.</param>
/// <param name="Masks">The classes that move: all of them first, then each class alone.</param>
/// <param name="Plan">What is kept of the nodes' vectors.</param>
/// <param name="KeepsVectors">The nodes' whole vectors go to the ledger.</param>
/// <param name="Books">The books laid out for revaluation, in the order of <see cref="RunTree.Books"/>.</param>
internal sealed record RunLegContext(
    string Name, ScenarioSet Scenarios, ImmutableArray<FactorClassMask> Masks, TailPlan Plan, bool KeepsVectors, ImmutableArray<PreparedSheet> Books)
{
    /// <summary>Trades of all books that this leg revalues, counted once per mask.</summary>
    public long RevaluationsPerScenario { get; } = Books.Sum(b => (long)b.Trades.Length) * Masks.Length;
}

/// <summary>The earlier of the two states that a P&amp;L explain compares.</summary>
/// <param name="Sheets">The books, in the order of <see cref="RunTree.Books"/>.</param>
/// <param name="Snapshot">The market.</param>
internal sealed record ExplainStart(ImmutableArray<Sheet> Sheets, MarketSnapshot Snapshot);

/// <summary>A run's frozen inputs in memory: what every item of it computes from. Immutable, thread-safe.</summary>
internal sealed record RunContext
{
    public required RunManifest Manifest { get; init; }

    public required string ManifestHash { get; init; }

    public required RunTree Tree { get; init; }

    /// <summary>The markets of the books, in the order of <see cref="RunTree.Books"/>.</summary>
    public required ImmutableArray<SheetMarket> Markets { get; init; }

    /// <summary>Null when no scenario comes from history.</summary>
    public required HistoryPanel? Panel { get; init; }

    public required ImmutableArray<RunLegContext> Legs { get; init; }

    /// <summary>The market; every <see cref="Markets"/> is a part of it.</summary>
    public required MarketSnapshot Snapshot { get; init; }

    /// <summary>Where a P&amp;L explain starts; null for all other runs.</summary>
    public ExplainStart? Start { get; init; }

    /// <summary>How many trades the books hold.</summary>
    public int Trades => Markets.Sum(m => m.Sheet.Count);
}
