using System.Collections.Immutable;
using NodaTime;

namespace RiskGrid.Risk.Runs;

/// <summary>Value at risk and expected shortfall.</summary>
/// <param name="Method">How the distribution of P&amp;L comes about.</param>
public sealed record VarSpec(VarMethod Method) : RunKind
{
    /// <summary>Each above 0 and below 1; empty means 0.975 and 0.99, unless <see cref="Z"/> is given.</summary>
    public ImmutableArray<decimal> Confidences { get; init; } = [];

    /// <summary>The quantile rule.</summary>
    public QuantileRule QuantileRule { get; init; }

    /// <summary>Days, each 1 to 250; empty means 1.</summary>
    public ImmutableArray<int> HorizonsDays { get; init; } = [];

    /// <summary>Level of the interval around each quantile; 0 means 0.95.</summary>
    public decimal IntervalConfidence { get; init; }

    /// <summary>Components by child, and by factor class, at every node.</summary>
    public bool Decompose { get; init; }

    /// <summary>Also with only one class moving.</summary>
    public FactorClassMask FactorClasses { get; init; }

    /// <summary>Each node's risk with and without each child.</summary>
    public bool Incremental { get; init; }

    /// <summary>How many of the scope's largest contributors among the trades are named; at most 1,000.</summary>
    public int Contributors { get; init; }

    /// <summary>Standard normal quantiles in place of confidences; parametric only.</summary>
    public ImmutableArray<decimal> Z { get; init; } = [];
}

/// <summary>How the distribution of P&amp;L comes about.</summary>
public abstract record VarMethod
{
    private protected VarMethod()
    {
    }

    /// <summary>First day on which a move may end; null: the history's.</summary>
    public LocalDate? From { get; init; }

    /// <summary>Last day on which a move may end; null: the history's.</summary>
    public LocalDate? To { get; init; }

    /// <summary>Weight of a day against the one after it, above 0 and below 1; null: all days weigh the same.</summary>
    public double? Decay { get; init; }
}

/// <summary>Full revaluation under every day's joint move of the history.</summary>
public sealed record HistoricalMethod : VarMethod
{
    /// <summary>Volatility-filtered moves; null for the moves as they were.</summary>
    public HullWhiteSpec? HullWhite { get; init; }
}

/// <summary>Hull and White's filter: each move times today's volatility over that of its day.</summary>
/// <param name="Decay">Of the EWMA variance, above 0 and below 1.</param>
/// <param name="WarmUp">Days from which the first variance is taken, at least 2.</param>
public sealed record HullWhiteSpec(double Decay, int WarmUp);

/// <summary>Full revaluation under drawn moves with zero mean and the history's covariance.</summary>
/// <param name="Paths">1 to 10,000,000; even when antithetic.</param>
/// <param name="Seed">Names the random streams.</param>
public sealed record MonteCarloMethod(int Paths, ulong Seed) : VarMethod
{
    /// <summary>Of Student's t, at least 3; 0 means normal.</summary>
    public int DegreesOfFreedom { get; init; }

    /// <summary>Paths 2k and 2k + 1 are +z and −z.</summary>
    public bool Antithetic { get; init; }
}

/// <summary>P&amp;L = δ'x + ½x'Γx with normal x.</summary>
public sealed record ParametricMethod : VarMethod;
