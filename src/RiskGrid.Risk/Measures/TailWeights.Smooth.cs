namespace RiskGrid.Risk;

/// <content>Rules that spread a quantile over many losses: the weight of a loss is what a distribution F on [0, 1] gives to that loss's
/// share of the scenarios. For the shortfall F is the mean of the quantiles' own over the levels from q to 1.</content>
public sealed partial class TailWeights
{
    // Below this share of the weight a loss is left out: 1e-18 of a tail cannot move its sum by one unit in the last place.
    private const double Negligible = 1e-18;

    private static TailWeights HarrellDavis(int scenarios, decimal confidence)
    {
        var shares = new BetaShares(scenarios, scenarios, (double)confidence, (double)(1 - confidence));
        var first = FirstWeighed(shares);
        return Smooth(QuantileRule.HarrellDavis, confidence, shares, first, shares.Quantile(first), shares.TailMean(first));
    }

    private static TailWeights Smooth(ReadOnlySpan<double> weights, decimal confidence, double effective, QuantileRule rule)
    {
        var below = Below(weights);
        if (rule == QuantileRule.HarrellDavis)
        {
            var shares = new BetaShares(below, effective, (double)confidence, (double)(1 - confidence));
            var first = FirstWeighed(shares);
            return Smooth(rule, confidence, shares, first, shares.Quantile(first), shares.TailMean(first));
        }

        var (quantile, tail) = (new double[weights.Length], new double[weights.Length]);
        var (q, spread) = ((double)confidence, effective - 1);
        var from = q * spread;
        for (var i = 0; i < weights.Length; i++)
        {
            var (low, high) = (below[i].Low * effective, i + 1 < below.Length ? below[i + 1].Low * effective : effective);
            quantile[i] = Ramp(high - from) - Ramp(low - from);
            tail[i] = spread < TieTolerance ? quantile[i] : RampMean(high, from, spread) - RampMean(low, from, spread);
        }

        var start = 0;
        while (start + 1 < weights.Length && quantile[start] == 0 && tail[start] == 0)
            start++;
        return new TailWeights(rule, confidence, weights.Length, effective, start, Part(quantile, start), Part(tail, start));
    }

    private static TailWeights Smooth(QuantileRule rule, decimal confidence, BetaShares shares, int first, double[] quantile, double[] tail) =>
        new(rule, confidence, shares.Count, shares.Effective, first, Part(quantile, 0), Part(tail, 0));

    // Divided by their own sum, which is 1 up to rounding and to what was left out.
    private static (double[] Raw, double Total) Part(double[] weights, int start)
    {
        var part = weights[start..];
        var total = 0.0;
        foreach (var weight in part)
            total += weight;
        return (part, total);
    }

    /// <summary>The first loss below whose end the quantile's distribution is not negligible.</summary>
    private static int FirstWeighed(BetaShares shares)
    {
        var (low, high) = (0, shares.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (shares.QuantileBelow(middle + 1) > Negligible)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>The share of the weight below each loss, and that from it on, each added from its own end.</summary>
    private static (double Low, double High)[] Below(ReadOnlySpan<double> weights)
    {
        var total = ScenarioWeights.Total(weights);
        var below = new (double Low, double High)[weights.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            below[i].Low = sum / total;
            sum += weights[i];
        }

        sum = 0;
        for (var i = weights.Length - 1; i >= 0; i--)
        {
            sum += weights[i];
            below[i].High = sum / total;
        }

        return below;
    }

    private static double Ramp(double x) => x <= 0 ? 0 : x >= 1 ? 1 : x;

    /// <summary>The mean of Ramp(x − v) over v from <paramref name="from"/> to <paramref name="to"/>.</summary>
    private static double RampMean(double x, double from, double to) => (RampIntegral(x - from) - RampIntegral(x - to)) / (to - from);

    private static double RampIntegral(double x) => x <= 0 ? 0 : x >= 1 ? x - 0.5 : 0.5 * x * x;
}
