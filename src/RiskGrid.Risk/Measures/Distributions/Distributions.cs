namespace RiskGrid.Risk;

/// <summary>The chi-square distribution: gamma with shape ν/2 and scale 2 (DLMF 8.2, Abramowitz and Stegun 26.4.1).</summary>
internal static class ChiSquare
{
    /// <summary>P(X ≤ x).</summary>
    public static double Cdf(double x, double degreesOfFreedom) => GammaFunction.Lower(degreesOfFreedom / 2, x / 2);

    /// <summary>P(X &gt; x): the p-value of a test statistic.</summary>
    public static double Survival(double x, double degreesOfFreedom) => GammaFunction.Upper(degreesOfFreedom / 2, x / 2);
}

/// <summary>The binomial distribution of n trials with success probability p (Abramowitz and Stegun 26.5.24).</summary>
internal static class Binomial
{
    /// <summary>P(X ≤ k).</summary>
    public static double Cdf(long k, long n, double p) => k < 0 ? 0 : k >= n ? 1 : BetaFunction.Lower(n - k, k + 1, 1 - p, p);

    /// <summary>P(X &gt; k).</summary>
    public static double Survival(long k, long n, double p) => k < 0 ? 1 : k >= n ? 0 : BetaFunction.Lower(k + 1, n - k, p, 1 - p);
}

/// <summary>Student's t distribution (Abramowitz and Stegun 26.7.1).</summary>
internal static class StudentT
{
    /// <summary>P(T ≤ t).</summary>
    public static double Cdf(double t, double degreesOfFreedom)
    {
        var square = t * t;
        var sum = degreesOfFreedom + square;
        var tail = 0.5 * BetaFunction.Lower(degreesOfFreedom / 2, 0.5, degreesOfFreedom / sum, square / sum);
        return t > 0 ? 1 - tail : tail;
    }

    /// <summary>The quantile: bisection of the distribution function down to neighbouring doubles.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <param name="degreesOfFreedom">ν, above 0.</param>
    public static double Quantile(double probability, double degreesOfFreedom)
    {
        if (probability == 0.5)
            return 0;
        if (probability > 0.5)
            return -Quantile(1 - probability, degreesOfFreedom);
        var (low, high) = (-1.0, 0.0);
        while (Cdf(low, degreesOfFreedom) > probability)
            (low, high) = (low * 2, low);
        while (true)
        {
            var middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
                return high;
            if (Cdf(middle, degreesOfFreedom) < probability)
                low = middle;
            else
                high = middle;
        }
    }
}
