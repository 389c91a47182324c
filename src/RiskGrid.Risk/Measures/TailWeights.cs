namespace RiskGrid.Risk;

/// <summary>
/// The weight that each ordered loss of a P&amp;L vector has in its value at risk and in its expected shortfall: VaR = Σ v[i]·L[i] and
/// ES = Σ e[i]·L[i] over the losses L ascending from <see cref="First"/> on (all before have none).
/// </summary>
/// <remarks>
/// The same weights, put on another vector's losses in the same scenarios, give that vector's component of the measure (Euler:
/// D. Tasche, "Risk contributions and performance measurement" (1999), section 4): both are linear in the losses once the order is
/// fixed, so components add up. Immutable and thread-safe.
/// </remarks>
public sealed partial class TailWeights
{
    private readonly double[] _valueAtRisk;
    private readonly double[] _shortfall;

    // Raw weights and one division at the end: the floor rule's mean keeps the bits of a plain sum divided by its count.
    private readonly double _valueAtRiskTotal;
    private readonly double _shortfallTotal;

    private TailWeights(
        QuantileRule rule, decimal confidence, int scenarios, double effective, int first, (double[] Raw, double Total) valueAtRisk, (double[] Raw, double Total) shortfall)
    {
        (Rule, Confidence, Scenarios, EffectiveScenarios, First) = (rule, confidence, scenarios, effective, first);
        (_valueAtRisk, _valueAtRiskTotal) = valueAtRisk;
        (_shortfall, _shortfallTotal) = shortfall;
    }

    /// <summary>The rule.</summary>
    public QuantileRule Rule { get; }

    /// <summary>q, between 0 and 1.</summary>
    public decimal Confidence { get; }

    /// <summary>N, how many scenarios there are.</summary>
    public int Scenarios { get; }

    /// <summary>N, or with scenario weights Kish's effective number.</summary>
    public double EffectiveScenarios { get; }

    /// <summary>The position, among the losses in ascending order, of the first that has a weight.</summary>
    public int First { get; }

    /// <summary>How many of the largest losses are needed: <see cref="Scenarios"/> − <see cref="First"/>.</summary>
    public int Count => Scenarios - First;

    /// <summary>True when fewer than one (effective) scenario is expected beyond the value at risk: both measures then rest on the
    /// largest loss alone and understate a tail that the scenarios do not show.</summary>
    public bool IsBeyondSample => (double)(1 - Confidence) * EffectiveScenarios < BeyondOne;

    // An effective number is rounded; (1 − 0.99)·100 is one scenario.
    private const double BeyondOne = 1 - 1e-12;

    /// <summary>The weights of equally weighted scenarios.</summary>
    /// <param name="scenarios">N, above zero.</param>
    /// <param name="confidence">q, above 0 and below 1, an exact decimal.</param>
    /// <param name="rule">The quantile rule.</param>
    /// <exception cref="ArgumentException">N is not above zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not between 0 and 1, or there is no such rule.</exception>
    public static TailWeights Of(int scenarios, decimal confidence, QuantileRule rule = QuantileRule.Floor)
    {
        var index = TailMeasures.TailIndex(scenarios, confidence);
        return rule switch
        {
            QuantileRule.Floor => Floor(scenarios, confidence, index),
            QuantileRule.Linear => Linear(scenarios, confidence),
            QuantileRule.HarrellDavis => HarrellDavis(scenarios, confidence),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "there is no such quantile rule"),
        };
    }

    /// <summary>The weights of scenarios that have weights of their own.</summary>
    /// <param name="sortedWeights">The scenario weight of each loss in ascending order of the losses; zero or above, normalised here.</param>
    /// <param name="confidence">q, above 0 and below 1, an exact decimal.</param>
    /// <param name="rule">The quantile rule. Linear and Harrell-Davis are generalised by Kish's effective number in place of N:
    /// A. Akinshin, "Weighted quantile estimators" (2023), sections 3 and 4.</param>
    /// <exception cref="ArgumentException">There is no weight, or one is negative or not finite, or none is above zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not between 0 and 1, or there is no such rule.</exception>
    public static TailWeights Of(ReadOnlySpan<double> sortedWeights, decimal confidence, QuantileRule rule = QuantileRule.Floor)
    {
        _ = TailMeasures.TailIndex(sortedWeights.Length, confidence);
        var effective = ScenarioWeights.EffectiveNumber(sortedWeights);
        return rule switch
        {
            QuantileRule.Floor => Floor(sortedWeights, confidence, effective),
            QuantileRule.Linear or QuantileRule.HarrellDavis => Smooth(sortedWeights, confidence, effective, rule),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "there is no such quantile rule"),
        };
    }

    /// <summary>The value at risk.</summary>
    /// <param name="tail">The losses from <see cref="First"/> on: the node's own in ascending order, or another's in the same scenarios
    /// for its component.</param>
    /// <exception cref="ArgumentException">The length is not <see cref="Count"/>.</exception>
    public double ValueAtRisk(ReadOnlySpan<double> tail) => Mean(tail, _valueAtRisk, _valueAtRiskTotal);

    /// <summary>The expected shortfall.</summary>
    /// <inheritdoc cref="ValueAtRisk"/>
    public double ExpectedShortfall(ReadOnlySpan<double> tail) => Mean(tail, _shortfall, _shortfallTotal);

    /// <summary>The weight of the loss at a position (from zero, ascending) in the value at risk; all add up to 1.</summary>
    public double InValueAtRisk(int position) => position < First ? 0 : _valueAtRisk[position - First] / _valueAtRiskTotal;

    /// <summary>The weight of the loss at a position (from zero, ascending) in the expected shortfall; all add up to 1.</summary>
    public double InExpectedShortfall(int position) => position < First ? 0 : _shortfall[position - First] / _shortfallTotal;

    // Added in ascending order, one by one: one fixed order whatever the vector width.
    private double Mean(ReadOnlySpan<double> tail, double[] weights, double total)
    {
        if (tail.Length != Count)
            throw new ArgumentException($"the tail holds {tail.Length} losses and must hold the {Count} from position {First} on", nameof(tail));
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] != 0)
                sum += weights[i] * tail[i];
        }

        return sum / total;
    }
}
