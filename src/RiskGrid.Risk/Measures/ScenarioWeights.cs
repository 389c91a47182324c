namespace RiskGrid.Risk;

/// <summary>The weights of scenarios: how they are checked, and how many equally weighted scenarios they are worth.</summary>
public static class ScenarioWeights
{
    /// <summary>Kish's effective number of scenarios, (Σw)²/Σw²: N for equal weights, 1 when one scenario has all.</summary>
    /// <remarks>L. Kish, Survey Sampling (1965), section 11.7.</remarks>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or none is above zero.</exception>
    public static double EffectiveNumber(ReadOnlySpan<double> weights)
    {
        var total = Total(weights);
        var squares = 0.0;
        foreach (var weight in weights)
        {
            var share = weight / total;
            squares += share * share;
        }

        return 1 / squares;
    }

    /// <summary>The sum, added in the order given.</summary>
    /// <inheritdoc cref="EffectiveNumber"/>
    internal static double Total(ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0)
                throw new ArgumentException($"the weight of scenario {i} is {weights[i]:R}; a weight is a finite number, zero or above");
            total += weights[i];
        }

        if (total <= 0)
            throw new ArgumentException("no scenario has a weight above zero");
        return double.IsFinite(total) ? total : throw new ArgumentException("the weights add up to more than a double holds");
    }
}
