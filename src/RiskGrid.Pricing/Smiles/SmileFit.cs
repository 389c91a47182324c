using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Smiles;

/// <summary>The out-of-the-money quotes of one slice, in units of the forward and undiscounted, in strike order.</summary>
/// <param name="Time">Years to expiry.</param>
/// <param name="Moneyness">Strikes over forward, strictly increasing.</param>
/// <param name="Values">Mids.</param>
/// <param name="Halves">Half bid-ask spreads, above zero.</param>
/// <param name="Volatility">The mids' Black volatilities.</param>
internal sealed record SmileQuotes(double Time, double[] Moneyness, double[] Values, double[] Halves, double[] Volatility);

/// <summary>Fits one slice's smile to its out-of-the-money quotes, leaving out those that miss it by more than a spread.</summary>
internal static class SmileFit
{
    /// <summary>Fewer quotes than this make no smile.</summary>
    public const int LeastQuotes = 4;

    // A quote this many half spreads off the smile misses it by more than a spread.
    private const double OffSmile = 2;

    // Passes that weigh far quotes down before any is judged, and passes that judge.
    private const int SofteningPasses = 6;
    private const int JudgingPasses = 8;

    // Points of a wing that guide the spline's end: how far beyond it, over the end's distance from the forward; the share of the
    // steepest slope that they follow; how often they are moved to where the refitted end is.
    private static readonly double[] GuideDistances = [0.02, 0.06, 0.15, 0.4];
    private const double GuideShare = 0.9;
    private const int ClosingPasses = 4;

    // The least that a smile may make of a quote's value.
    private const double LeastShare = 0.02;

    // The bias that smoothing may add at the forward, in half spreads.
    private const double Bias = 0.01;

    // How sure the spline is that an option struck at nothing is worth nothing, against its surest quote.
    private const double AnchorWeight = 100;

    /// <summary>The smile that the quotes agree on; null where too few do.</summary>
    /// <param name="quotes">The quotes.</param>
    /// <param name="before">The smile of the slice before, which this one must not undercut at any moneyness; null for the first.</param>
    public static SliceSmile? Through(SmileQuotes quotes, SliceSmile? before)
    {
        var n = quotes.Moneyness.Length;
        var misses = new bool[n];
        if (n < LeastQuotes)
            return null;
        var softness = new double[n];
        Array.Fill(softness, 1);
        var floors = Floors(quotes, before);
        var spline = Fit(quotes, floors, misses, softness);
        var residuals = Residuals(quotes, spline);
        for (var pass = 0; pass < SofteningPasses && residuals.Any(r => r > OffSmile); pass++)
        {
            for (var i = 0; i < n; i++)
                softness[i] = 1 / Math.Max(1, residuals[i] * residuals[i]);
            spline = Fit(quotes, floors, misses, softness);
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
            spline = Fit(quotes, floors, misses, softness);
            residuals = Residuals(quotes, spline);
        }

        return Close(quotes, floors, misses, before, spline);
    }

    // Adds the wings. Where the spline meets the end of the quotes so steeply that no linear wing goes on convex, it is fitted again with
    // the steepest wing that does as data beyond its end.
    private static SliceSmile Close(SmileQuotes quotes, double[] floors, bool[] misses, SliceSmile? before, ConvexSpline spline)
    {
        var first = quotes.Moneyness[Array.IndexOf(misses, false)];
        var last = quotes.Moneyness[Array.LastIndexOf(misses, false)];
        var softness = new double[misses.Length];
        Array.Fill(softness, 1);
        var smile = new SliceSmile(spline, quotes.Time, first, last, before);
        for (var pass = 0; pass < ClosingPasses; pass++)
        {
            var left = Guide(smile.Left, smile.LeftSlope, quotes.Time);
            var right = Guide(smile.Right, smile.RightSlope, quotes.Time);
            if (left.Length == 0 && right.Length == 0)
                break;
            smile = new SliceSmile(Fit(quotes, floors, misses, softness, left, right), quotes.Time, first, last, before);
        }

        return smile;
    }

