namespace RiskGrid.Pricing.Smiles;

/// <summary>The out-of-the-money quotes of one slice, in units of the forward and undiscounted, in strike order.</summary>
/// <param name="Time">Years to expiry.</param>
/// <param name="Moneyness">Strikes over forward, strictly increasing.</param>
/// <param name="Values">Mids.</param>
/// <param name="Halves">Half bid-ask spreads, above zero.</param>
/// <param name="Volatility">The mids' Black volatilities.</param>
internal sealed record SmileQuotes(double Time, double[] Moneyness, double[] Values, double[] Halves, double[] Volatility);

/// <summary>Fits one slice's smile to its out-of-the-money quotes and finds the quotes that do not belong to it.</summary>
internal static class SmileFit
{
    /// <summary>Fewer quotes than this make no smile.</summary>
    public const int LeastQuotes = 4;

    // A quote this many half spreads off the smile misses it by more than a spread.
    private const double OffSmile = 2;

    // Passes that weigh far quotes down before any is judged, and passes that judge.
    private const int SofteningPasses = 6;
    private const int JudgingPasses = 8;

    // The bias that smoothing may add at the forward, in half spreads.
    private const double Bias = 0.01;

    // How sure the spline is that an option struck at nothing is worth nothing, against its surest quote.
    private const double AnchorWeight = 100;

    /// <summary>The smile, and which quotes miss it; null where too few quotes agree.</summary>
    public static SliceSmile? Through(SmileQuotes quotes, out bool[] misses)
    {
        var n = quotes.Moneyness.Length;
        misses = new bool[n];
        if (n < LeastQuotes)
            return null;
        var softness = new double[n];
        Array.Fill(softness, 1);
        var spline = Fit(quotes, misses, softness);
        var residuals = Residuals(quotes, spline);
        for (var pass = 0; pass < SofteningPasses && residuals.Any(r => r > OffSmile); pass++)
        {
            for (var i = 0; i < n; i++)
                softness[i] = 1 / Math.Max(1, residuals[i] * residuals[i]);
            spline = Fit(quotes, misses, softness);
            residuals = Residuals(quotes, spline);
        }

        for (var pass = 0; pass < JudgingPasses; pass++)
        {
            var judged = Array.ConvertAll(residuals, r => r > OffSmile);
            if (n - judged.Count(j => j) < LeastQuotes)
                return null;
            var same = judged.AsSpan().SequenceEqual(misses);
            misses = judged;
            if (same)
                break;
            Array.Fill(softness, 1);
            spline = Fit(quotes, misses, softness);
            residuals = Residuals(quotes, spline);
        }

        var first = Array.IndexOf(misses, false);
        var last = Array.LastIndexOf(misses, false);
        return new SliceSmile(spline, quotes.Time, quotes.Moneyness[first], quotes.Moneyness[last]);
    }

    private static double[] Residuals(SmileQuotes quotes, ConvexSpline spline)
    {
        var residuals = new double[quotes.Values.Length];
        for (var i = 0; i < residuals.Length; i++)
            residuals[i] = Math.Abs(spline.Evaluate(quotes.Moneyness[i]).Value - quotes.Values[i]) / quotes.Halves[i];
        return residuals;
    }

    private static ConvexSpline Fit(SmileQuotes quotes, bool[] misses, double[] softness)
    {
        var used = misses.Count(m => !m);
        var knots = new double[used + 2];
        var targets = new double[used + 2];
        var weights = new double[used + 2];
        var floors = new double[used + 2];
        double surest = 0, lastDeviation = 0;
        var at = 0;
        for (var i = 0; i < misses.Length; i++)
        {
            if (misses[i])
                continue;
            at++;
            knots[at] = quotes.Moneyness[i];
            targets[at] = quotes.Values[i];
            weights[at] = softness[i] / (quotes.Halves[i] * quotes.Halves[i]);
            floors[at] = 0.2 * Math.Max(quotes.Values[i] - quotes.Halves[i], 0.1 * quotes.Values[i]);
            surest = Math.Max(surest, weights[at]);
            lastDeviation = quotes.Volatility[i] * Math.Sqrt(quotes.Time);
        }

        // A put struck at zero and a call struck far beyond the last quote are worth nothing.
        knots[0] = 0;
        knots[^1] = knots[^2] * (1 + Math.Max(4 * lastDeviation, 0.05));
        weights[0] = weights[^1] = AnchorWeight * surest;
        floors[0] = floors[^1] = -1 / Math.Sqrt(surest);
        return ConvexSplineFit.Solve(new ConvexSplineProblem(knots, targets, weights, floors, Smoothing(quotes)));
    }

    // The smoothing that moves the price at the forward by Bias half spreads: the penalty's pull there is smoothing·g'''' against the
    // quotes' weight per unit of strike, and g'''' of a density of width s is about 1/s³.
    private static double Smoothing(SmileQuotes quotes)
    {
        var nearest = 0;
        for (var i = 1; i < quotes.Moneyness.Length; i++)
        {
            if (Math.Abs(quotes.Moneyness[i] - 1) < Math.Abs(quotes.Moneyness[nearest] - 1))
                nearest = i;
        }

        var s = quotes.Volatility[nearest] * Math.Sqrt(quotes.Time);
        var from = nearest;
        var to = nearest;
        while (from > 0 && 1 - quotes.Moneyness[from - 1] <= 2 * s)
            from--;
        while (to < quotes.Moneyness.Length - 1 && quotes.Moneyness[to + 1] - 1 <= 2 * s)
            to++;
        if (from == to)
            (from, to) = (Math.Max(0, from - 1), Math.Min(quotes.Moneyness.Length - 1, to + 1));
        var gap = (quotes.Moneyness[to] - quotes.Moneyness[from]) / (to - from);
        var halves = quotes.Halves[from..(to + 1)];
        Array.Sort(halves);
        return Bias * s * s * s / (halves[halves.Length / 2] * gap);
    }
}
