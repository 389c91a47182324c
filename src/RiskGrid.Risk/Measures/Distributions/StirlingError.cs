using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>The two pieces from which gamma, beta and binomial probabilities are put together without cancelling large logarithms.</summary>
/// <remarks>C. Loader, "Fast and accurate computation of binomial probabilities" (2000), sections 2 and 3; the series of the error of
/// Stirling's formula: DLMF 5.11.1. Fixed operation order over <see cref="Elementary"/>: the same bits everywhere.</remarks>
internal static class StirlingError
{
    /// <summary>ln √(2π).</summary>
    public const double HalfLogTwoPi = 0.91893853320467274178;

    private const double TwoPi = 6.283185307179586477;

    // The seventh term is below 1.5e-18 from here on.
    private const double SeriesFrom = 16;

    /// <summary>δ(z) = ln Γ(z) − (z − ½) ln z + z − ½ ln 2π, for z above zero.</summary>
    public static double Of(double z)
    {
        var shift = 0.0;
        for (; z < SeriesFrom; z++)
            shift += Step(z);
        var r = 1 / z;
        var s = r * r;
        var series = r * ((1.0 / 12) - (s * ((1.0 / 360) - (s * ((1.0 / 1260) - (s * ((1.0 / 1680)
            - (s * ((1.0 / 1188) - (s * ((691.0 / 360360) - (s / 156))))))))))));
        return shift + series;
    }

    /// <summary>x ln(x/m) + m − x, the deviance of x from its mean m: zero at x = m, never negative.</summary>
    public static double Deviance(double x, double m)
    {
        if (x == 0)
            return m;
        if (Math.Abs(x - m) >= 0.1 * (x + m))
            return (x * Elementary.Log(x / m)) + m - x;
        var v = (x - m) / (x + m);
        var sum = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 3; ; j += 2)
        {
            term *= v * v;
            var next = sum + (term / j);
            if (next == sum)
                return sum;
            sum = next;
        }
    }

    /// <summary>xᵃ e⁻ˣ / Γ(a + 1).</summary>
    public static double GammaTerm(double a, double x) => Elementary.Exp(-Deviance(a, x) - Of(a)) / Math.Sqrt(TwoPi * a);

    /// <summary>xᵃ yᵇ / B(a, b) with y = 1 − x.</summary>
    public static double BetaTerm(double a, double b, double x, double y) => BetaTerm(a, b, x, y, BetaScale(a, b));

    /// <summary>The same, with <see cref="BetaScale"/> at hand.</summary>
    public static double BetaTerm(double a, double b, double x, double y, double scale) =>
        Elementary.Exp(-Deviance(a, (a + b) * x) - Deviance(b, (a + b) * y)) * scale;

    /// <summary>What of it does not depend on x.</summary>
    public static double BetaScale(double a, double b) => Elementary.Exp(Of(a + b) - Of(a) - Of(b)) * Math.Sqrt(a / (a + b) * b / TwoPi);

    // δ(z) − δ(z + 1) = (z + ½) ln(1 + 1/z) − 1, as u²/3 + u⁴/5 + … with u = 1/(2z + 1) where that converges fast.
    private static double Step(double z)
    {
        if (z < 0.5)
            return ((z + 0.5) * (Elementary.Log(z + 1) - Elementary.Log(z))) - 1;
        var u = 1 / ((2 * z) + 1);
        var (square, power, sum) = (u * u, u * u, 0.0);
        for (var j = 3; ; j += 2)
        {
            var next = sum + (power / j);
            if (next == sum)
                return sum;
            sum = next;
            power *= square;
        }
    }
}
