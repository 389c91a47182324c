using RiskGrid.Model;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Pricing.Chains;

/// <summary>What one slice says about the zero curve.</summary>
/// <param name="Time">Years.</param>
/// <param name="Rate">Implied zero rate, continuously compounded.</param>
/// <param name="Error">Its standard error.</param>
internal readonly record struct ImpliedRate(double Time, double Rate, double Error);

/// <summary>One smooth zero curve through the rates that all slices imply, weighted by their standard errors.</summary>
/// <remarks>
/// A slice's own standard error knows the noise of its quotes but not what its quotes share (a stale index level, a settlement lag):
/// that is a common noise of the log discount factor, τ, the same for every slice, estimated as the one that makes the robust spread of
/// the standardised residuals equal to one (R. C. Paule and J. Mandel, J. Res. NBS 87 (1982) p. 377, with the robust spread in place of
/// the mean square). It makes the short end, where a discount says little about a rate, count for little.
/// </remarks>
internal sealed class CurveFit
{
    private static readonly string[] Candidates = ["1M", "3M", "6M", "1Y", "2Y", "3Y", "5Y", "7Y", "10Y"];

    // Bends of the curve are penalised as if a kink of this much, pillar to pillar, were one standard deviation: nothing beside the data
    // where there is data, and the straight line where there is none.
    private const double Kink = 0.005;

    // The band in which the common noise of log discount factors is sought, and the halvings that find it.
    private const double LeastNoise = 1e-8;
    private const double MostNoise = 1e-1;
    private const int Halvings = 20;

    private CurveFit(ZeroCurve curve, IReadOnlyList<string> tenors, double noise, int outliers)
    {
        Curve = curve;
        Tenors = tenors;
        Noise = noise;
        Outliers = outliers;
    }

    public ZeroCurve Curve { get; }

    /// <summary>The pillars' names, in time order.</summary>
    public IReadOnlyList<string> Tenors { get; }

    /// <summary>τ: standard deviation of the log discount factors that the slices' own errors do not explain.</summary>
    public double Noise { get; }

    /// <summary>The number of slices that the fit gave no weight.</summary>
    public int Outliers { get; }

    /// <exception cref="ValidationException">No slice implies a rate.</exception>
    public static CurveFit Through(IReadOnlyList<ImpliedRate> rates)
    {
        if (rates.Count == 0)
        {
            throw new ValidationException(
                "chain", $"no slice has {ParityFit.LeastPairs} pairs of a call and a put at one strike: no curve can be fitted");
        }

        var tenors = Pillars(rates);
        var times = tenors.Select(Tenor.Years).ToArray();
        var design = rates.SelectMany(r => ZeroCurve.Weights(times, r.Time)).ToArray();
        var penalty = Penalty(times);
        var fit = Fit(rates, design, penalty, times.Length, 0);
        double low = LeastNoise, high = MostNoise, noise = 0;
        if (fit.Scale > 1)
        {
            for (var i = 0; i < Halvings; i++)
            {
                noise = Math.Sqrt(low * high);
                fit = Fit(rates, design, penalty, times.Length, noise);
                if (fit.Scale > 1)
                    low = noise;
                else
                    high = noise;
            }
        }

        return new CurveFit(new ZeroCurve(times, fit.Coefficients), tenors, noise, rates.Count - fit.Used);
    }

    // As many pillars as the data spans, and at most one for every two slices.
    private static List<string> Pillars(IReadOnlyList<ImpliedRate> rates)
    {
        var last = rates.Max(r => r.Time);
        var reached = Candidates.Where((t, i) => i == 0 || Tenor.Years(t) <= 1.05 * last).ToList();
        while (reached.Count > Math.Max(1, rates.Count / 2))
            reached.RemoveAt(reached.Count / 2);
        return reached;
    }

    private static RobustEstimate Fit(IReadOnlyList<ImpliedRate> rates, double[] design, double[] penalty, int pillars, double noise)
    {
        var sigma = rates.Select(r => Math.Max(Math.Sqrt((r.Error * r.Error) + (noise * noise / (r.Time * r.Time))), 1e-9)).ToArray();
        return RobustRegression.Fit(design, pillars, rates.Select(r => r.Rate).ToArray(), sigma, penalty);
    }

    private static double[] Penalty(double[] times)
    {
        var n = times.Length;
        var rows = new double[Math.Max(0, n - 2) * n];
        for (var i = 1; i < n - 1; i++)
        {
            var row = rows.AsSpan((i - 1) * n, n);
            var share = (times[i] - times[i - 1]) / (times[i + 1] - times[i - 1]);
            row[i - 1] = (1 - share) / Kink;
            row[i] = -1 / Kink;
            row[i + 1] = share / Kink;
        }

        return rows;
    }
}
