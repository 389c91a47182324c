namespace RiskGrid.Risk;

/// <summary>The P&amp;L attribution test: how well risk-theoretical P&amp;L (from sensitivities, say) follows hypothetical P&amp;L (full revaluation).</summary>
/// <remarks>Basel Framework, MAR32 "Internal models approach: backtesting and P&amp;L attribution test requirements" (version of 2023),
/// on the PLA test: amber below a Spearman correlation of 0.80 or above a Kolmogorov-Smirnov distance of 0.09, red below 0.70 or above
/// 0.12.</remarks>
/// <param name="Days">How many days were compared.</param>
/// <param name="Spearman">The correlation of the ranks, equal values sharing their mean rank; null where one side never changes.</param>
/// <param name="KolmogorovSmirnov">The largest distance between the two empirical distribution functions.</param>
public readonly record struct PnlAttribution(int Days, double? Spearman, double KolmogorovSmirnov)
{
    private const double AmberCorrelation = 0.80;
    private const double RedCorrelation = 0.70;
    private const double AmberDistance = 0.09;
    private const double RedDistance = 0.12;

    /// <summary>The zone of a desk. A side that never changes has no ranks to follow and counts as red.</summary>
    public Zone Zone => Spearman is not { } correlation || correlation < RedCorrelation || KolmogorovSmirnov > RedDistance ? Zone.Red
        : correlation < AmberCorrelation || KolmogorovSmirnov > AmberDistance ? Zone.Amber
        : Zone.Green;

    /// <summary>Compares two series of daily P&amp;L.</summary>
    /// <exception cref="ArgumentException">Lengths differ or are zero, or a number is not finite.</exception>
    public static PnlAttribution Of(ReadOnlySpan<double> hypothetical, ReadOnlySpan<double> riskTheoretical)
    {
        if (hypothetical.Length != riskTheoretical.Length || hypothetical.IsEmpty)
            throw new ArgumentException($"there are {hypothetical.Length} hypothetical and {riskTheoretical.Length} risk-theoretical P&Ls; one pair a day is needed");
        var (first, second) = (Sorted(hypothetical), Sorted(riskTheoretical));
        return new PnlAttribution(hypothetical.Length, Correlation(Ranks(hypothetical, first), Ranks(riskTheoretical, second)), Distance(first, second));
    }

    private static double[] Sorted(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException($"a P&L is {value}; only finite numbers have an order");
        }

        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Twice the mean rank of each value, so that ranks stay whole numbers.</summary>
    private static double[] Ranks(ReadOnlySpan<double> values, double[] sorted)
    {
        var ranks = new double[values.Length];
        for (var i = 0; i < ranks.Length; i++)
            ranks[i] = Below(sorted, values[i], inclusive: false) + Below(sorted, values[i], inclusive: true);
        return ranks;
    }

    private static double? Correlation(double[] x, double[] y)
    {
        // Twice the mean rank of n values, counted from ½, adds up to n²: whole numbers up to 2⁵³ are exact.
        double n = x.Length, products = 0, squaresX = 0, squaresY = 0;
        for (var i = 0; i < x.Length; i++)
        {
            products += (x[i] - n) * (y[i] - n);
            squaresX += (x[i] - n) * (x[i] - n);
            squaresY += (y[i] - n) * (y[i] - n);
        }

        return squaresX > 0 && squaresY > 0 ? products / Math.Sqrt(squaresX * squaresY) : null;
    }

    private static double Distance(double[] first, double[] second)
    {
        var largest = 0;
        foreach (var value in (double[])[.. first, .. second])
            largest = Math.Max(largest, Math.Abs(Below(first, value, inclusive: true) - Below(second, value, inclusive: true)));
        return (double)largest / first.Length;
    }

    /// <summary>How many of the sorted values lie below (or at) a value.</summary>
    private static int Below(double[] sorted, double value, bool inclusive)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (inclusive && sorted[middle] == value))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