    // Points of a wing just gentle enough for the spline to lead into; none where the spline's own slope will do.
    private static (double Moneyness, double Value)[] Guide(SmileWing wing, double splineSlope, double time)
    {
        var steepest = WingFit.SteepestAt(wing.LogStrike, wing.Variance);
        if (splineSlope <= steepest)
            return [];
        var moneyness = new double[GuideDistances.Length];
        var volatility = new double[GuideDistances.Length];
        var values = new double[GuideDistances.Length];
        for (var i = 0; i < GuideDistances.Length; i++)
        {
            var beyond = GuideDistances[i] * Math.Abs(wing.LogStrike);
            moneyness[i] = wing.Strike * Elementary.Exp(wing.LogStrike < 0 ? -beyond : beyond);
            volatility[i] = Math.Sqrt((wing.Variance + (GuideShare * steepest * beyond)) / time);
        }

        NormalisedBlack.Value(moneyness, volatility, time, values);
        return [.. moneyness.Zip(values)];
    }

    // A value stays above zero; and above the slice before it at the same moneyness where that one is quoted, as far as the quote's own
    // ask allows.
    private static double[] Floors(SmileQuotes quotes, SliceSmile? before)
    {
        var floors = Array.ConvertAll(quotes.Values, v => LeastShare * v);
        if (before is null)
            return floors;
        var volatility = new double[floors.Length];
        var earlier = new double[floors.Length];
        before.Volatility(quotes.Moneyness, volatility);
        NormalisedBlack.Value(quotes.Moneyness, volatility, before.Time, earlier);
        for (var i = 0; i < floors.Length; i++)
        {
            if (quotes.Moneyness[i] < before.Left.Strike || quotes.Moneyness[i] > before.Right.Strike)
                continue;
            floors[i] = Math.Max(floors[i], Math.Min(earlier[i], quotes.Values[i] + quotes.Halves[i]));
        }

        return floors;
    }

    private static double[] Residuals(SmileQuotes quotes, ConvexSpline spline)
    {
        var residuals = new double[quotes.Values.Length];
        for (var i = 0; i < residuals.Length; i++)
            residuals[i] = Math.Abs(spline.Evaluate(quotes.Moneyness[i]).Value - quotes.Values[i]) / quotes.Halves[i];
        return residuals;
    }

    private static ConvexSpline Fit(
        SmileQuotes quotes, double[] quoteFloors, bool[] misses, double[] softness,
        ReadOnlySpan<(double Moneyness, double Value)> left = default, ReadOnlySpan<(double Moneyness, double Value)> right = default)
    {
        var used = misses.Count(m => !m) + left.Length + right.Length;
        var knots = new double[used + 2];
        var targets = new double[used + 2];
        var weights = new double[used + 2];
        var floors = new double[used + 2];
        double surest = 0, lastDeviation = 0;
        var at = left.Length;
        for (var i = 0; i < misses.Length; i++)
        {
            if (misses[i])
                continue;
            at++;
            knots[at] = quotes.Moneyness[i];
            targets[at] = quotes.Values[i];
            weights[at] = softness[i] / (quotes.Halves[i] * quotes.Halves[i]);
            floors[at] = quoteFloors[i];
            surest = Math.Max(surest, weights[at]);
            lastDeviation = quotes.Volatility[i] * Math.Sqrt(quotes.Time);
        }

        // A put struck at zero and a call struck far beyond everything are worth nothing.
        for (var i = 0; i < left.Length; i++)
            (knots[left.Length - i], targets[left.Length - i], weights[left.Length - i]) = (left[i].Moneyness, left[i].Value, AnchorWeight * surest);
        for (var i = 0; i < right.Length; i++)
            (knots[at + 1 + i], targets[at + 1 + i], weights[at + 1 + i]) = (right[i].Moneyness, right[i].Value, AnchorWeight * surest);
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
