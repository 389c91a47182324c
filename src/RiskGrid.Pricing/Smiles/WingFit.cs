using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Smiles;

/// <summary>Chooses the slope of a wing.</summary>
/// <remarks>With w = σ²t linear in k the density of the underlying is proportional to
/// g(k) = (1 − k·w'/(2w))² − w'²/4·(1/w + 1/4): V. Durrleman, in J. Gatheral and A. Jacquier, Arbitrage-free SVI volatility surfaces,
/// Quantitative Finance 14 (2014) p. 59, section 2.2. It must not be negative anywhere on the wing.</remarks>
internal static class WingFit
{
    private const double Steepest = 2;

    // The steepest wing leaves this share of its slope unused, so that rounding cannot make its density negative.
    private const double Margin = 1e-6;

    // Where a density is looked at: up to this many times the junction's distance from the forward, in steps.
    private const double Reach = 3;
    private const int Steps = 16;

    /// <summary>The wing that begins at a strike, and the outward slope that the spline itself has there.</summary>
    public static (SmileWing Wing, double SplineSlope) At(ConvexSpline spline, double time, double strike, SliceSmile? before)
    {
        var side = NormalisedBlack.SideOf(strike);
        var sign = (double)side;
        var (value, slope) = spline.Evaluate(strike);
        Span<double> volatility = [0];
        NormalisedBlack.Volatility([strike], [value], time, volatility);
        var deviation = volatility[0] * Math.Sqrt(time);
        var k = Elementary.Log(strike);
        var d2 = (-k / deviation) - (0.5 * deviation);
        // Price slope = slope at fixed volatility + vega · slope of the volatility.
        var fixedSlope = -sign * Elementary.NormalCdf(sign * d2);
        var vega = Elementary.NormalPdf(d2 + deviation);
        var variance = deviation * deviation;
        var splineSlope = sign * 2 * deviation * strike * (slope - fixedSlope) / vega;
        var wanted = Math.Max(splineSlope, before is null ? 0 : Calendar(before, k, variance));
        var outwards = Math.Clamp(wanted, 0, SteepestAt(k, variance));
        return (new SmileWing(strike, k, variance, sign * outwards), splineSlope);
    }

    /// <summary>The steepest outward slope that keeps the density of the whole wing from going negative.</summary>
    public static double SteepestAt(double k, double variance)
    {
        // Where g is zero at the junction; further out g grows as long as the wing's line meets zero before the forward.
        var slope = Math.Min(Steepest, 2 / ((Math.Abs(k) / variance) + Math.Sqrt((1 / variance) + 0.25)));
        for (var step = 1; step <= Steps; step++)
        {
            var distance = Math.Abs(k) * Reach * step / Steps;
            while (Density(Math.Abs(k) + distance, variance + (slope * distance), slope) < 0)
                slope *= 0.99;
        }

        return (1 - Margin) * slope;
    }

    private static double Density(double k, double variance, double slope)
    {
        var first = 1 - (k * slope / (2 * variance));
        return first < 0 ? -1 : (first * first) - (slope * slope / 4 * ((1 / variance) + 0.25));
    }

    // The least outward slope at which this wing lies nowhere below the earlier slice's smile where that one is quoted.
    private static double Calendar(SliceSmile before, double k, double variance)
    {
        var end = k < 0 ? before.Left.LogStrike : before.Right.LogStrike;
        var beyond = Math.Abs(end) - Math.Abs(k);
        if (beyond <= 0)
            return 0;
        Span<double> moneyness = stackalloc double[Steps];
        Span<double> volatility = stackalloc double[Steps];
        for (var step = 1; step <= Steps; step++)
            moneyness[step - 1] = Elementary.Exp(k + ((end - k) * step / Steps));
        before.Volatility(moneyness, volatility);
        var least = 0.0;
        for (var step = 1; step <= Steps; step++)
        {
            var earlier = volatility[step - 1] * volatility[step - 1] * before.Time;
            least = Math.Max(least, (earlier - variance) / (beyond * step / Steps));
        }

        return least;
    }
}
