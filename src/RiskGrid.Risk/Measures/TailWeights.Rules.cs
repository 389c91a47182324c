namespace RiskGrid.Risk;

/// <content>The floor rule, and linear interpolation of equally weighted losses: closed forms with q·N in exact decimals.</content>
public sealed partial class TailWeights
{
    // Weights that were normalised before they came here add up to a tie only up to rounding: a tail this close to 1 − q is one.
    private const double TieTolerance = 1e-12;

    private static TailWeights Floor(int scenarios, decimal confidence, int index)
    {
        var shortfall = new double[scenarios - index];
        Array.Fill(shortfall, 1);
        var valueAtRisk = new double[shortfall.Length];
        valueAtRisk[0] = 1;
        return new TailWeights(QuantileRule.Floor, confidence, scenarios, scenarios, index, (valueAtRisk, 1), (shortfall, shortfall.Length));
    }

    /// <summary>The first loss with less than 1 − q of the weight beyond it; with equal weights that is index ⌊qN⌋.</summary>
    private static TailWeights Floor(ReadOnlySpan<double> weights, decimal confidence, double effective)
    {
        var limit = (double)(1 - confidence) * ScenarioWeights.Total(weights) * (1 - TieTolerance);
        var index = weights.Length - 1;
        var beyond = 0.0;
        while (index > 0 && beyond + weights[index] < limit)
            beyond += weights[index--];
        var shortfall = weights[index..].ToArray();
        var valueAtRisk = new double[shortfall.Length];
        valueAtRisk[0] = 1;
        return new TailWeights(QuantileRule.Floor, confidence, weights.Length, effective, index, (valueAtRisk, 1), (shortfall, ScenarioWeights.Total(shortfall)));
    }

    /// <summary>Position h = (N − 1)q = k + g: (1 − g)·L[k] + g·L[k+1]; the integral of that broken line from h to N − 1, over its
    /// length.</summary>
    private static TailWeights Linear(int scenarios, decimal confidence)
    {
        var position = confidence * (scenarios - 1);
        var index = (int)decimal.Floor(position);
        if (scenarios == 1)
            return new TailWeights(QuantileRule.Linear, confidence, 1, 1, 0, ([1], 1), ([1], 1));
        var share = (double)(position - index);
        var count = scenarios - index;
        var (valueAtRisk, shortfall) = (new double[count], new double[count]);
        (valueAtRisk[0], valueAtRisk[1]) = ((double)(1 - (position - index)), share);
        shortfall[0] = 0.5 * valueAtRisk[0] * valueAtRisk[0];
        shortfall[1] = 0.5 * valueAtRisk[0] * (1 + share);
        for (var i = 1; i + 1 < count; i++)
        {
            shortfall[i] += 0.5;
            shortfall[i + 1] += 0.5;
        }

        return new TailWeights(QuantileRule.Linear, confidence, scenarios, scenarios, index, (valueAtRisk, 1), (shortfall, (double)(scenarios - 1 - position)));
    }
}
