using RiskGrid.Model;

namespace RiskGrid.Pricing.Curves;

/// <summary>A zero curve: continuously compounded Act/365 rates at pillars, joined by a natural cubic spline, flat outside the pillars.</summary>
/// <remarks>The rate at any time is linear in the pillar rates, so a curve can be fitted to quotes by linear least squares
/// (<see cref="Weights"/>) and a parallel move of the pillars is a parallel move of the curve. Spline: C. de Boor, A Practical Guide to
/// Splines (revised edition 2001), chapter IV. Immutable.</remarks>
public sealed class ZeroCurve
{
    private readonly double[] _times;
    private readonly double[] _rates;
    private readonly double[] _curvatures;

    /// <summary>Creates a curve.</summary>
    /// <param name="times">Pillar times in years, strictly increasing, above zero.</param>
    /// <param name="rates">Zero rates at the pillars, as decimals.</param>
    /// <exception cref="ValidationException">No pillar, unequal lengths, times not increasing, or a number that is not finite.</exception>
    public ZeroCurve(ReadOnlySpan<double> times, ReadOnlySpan<double> rates)
    {
        if (times.Length == 0 || times.Length != rates.Length)
            throw new ValidationException("zero_curve", "a curve needs one rate per pillar and at least one pillar");
        for (var i = 0; i < times.Length; i++)
        {
            if (!double.IsFinite(times[i]) || !double.IsFinite(rates[i]) || times[i] <= (i == 0 ? 0 : times[i - 1]))
                throw new ValidationException("zero_curve", "pillar times must increase from above zero and rates must be finite");
        }

        _times = times.ToArray();
        _rates = rates.ToArray();
        _curvatures = Curvatures(_times, _rates);
    }

    /// <summary>The pillar times in years.</summary>
    public ReadOnlySpan<double> Times => _times;

    /// <summary>The zero rates at the pillars.</summary>
    public ReadOnlySpan<double> Rates => _rates;

    /// <summary>Builds a curve from <c>ZC.curve.tenor</c> quotes, in any order.</summary>
    public static ZeroCurve FromQuotes(IEnumerable<KeyValuePair<FactorName, double>> quotes)
    {
        var pillars = quotes.Select(q => (Time: Tenor.Years(q.Key.Value[(q.Key.Value.LastIndexOf('.') + 1)..]), Rate: q.Value))
            .OrderBy(p => p.Time)
            .ToList();
        return new ZeroCurve(pillars.Select(p => p.Time).ToArray(), pillars.Select(p => p.Rate).ToArray());
    }

    /// <summary>The zero rate at <paramref name="time"/> years.</summary>
    public double Rate(double time) => Evaluate(_times, _rates, _curvatures, time);

    /// <summary>The weight of each pillar in the rate at <paramref name="time"/>: rate = Σ weight·pillar. For fitting.</summary>
    public static double[] Weights(ReadOnlySpan<double> times, double time)
    {
        var pillars = times.ToArray();
        var weights = new double[pillars.Length];
        for (var i = 0; i < pillars.Length; i++)
        {
            var unit = new double[pillars.Length];
            unit[i] = 1;
            weights[i] = Evaluate(pillars, unit, Curvatures(pillars, unit), time);
        }

        return weights;
    }

    private static double Evaluate(double[] times, double[] rates, double[] curvatures, double time)
    {
        if (time <= times[0])
            return rates[0];
        if (time >= times[^1])
            return rates[^1];
        var right = Array.BinarySearch(times, time);
        if (right >= 0)
            return rates[right];
        right = ~right;
        var left = right - 1;
        var width = times[right] - times[left];
        var a = (times[right] - time) / width;
        var b = (time - times[left]) / width;
        return (a * rates[left]) + (b * rates[right])
            + ((((a * a * a) - a) * curvatures[left]) + (((b * b * b) - b) * curvatures[right])) * width * width / 6;
    }

    // Second derivatives at the pillars, zero at both ends: the usual tridiagonal system.
    private static double[] Curvatures(double[] x, double[] y)
    {
        var n = x.Length;
        var second = new double[n];
        var upper = new double[n];
        for (var i = 1; i < n - 1; i++)
        {
            var share = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
            var pivot = (share * second[i - 1]) + 2;
            second[i] = (share - 1) / pivot;
            var slope = ((y[i + 1] - y[i]) / (x[i + 1] - x[i])) - ((y[i] - y[i - 1]) / (x[i] - x[i - 1]));
            upper[i] = ((6 * slope / (x[i + 1] - x[i - 1])) - (share * upper[i - 1])) / pivot;
        }

        second[n - 1] = 0;
        for (var i = n - 2; i >= 0; i--)
            second[i] = i == 0 ? 0 : (second[i] * second[i + 1]) + upper[i];
        return second;
    }
}
