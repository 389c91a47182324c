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
/// extreme strikes, Mathematical Finance 14 (2004) p. 469. It takes the spline's own slope at the junction where that lies between 0 and
/// 2 outwards. Immutable and safe to share between threads.
/// </remarks>
public sealed class SliceSmile
{
    private const double SteepestWing = 2;

    private readonly ConvexSpline _spline;

    internal SliceSmile(ConvexSpline spline, double time, double firstQuote, double lastQuote)
    {
        _spline = spline;
        Time = time;
        Left = Wing(firstQuote, OptionSide.Put);
        Right = Wing(lastQuote, OptionSide.Call);
    }

    /// <summary>Years to expiry.</summary>
    public double Time { get; }

    /// <summary>The wing below the lowest quoted strike.</summary>
    public SmileWing Left { get; }

    /// <summary>The wing above the highest quoted strike.</summary>
    public SmileWing Right { get; }

    /// <summary>Black volatilities per year.</summary>
    /// <param name="moneyness">Strikes over forward, above zero.</param>
    /// <param name="volatility">Receives one volatility per strike, finite and above zero.</param>
    public void Volatility(ReadOnlySpan<double> moneyness, Span<double> volatility)
    {
        var values = new double[moneyness.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = moneyness[i] >= Left.Strike && moneyness[i] <= Right.Strike ? _spline.Evaluate(moneyness[i]).Value : 0.5 * moneyness[i] / (1 + moneyness[i]);
        NormalisedBlack.Volatility(moneyness, values, Time, volatility);
        for (var i = 0; i < values.Length; i++)
        {
            if (moneyness[i] < Left.Strike)
                volatility[i] = Math.Sqrt(Left.At(Elementary.Log(moneyness[i])) / Time);
            else if (moneyness[i] > Right.Strike)
                volatility[i] = Math.Sqrt(Right.At(Elementary.Log(moneyness[i])) / Time);
        }
    }

    private SmileWing Wing(double strike, OptionSide side)
    {
        var (value, slope) = _spline.Evaluate(strike);
        Span<double> volatility = [0];
        NormalisedBlack.Volatility([strike], [value], Time, volatility);
        var deviation = volatility[0] * Math.Sqrt(Time);
        var k = Elementary.Log(strike);
        var d2 = (-k / deviation) - (0.5 * deviation);
        var sign = (double)side;
        // Price slope = slope at fixed volatility + vega · slope of the volatility.
        var fixedSlope = -sign * Elementary.NormalCdf(sign * d2);
        var vega = Elementary.NormalPdf(d2 + deviation);
        var variance = deviation * deviation;
        var varianceSlope = 2 * deviation * strike * (slope - fixedSlope) / vega;
        var outwards = Math.Clamp(sign * varianceSlope, 0, SteepestWing);
        return new SmileWing(strike, k, variance, sign * outwards);
    }
}
