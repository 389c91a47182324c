using RiskGrid.Kernels;

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

    /// <summary>The quantile: Newton's method, kept inside a bracket by bisection.</summary>
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
        var t = 0.5 * (low + high);
        while (true)
        {
            var excess = Cdf(t, degreesOfFreedom) - probability;
            (low, high) = excess < 0 ? (t, high) : (low, t);
            var next = t - (excess / Pdf(t, degreesOfFreedom));
            if (!(next > low && next < high))
                next = 0.5 * (low + high);
            if (next <= low || next >= high || Math.Abs(next - t) <= 1e-15 * Math.Abs(t))
                return next;
            t = next;
        }
    }

    /// <summary>The density.</summary>
    public static double Pdf(double t, double degreesOfFreedom)
    {
        var half = 0.5 * degreesOfFreedom;
        return Elementary.Exp(GammaFunction.Log(half + 0.5) - GammaFunction.Log(half) - (0.5 * Elementary.Log(degreesOfFreedom * Math.PI))
            - ((half + 0.5) * Elementary.Log(1 + (t * t / degreesOfFreedom))));
    }
}
