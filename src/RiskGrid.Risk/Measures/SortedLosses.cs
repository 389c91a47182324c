namespace RiskGrid.Risk;

/// <summary>Value at risk and expected shortfall of one P&amp;L vector at one confidence.</summary>
/// <param name="ValueAtRisk">In the unit of the P&amp;L, positive for a loss, not floored at zero.</param>
/// <param name="ExpectedShortfall">The same unit and sign.</param>
/// <param name="IsBeyondSample">Fewer than one (effective) scenario is expected beyond the value at risk.</param>
public readonly record struct TailMeasure(double ValueAtRisk, double ExpectedShortfall, bool IsBeyondSample);

/// <summary>One tail of a P&amp;L vector in ascending order of its losses, with the scenario of each: equal losses in the order of their
/// scenarios, so that there is one order. Immutable and thread-safe.</summary>
public sealed class SortedLosses
{
    private readonly double[] _losses;
    private readonly int[] _scenarios;
    private readonly double[]? _weights;

    private SortedLosses(double[] losses, int[] scenarios, double[]? weights) => (_losses, _scenarios, _weights) = (losses, scenarios, weights);

    /// <summary>The losses −P&amp;L.</summary>
    /// <param name="pnl">P&amp;L per scenario; not changed.</param>
    /// <param name="scenarioWeights">The weight of each scenario, zero or above, normalised here; empty for equal weights.</param>
    /// <exception cref="ArgumentException">The vector is empty, a P&amp;L is not finite, a weight is negative or not finite, none is above
    /// zero, or there are not as many weights as scenarios.</exception>
    public static SortedLosses OfLossTail(ReadOnlySpan<double> pnl, ReadOnlySpan<double> scenarioWeights = default)
    {
        var losses = new double[pnl.Length];
        for (var i = 0; i < losses.Length; i++)
            losses[i] = TailMeasures.Loss(pnl, i);
        return Sort(losses, scenarioWeights);
    }

    /// <summary>The gains as if they were losses: the losses of whoever holds the opposite position.</summary>
    /// <inheritdoc cref="OfLossTail"/>
    public static SortedLosses OfGainTail(ReadOnlySpan<double> pnl, ReadOnlySpan<double> scenarioWeights = default)
    {
        var losses = new double[pnl.Length];
        for (var i = 0; i < losses.Length; i++)
            losses[i] = 0.0 - TailMeasures.Loss(pnl, i);
        return Sort(losses, scenarioWeights);
    }

    /// <summary>The losses, ascending.</summary>
    public ReadOnlySpan<double> Losses => _losses;

    /// <summary>The scenario of each loss.</summary>
    public ReadOnlySpan<int> Scenarios => _scenarios;

    /// <summary>The scenario weight of each loss, as given; empty for equal weights.</summary>
    public ReadOnlySpan<double> ScenarioWeights => _weights;

    /// <summary>The weights of these losses in the two measures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not between 0 and 1.</exception>
    public TailWeights Weigh(decimal confidence, QuantileRule rule = QuantileRule.Floor) =>
        _weights is null ? TailWeights.Of(_losses.Length, confidence, rule) : TailWeights.Of(_weights, confidence, rule);

    /// <summary>The two measures.</summary>
    /// <inheritdoc cref="Weigh"/>
    public TailMeasure Measure(decimal confidence, QuantileRule rule = QuantileRule.Floor) => Measure(Weigh(confidence, rule));

    /// <summary>The two measures under weights that were made for this number of scenarios (and these scenario weights).</summary>
    public TailMeasure Measure(TailWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var tail = _losses.AsSpan(weights.First);
        return new TailMeasure(weights.ValueAtRisk(tail), weights.ExpectedShortfall(tail), weights.IsBeyondSample);
    }

    private static SortedLosses Sort(double[] losses, ReadOnlySpan<double> scenarioWeights)
    {
        if (losses.Length == 0)
            throw new ArgumentException("a P&L vector needs at least one scenario");
        if (!scenarioWeights.IsEmpty && scenarioWeights.Length != losses.Length)
            throw new ArgumentException($"there are {scenarioWeights.Length} weights and {losses.Length} scenarios");
        var scenarios = new int[losses.Length];
        for (var i = 0; i < scenarios.Length; i++)
            scenarios[i] = i;
        Array.Sort(scenarios, (a, b) => losses[a].CompareTo(losses[b]) is var order && order != 0 ? order : a.CompareTo(b));
        var (sorted, weights) = (new double[losses.Length], scenarioWeights.IsEmpty ? null : new double[losses.Length]);
        if (weights is not null)
            _ = Risk.ScenarioWeights.Total(scenarioWeights);
        for (var i = 0; i < scenarios.Length; i++)
        {
            sorted[i] = losses[scenarios[i]];
            if (weights is not null)
                weights[i] = scenarioWeights[scenarios[i]];
        }

        return new SortedLosses(sorted, scenarios, weights);
    }
}
