namespace RiskGrid.Risk;

/// <summary>The regularised incomplete beta function Iₓ(a, b).</summary>
/// <remarks>Continued fraction DLMF 8.17.22, on the side of the mean where it converges fast; its factor after Loader
/// (<see cref="StirlingError"/>), so that large a and b lose no digits. Tested to 1e-12 against 50-digit values.</remarks>
internal static class BetaFunction
{
    /// <summary>Iₓ(a, b), for a and b above zero.</summary>
    public static double Lower(double a, double b, double x) => Lower(a, b, x, 1 - x);

    /// <summary>Iₓ(a, b) where the caller knows <paramref name="y"/> = 1 − x better than a subtraction does.</summary>
    public static double Lower(double a, double b, double x, double y)
    {
        if (x <= 0)
            return 0;
        if (y <= 0)
            return 1;
        return x * (a + b + 2) <= a + 1 ? Tail(a, b, x, y) : 1 - Tail(b, a, y, x);
    }

    /// <summary>1 − Iₓ(a, b), accurate where it is small.</summary>
    public static double Upper(double a, double b, double x, double y) => Lower(b, a, y, x);

    private static double Tail(double a, double b, double x, double y)
    {
        var front = StirlingError.BetaTerm(a, b, x, y) / a;
        if (front == 0)
            return 0;
        var d = 1 / ContinuedFraction.NotZero(1 - ((a + b) * x / (a + 1)));
        var (c, h) = (1.0, d);
        for (var m = 1; ; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / ContinuedFraction.NotZero(1 + (even * d));
            c = ContinuedFraction.NotZero(1 + (even / c));
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / ContinuedFraction.NotZero(1 + (odd * d));
            c = ContinuedFraction.NotZero(1 + (odd / c));
            var factor = d * c;
            h *= factor;
            if (ContinuedFraction.Converged(factor, m))
                return front * h;
        }
    }
}
