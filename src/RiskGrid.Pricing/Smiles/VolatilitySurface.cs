using System.Collections.Immutable;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Smiles;

/// <summary>Smiles over time: between two slices total variance is linear in time at the same moneyness K/F.</summary>
/// <remarks>Before the first and after the last slice the volatility at a moneyness stays what it is there. Linear total variance at
/// fixed forward moneyness keeps calendar spreads free of arbitrage wherever the slices are: J. Gatheral, The Volatility Surface (2006),
/// chapter 3. Immutable and safe to share between threads.</remarks>
public sealed class VolatilitySurface
{
    private readonly ImmutableArray<SliceSmile> _smiles;

    /// <summary>Creates a surface.</summary>
    /// <param name="smiles">In order of time, times strictly increasing.</param>
    /// <exception cref="ValidationException">No smile, or times that do not increase.</exception>
    public VolatilitySurface(IEnumerable<SliceSmile> smiles)
    {
        _smiles = [.. smiles];
        if (_smiles.IsEmpty)
            throw new ValidationException("surface", "a surface needs at least one smile");
        for (var i = 1; i < _smiles.Length; i++)
        {
            if (!(_smiles[i].Time > _smiles[i - 1].Time))
                throw new ValidationException("surface", "the smiles' times must increase");
        }
    }

    /// <summary>Black volatilities per year at one time.</summary>
    /// <param name="time">Years, above zero.</param>
    /// <param name="moneyness">Strikes over the forward of that time, above zero.</param>
    /// <param name="volatility">Receives one volatility per strike.</param>
    public void Volatility(double time, ReadOnlySpan<double> moneyness, Span<double> volatility)
    {
        var right = 0;
        while (right < _smiles.Length && _smiles[right].Time < time)
            right++;
        if (right == 0 || right == _smiles.Length || _smiles[right].Time == time)
        {
            _smiles[Math.Min(right, _smiles.Length - 1)].Volatility(moneyness, volatility);
            return;
        }

        var before = _smiles[right - 1];
        var after = _smiles[right];
        var share = (time - before.Time) / (after.Time - before.Time);
        var early = new double[moneyness.Length];
        before.Volatility(moneyness, early);
        after.Volatility(moneyness, volatility);
        for (var i = 0; i < early.Length; i++)
        {
            var variance = ((1 - share) * early[i] * early[i] * before.Time) + (share * volatility[i] * volatility[i] * after.Time);
            volatility[i] = Math.Sqrt(variance / time);
        }
    }

    /// <summary>The slope of the smile at the forward, κ = ∂lnσ/∂k with k = ln(K/F), at one time.</summary>
    /// <remarks>A quadratic in k fitted to ln σ at 21 points within a third of a standard deviation of the forward, with tricube
    /// weights: what noise the smile has at single strikes does not reach it (W. S. Cleveland, Robust locally weighted regression, Journal
    /// of the American Statistical Association 74 (1979) p. 829).</remarks>
    public double Skew(double time)
    {
        const int Points = 21;
        const double Reach = 1 / 3.0;
        Span<double> volatility = stackalloc double[Points];
        Volatility(time, [1.0], volatility[..1]);
        var deviation = volatility[0] * Math.Sqrt(time);
        Span<double> u = stackalloc double[Points];
        Span<double> moneyness = stackalloc double[Points];
        for (var i = 0; i < Points; i++)
        {
            u[i] = Reach * ((2.0 * i / (Points - 1)) - 1);
            moneyness[i] = Elementary.Exp(u[i] * deviation);
        }

        Volatility(time, moneyness, volatility);
        // By symmetry of points and weights the linear coefficient does not depend on the constant and the quadratic one.
        double top = 0, bottom = 0;
        for (var i = 0; i < Points; i++)
        {
            var distance = Math.Abs(u[i]) / (Reach * (1 + (1.0 / Points)));
            var weight = 1 - (distance * distance * distance);
            weight *= weight * weight;
            top += weight * u[i] * Elementary.Log(volatility[i]);
            bottom += weight * u[i] * u[i];
        }

        return top / bottom / deviation;
    }
}
