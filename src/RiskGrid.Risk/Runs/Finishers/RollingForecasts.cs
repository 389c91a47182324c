using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>Value at risk and expected shortfall of a sliding window, for each of the entries after it.</summary>
/// <param name="ValueAtRisk">Per tested entry.</param>
/// <param name="Shortfall">Per tested entry.</param>
internal sealed record RollingForecasts(double[] ValueAtRisk, double[] Shortfall)
{
    /// <summary>One per confidence, for the last <paramref name="days"/> entries.</summary>
    public static RollingForecasts[] Of(ReadOnlySpan<double> pnl, int days, int window, ImmutableArray<TailWeights> weights)
    {
        var forecasts = Array.ConvertAll(weights.ToArray(), _ => new RollingForecasts(new double[days], new double[days]));
        var first = pnl.Length - days;

        // Kept sorted from day to day: one loss leaves, one comes.
        var sorted = new double[window];
        for (var i = 0; i < window; i++)
            sorted[i] = 0.0 - pnl[first - window + i];
        Array.Sort(sorted);
        for (var t = 0; t < days; t++)
        {
            for (var q = 0; q < weights.Length; q++)
            {
                var tail = sorted.AsSpan(weights[q].First);
                forecasts[q].ValueAtRisk[t] = weights[q].ValueAtRisk(tail);
                forecasts[q].Shortfall[t] = weights[q].ExpectedShortfall(tail);
            }

            Replace(sorted, 0.0 - pnl[first + t - window], 0.0 - pnl[first + t]);
        }

        return forecasts;
    }

    private static void Replace(double[] sorted, double leaves, double comes)
    {
        var at = Array.BinarySearch(sorted, leaves);
        while (at > 0 && sorted[at - 1] > comes)
        {
            sorted[at] = sorted[at - 1];
            at--;
        }

        while (at < sorted.Length - 1 && sorted[at + 1] < comes)
        {
            sorted[at] = sorted[at + 1];
            at++;
        }

        sorted[at] = comes;
    }
}
