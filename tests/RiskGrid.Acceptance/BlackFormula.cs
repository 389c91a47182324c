namespace RiskGrid.Acceptance;

/// <summary>The price of a European option on a forward, written down once more and apart from the kernels.</summary>
/// <remarks>Fischer Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177. The normal distribution by
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.11 (series) and 26.2.14 (continued fraction).</remarks>
internal static class BlackFormula
{
    private const double SeriesUpTo = 4;
    private const int FractionTerms = 200;

    public static double Price(bool isCall, double forward, double strike, double discount, double time, double volatility)
    {
        var deviation = volatility * Math.Sqrt(time);
        var d1 = (Math.Log(forward / strike) / deviation) + (deviation / 2);
        var d2 = d1 - deviation;
        return isCall
            ? discount * ((forward * Normal(d1)) - (strike * Normal(d2)))
            : discount * ((strike * Normal(-d2)) - (forward * Normal(-d1)));
    }

    private static double Normal(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (Math.Abs(x) <= SeriesUpTo)
        {
            var (sum, term) = (0.0, x);
            for (var n = 1; sum + term != sum; n += 2)
            {
                sum += term;
                term *= x * x / (n + 2);
            }

            return 0.5 + (density * sum);
        }

        var fraction = Math.Abs(x);
        for (var n = FractionTerms; n >= 1; n--)
            fraction = Math.Abs(x) + (n / fraction);
        return x < 0 ? density / fraction : 1 - (density / fraction);
    }
}
