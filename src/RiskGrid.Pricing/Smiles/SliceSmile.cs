using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Smiles;

/// <summary>One end of a smile: total variance linear in k = ln(K/F) beyond the last quoted strike.</summary>
/// <param name="Strike">The strike over forward at which the wing begins.</param>
/// <param name="LogStrike">Its logarithm.</param>
/// <param name="Variance">Total variance σ²t there.</param>
/// <param name="Slope">∂(σ²t)/∂k; at most 2 in size, never falling outwards.</param>
public readonly record struct SmileWing(double Strike, double LogStrike, double Variance, double Slope)
{
    /// <summary>Total variance at log-strike <paramref name="k"/> on this wing.</summary>
    public double At(double k) => Variance + (Slope * (k - LogStrike));
}

/// <summary>The smile of one slice: convex call prices between the outermost quotes, linear total variance in the wings.</summary>
/// <remarks>
/// A wing's slope is at most 2, the most that a finite first moment allows: R. W. Lee, The moment formula for implied volatility at
/// extreme strikes, Mathematical Finance 14 (2004) p. 469. It starts from the spline's own slope at the junction, so that prices go on
/// convex there. Immutable and safe to share between threads.
/// </remarks>
public sealed class SliceSmile
{
    private readonly ConvexSpline _spline;

    internal SliceSmile(ConvexSpline spline, double time, double firstQuote, double lastQuote, SliceSmile? before)
    {
        _spline = spline;
        Time = time;
        (Left, LeftSlope) = WingFit.At(spline, time, firstQuote, before);
        (Right, RightSlope) = WingFit.At(spline, time, lastQuote, before);
    }

    /// <summary>Years to expiry.</summary>
    public double Time { get; }

    /// <summary>The wing below the lowest quoted strike.</summary>
    public SmileWing Left { get; }

    /// <summary>The wing above the highest quoted strike.</summary>
    public SmileWing Right { get; }

    /// <summary>Outward slope of total variance that the spline has where the left wing begins.</summary>
    internal double LeftSlope { get; }

    /// <summary>Outward slope of total variance that the spline has where the right wing begins.</summary>
    internal double RightSlope { get; }

    /// <summary>Black volatilities per year.</summary>
    /// <param name="moneyness">Strikes over forward, above zero.</param>
    /// <param name="volatility">Receives one volatility per strike, finite and above zero.</param>
    public void Volatility(ReadOnlySpan<double> moneyness, Span<double> volatility)
    {
        var inner = new double[moneyness.Length];
        var values = new double[moneyness.Length];
        for (var i = 0; i < values.Length; i++)
        {
            // Strikes in the wings are solved at the junction first: the batch stays whole.
            inner[i] = Math.Clamp(moneyness[i], Left.Strike, Right.Strike);
            values[i] = _spline.Evaluate(inner[i]).Value;
        }

        NormalisedBlack.Volatility(inner, values, Time, volatility);
        for (var i = 0; i < values.Length; i++)
        {
            if (moneyness[i] < Left.Strike)
                volatility[i] = Math.Sqrt(Left.At(Elementary.Log(moneyness[i])) / Time);
            else if (moneyness[i] > Right.Strike)
                volatility[i] = Math.Sqrt(Right.At(Elementary.Log(moneyness[i])) / Time);
        }
    }
}
