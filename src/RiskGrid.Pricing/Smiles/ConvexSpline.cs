namespace RiskGrid.Pricing.Smiles;

/// <summary>A curve of call prices in strike, convex everywhere: a natural cubic spline whose second derivative is nowhere negative.</summary>
/// <remarks>
/// Prices and strikes are in units of the forward, prices undiscounted. The spline is held as out-of-the-money values (a put below the
/// forward, a call above it), the call's value less its intrinsic value, so that a far wing keeps its digits. The second derivative is
/// linear between knots: convex at the knots is convex everywhere. M. R. Fengler, Arbitrage-free smoothing of the implied volatility
/// surface, Quantitative Finance 9 (2009) p. 417, sections 3.1 and 3.2. Immutable.
/// </remarks>
internal sealed class ConvexSpline
{
    private readonly double[] _knots;
    private readonly double[] _values;
    private readonly double[] _curvatures;

    /// <param name="knots">Strikes over forward, increasing.</param>
    /// <param name="values">Out-of-the-money values at the knots.</param>
    /// <param name="curvatures">Second derivatives at the knots, none below zero, zero at both ends.</param>
    public ConvexSpline(double[] knots, double[] values, double[] curvatures)
    {
        _knots = knots;
        _values = values;
        _curvatures = curvatures;
    }

    public ReadOnlySpan<double> Knots => _knots;

    public ReadOnlySpan<double> Values => _values;

    public ReadOnlySpan<double> Curvatures => _curvatures;

    public static double Intrinsic(double strike) => Math.Max(1 - strike, 0);

    /// <summary>The out-of-the-money value and its slope in strike, between the first and the last knot; at the forward the slope is the call's.</summary>
    public (double Value, double Slope) Evaluate(double strike)
    {
        var right = Array.BinarySearch(_knots, strike);
        if (right < 0)
            right = ~right;
        right = Math.Clamp(right, 1, _knots.Length - 1);
        var left = right - 1;
        var width = _knots[right] - _knots[left];
        var a = (_knots[right] - strike) / width;
        var b = (strike - _knots[left]) / width;
        var value = (a * _values[left]) + (b * _values[right])
            + ((((a * a * a) - a) * _curvatures[left]) + (((b * b * b) - b) * _curvatures[right])) * width * width / 6;
        var slope = ((_values[right] - _values[left]) / width)
            + ((((1 - (3 * a * a)) * _curvatures[left]) + (((3 * b * b) - 1) * _curvatures[right])) * width / 6);
        if (_knots[left] < 1 && _knots[right] > 1)
        {
            // The intrinsic value has its kink inside this interval.
            value += (a * Intrinsic(_knots[left])) - Intrinsic(strike);
            slope += (-Intrinsic(_knots[left]) / width) + (strike < 1 ? 1 : 0);
        }

        return (value, slope);
    }
}
