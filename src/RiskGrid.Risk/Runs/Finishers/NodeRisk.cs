using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>What every node is worth and holds at the frozen market.</summary>
/// <param name="Trades">Live trades per node.</param>
/// <param name="Values">Mark-to-market per node, in the reporting currency.</param>
public sealed record NodeBases(ImmutableArray<int> Trades, ImmutableArray<double> Values)
{
    /// <summary>Adds up the books' numbers: children in name order.</summary>
    /// <param name="tree">The nodes.</param>
    /// <param name="trades">Live trades per book of <see cref="RunTree.Books"/>.</param>
    /// <param name="values">Mark-to-market per book.</param>
    /// <exception cref="ArgumentException">There is not one number per book.</exception>
    public static NodeBases Of(RunTree tree, ReadOnlySpan<int> trades, ReadOnlySpan<double> values)
    {
        var counts = new double[trades.Length];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = trades[i];
        return new NodeBases([.. tree.SumUp(counts).Select(c => (int)c)], [.. tree.SumUp(values)]);
    }
}

/// <summary>The value at risk and expected shortfall of one node under one leg.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="IsEmpty">True when the node holds no trade: every number is zero.</param>
/// <param name="Failure">Why there are no measures; null when there are.</param>
/// <param name="EffectiveScenarios">Kish's effective number of scenarios; N when all weigh the same.</param>
/// <param name="Measures">One per confidence, in the order asked for; empty when the node failed.</param>
public sealed record NodeRisk(
    int Node, bool IsEmpty, string? Failure, double EffectiveScenarios, ImmutableArray<RiskMeasure> Measures);

/// <summary>A confidence interval of a quantile, in the reporting currency.</summary>
/// <param name="Lower">Lower end; null where the sample is too small to have one.</param>
/// <param name="Upper">Upper end; null where the sample is too small to have one.</param>
/// <param name="Level">The level asked for.</param>
/// <param name="Coverage">The probability that the interval holds the quantile; see <see cref="RankInterval"/>.</param>
public sealed record RiskInterval(double? Lower, double? Upper, decimal Level, double Coverage);

/// <summary>Value at risk and expected shortfall at one confidence: positive for a loss, never floored at zero, in the reporting
/// currency.</summary>
/// <param name="Confidence">q.</param>
/// <param name="ValueAtRisk">The quantile of the losses.</param>
/// <param name="ExpectedShortfall">The mean loss of the tail.</param>
/// <param name="IsBeyondSample">Fewer than one (effective) scenario is expected beyond the value at risk.</param>
/// <param name="Interval">Around the value at risk; null where none was asked for, or scenarios are weighted.</param>
/// <param name="ShortfallStandardError">Of the expected shortfall; null as for the interval, and for other rules than floor.</param>
/// <param name="Children">One part per child in name order; components add up to the node's own measure.</param>
/// <param name="Classes">One part per factor class, then <c>interaction</c>, the rest: the classes' moves do not add up to the whole move's
/// effect. Empty where no class was moved alone.</param>
/// <param name="Scenarios">The scenarios that carry the value at risk, the heaviest first, at most <see cref="CarriersKept"/>.</param>
public sealed record RiskMeasure(
    decimal Confidence,
    double ValueAtRisk,
    double ExpectedShortfall,
    bool IsBeyondSample,
    RiskInterval? Interval,
    double? ShortfallStandardError,
    ImmutableArray<RiskComponent> Children,
    ImmutableArray<RiskComponent> Classes,
    ImmutableArray<int> Scenarios)
{
    /// <summary>How many carrying scenarios are named.</summary>
    public const int CarriersKept = 5;
}

/// <summary>What one part of a node has to do with the node's risk. A number that does not exist for the part is null.</summary>
/// <param name="Name">A child's path, a factor class, <c>interaction</c> or a trade id.</param>
public sealed record RiskComponent(string Name)
{
    /// <summary>The rest when only one factor class moves at a time.</summary>
    public const string Interaction = "interaction";

    /// <summary>Mean of the part's losses under the weights that the node's ordered losses have in its value at risk: Euler's
    /// allocation, D. Tasche, "Risk contributions and performance measurement" (1999), section 4.</summary>
    public double? ComponentVar { get; init; }

    /// <summary>The same for the expected shortfall.</summary>
    public double? ComponentEs { get; init; }

    /// <summary>Component value at risk per unit of the child's mark-to-market; null when that is zero, and for parts that are no
    /// children.</summary>
    public double? MarginalVar { get; init; }

    /// <summary>The same for the expected shortfall.</summary>
    public double? MarginalEs { get; init; }

    /// <summary>The node's value at risk less that of the node without the part.</summary>
    public double? IncrementalVar { get; init; }

    /// <summary>The same for the expected shortfall.</summary>
    public double? IncrementalEs { get; init; }

    /// <summary>The part's own value at risk.</summary>
    public double? StandaloneVar { get; init; }

    /// <summary>The part's own expected shortfall.</summary>
    public double? StandaloneEs { get; init; }
}
