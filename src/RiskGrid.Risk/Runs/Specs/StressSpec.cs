using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>P&amp;L under crises, custom shocks, ladders and matrices.</summary>
public sealed record StressSpec : RunKind
{
    /// <summary>Crises of the library by name.</summary>
    public ImmutableArray<string> Crises { get; init; } = [];

    /// <summary>All crises of the library.</summary>
    public bool AllCrises { get; init; }

    /// <summary>The text of a shock file; empty for none.</summary>
    public string ScenariosJson { get; init; } = string.Empty;

    /// <summary>Ladders.</summary>
    public ImmutableArray<LadderSpec> Ladders { get; init; } = [];

    /// <summary>Every spot move with every volatility move; null for none.</summary>
    public SpotVolatilityMatrixSpec? Matrix { get; init; }

    /// <summary>Also with only one class moving.</summary>
    public FactorClassMask FactorClasses { get; init; }
}

/// <summary>One selector moved by each of some amounts.</summary>
/// <param name="Selector">A factor, a class such as <c>EQ.*</c>, or <c>*</c>.</param>
/// <param name="Moves">Relative moves: −0.1 is minus ten percent.</param>
public sealed record LadderSpec(string Selector, ImmutableArray<double> Moves);

/// <summary>Every spot move with every volatility move, both relative.</summary>
/// <param name="SpotMoves">Moves of the spots.</param>
/// <param name="VolatilityMoves">Moves of the volatilities.</param>
/// <param name="Selector">Which spots; empty means <c>*</c>.</param>
public sealed record SpotVolatilityMatrixSpec(ImmutableArray<double> SpotMoves, ImmutableArray<double> VolatilityMoves, string Selector);
