namespace RiskGrid.Risk.Runs;

/// <summary>How many of the largest losses a vector must keep for given measures.</summary>
public static class TailDepth
{
    /// <summary>K for equally weighted scenarios: from the first loss that has a weight in a measure, or that the lower end of an interval
    /// may be, to the largest. Weighted scenarios need whole vectors: where their tail begins is known only when they are sorted.</summary>
    /// <param name="scenarios">N, above zero.</param>
    /// <param name="confidences">The confidences; at least one.</param>
    /// <param name="rule">The quantile rule.</param>
    /// <param name="intervalLevel">The level of the interval around each quantile; null for none.</param>
    /// <param name="antithetic">Scenarios 2k and 2k + 1 are a pair.</param>
    /// <returns>1 to N.</returns>
    /// <exception cref="ArgumentException">N is not above zero, or there is no confidence.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A confidence or the level is not between 0 and 1.</exception>
    public static int Of(int scenarios, ReadOnlySpan<decimal> confidences, QuantileRule rule, decimal? intervalLevel, bool antithetic)
    {
        if (confidences.IsEmpty)
            throw new ArgumentException("at least one confidence is needed", nameof(confidences));
        var depth = 1;
        foreach (var confidence in confidences)
        {
            depth = Math.Max(depth, scenarios - TailWeights.Of(scenarios, confidence, rule).First);
            depth = Math.Max(depth, scenarios - TailMeasures.TailIndex(scenarios, confidence));
            if (intervalLevel is { } level)
                depth = Math.Max(depth, RankInterval.TailNeeded(scenarios, confidence, antithetic && scenarios % 2 == 0, (double)level));
        }

        return depth;
    }
}
