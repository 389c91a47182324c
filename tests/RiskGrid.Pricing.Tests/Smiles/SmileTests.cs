using RiskGrid.Kernels;
using RiskGrid.Pricing.Smiles;
using RiskGrid.Pricing.Tests.Chains;

namespace RiskGrid.Pricing.Tests.Smiles;

public sealed class SmileTests
{
    // A second difference of prices in units of the forward carries this much rounding, in price points of an index near 7000.
    private const double ConvexityTolerance = 1e-9;

    [Fact]
    public void Data_that_is_convex_already_is_interpolated()
    {
        double[] knots = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.35];
        var values = new double[knots.Length];
        NormalisedBlack.Value(knots, Array.ConvertAll(knots, _ => 0.2), 1, values);
        var spline = ConvexSplineFit.Solve(Problem(knots, values));

        for (var i = 0; i < knots.Length; i++)
            Assert.Equal(values[i], spline.Evaluate(knots[i]).Value, 1e-7);
    }

    [Fact]
    public void Data_that_is_not_convex_moves_the_least_it_can()
    {
        // Three points above the forward, the middle one too dear by d: least squares puts them on a line, moving them by -d/3, ... the
        // projection onto (1, -2, 1): y − (1, −2, 1)·⟨(1, −2, 1), y⟩/6.
        double[] knots = [1.1, 1.2, 1.3];
        var spline = ConvexSplineFit.Solve(Problem(knots, [0.03, 0.032, 0.01]));
        const double Excess = 0.03 - (2 * 0.032) + 0.01;

        Assert.Equal(0.03 - (Excess / 6), spline.Evaluate(1.1).Value, 1e-8);
        Assert.Equal(0.032 + (2 * Excess / 6), spline.Evaluate(1.2).Value, 1e-8);
        Assert.Equal(0.01 - (Excess / 6), spline.Evaluate(1.3).Value, 1e-8);
    }

    [Fact]
    public void Noisy_data_gets_a_convex_spline_that_is_nearer_than_the_truth()
    {
        const int Seed = 20260131;
        var random = new Random(Seed);
        for (var trial = 0; trial < 50; trial++)
        {
            var knots = Enumerable.Range(0, 10 + random.Next(60)).Select(_ => 0.6 + (0.9 * random.NextDouble())).Order().ToArray();
            var clean = new double[knots.Length];
            NormalisedBlack.Value(knots, Array.ConvertAll(knots, _ => 0.1 + (0.3 * random.NextDouble())), 0.5, clean);
            var truth = ConvexSplineFit.Solve(Problem(knots, clean));
            var noisy = Array.ConvertAll(truth.Values.ToArray(), v => v + (0.002 * (random.NextDouble() - 0.5)));
            var spline = ConvexSplineFit.Solve(Problem(knots, noisy));

            Assert.True(spline.Curvatures.ToArray().All(c => c >= 0), $"seed {Seed}, trial {trial}: convex at every knot");
            Assert.True(Distance(spline, noisy) <= Distance(truth, noisy) + 1e-8, $"seed {Seed}, trial {trial}: no convex spline is nearer");
        }
    }

    [Fact]
    public void A_floor_holds_where_the_data_lies_below_it()
    {
        double[] knots = [0.8, 0.9, 0.95, 1.05, 1.2];
        var problem = Problem(knots, [0.01, 0.03, 0.05, 0.04, 0.008]) with { Floors = [0, 0, 0.052, 0, 0] };

        Assert.InRange(ConvexSplineFit.Solve(problem).Evaluate(0.95).Value, 0.052, 0.0521);
    }

    [Fact]
    public void The_spline_slope_is_the_slope_of_its_values()
    {
        var spline = ConvexSplineFit.Solve(Problem([0.8, 0.9, 0.95, 1.05, 1.2], [0.01, 0.03, 0.05, 0.04, 0.008]));
        foreach (var strike in (double[])[0.85, 0.92, 0.97, 1.02, 1.1])
        {
            const double Bump = 1e-6;
            var numeric = (spline.Evaluate(strike + Bump).Value - spline.Evaluate(strike - Bump).Value) / (2 * Bump);
            Assert.Equal(numeric, spline.Evaluate(strike).Slope, 1e-7);
        }
    }

    [Fact]
    public void Call_prices_of_the_real_smiles_are_convex_at_every_listed_strike_and_far_beyond()
    {
        foreach (var slice in SpxChain.Calibrated.Slices)
        {
            var strikes = SpxChain.Calibrated.Contracts.Where(c => c.Slice == slice).Select(c => c.Option.Strike)
                .Concat([100, 500, 1000, 13_000, 16_000])
                .Distinct().Order().Select(k => k / slice.Forward).ToArray();
            var values = OutOfTheMoney(slice.Time, strikes);
            for (var i = 1; i + 1 < strikes.Length; i++)
            {
                var share = (strikes[i + 1] - strikes[i]) / (strikes[i + 1] - strikes[i - 1]);
                // Intrinsic values are taken off both sides, so that a far put keeps its digits.
                var intrinsic = (share * Intrinsic(strikes[i - 1])) + ((1 - share) * Intrinsic(strikes[i + 1])) - Intrinsic(strikes[i]);
                var line = (share * values[i - 1]) + ((1 - share) * values[i + 1]) + intrinsic;
                Assert.True((values[i] - line) * slice.Forward <= ConvexityTolerance, $"{slice.Name} at {strikes[i] * slice.Forward}: {(values[i] - line) * slice.Forward} above the line");
            }
        }
    }

    [Fact]
    public void Wings_are_linear_in_total_variance_with_slope_at_most_two()
    {
        foreach (var slice in SpxChain.Calibrated.Slices)
        {
            double[] k = [-6, -5, -4, 2, 3, 4];
            var w = TotalVariance(slice.Time, k);
            foreach (var (a, b, c) in ((int, int, int)[])[(0, 1, 2), (3, 4, 5)])
            {
                Assert.Equal(w[b] - w[a], w[c] - w[b], 1e-9 * Math.Abs(w[b]));
                Assert.InRange(Math.Abs(w[c] - w[a]) / 2, 0, 2);
            }

            Assert.True(w[0] >= w[2] && w[5] >= w[3], $"{slice.Name}: a wing falls outwards");
        }
    }

    [Fact]
    public void The_steepest_wing_has_no_density_where_it_begins_and_some_beyond()
    {
        foreach (var (k, variance) in ((double, double)[])[(-0.1, 0.0004), (-0.5, 0.05), (-2, 0.8), (0.08, 0.0004), (0.6, 0.2)])
        {
            var slope = WingFit.SteepestAt(k, variance);
            Assert.InRange(slope, 1e-6, 2);
            for (var distance = 0.0; distance < 4 * Math.Abs(k); distance += 0.05 * Math.Abs(k))
                Assert.True(Density(Math.Abs(k) + distance, variance + (slope * distance), slope) >= 0, $"density at {k} and {distance} beyond");
        }

        Assert.Equal(0, Density(0.5, 0.05, WingFit.SteepestAt(-0.5, 0.05)), 1e-5);
    }

    [Fact]
    public void Total_variance_is_linear_in_time_between_two_slices()
    {
        var (early, late) = (SpxChain.Calibrated.Slices[40], SpxChain.Calibrated.Slices[41]);
        double[] k = [-0.4, -0.1, 0, 0.05, 0.2];
        var before = TotalVariance(early.Time, k);
        var after = TotalVariance(late.Time, k);
        var middle = TotalVariance((0.25 * early.Time) + (0.75 * late.Time), k);
        for (var i = 0; i < k.Length; i++)
            Assert.Equal((0.25 * before[i]) + (0.75 * after[i]), middle[i], 1e-12);
    }

    [Fact]
    public void Volatility_at_a_moneyness_stays_what_it_is_outside_the_slices()
    {
        Span<double> first = [0], before = [0], last = [0], after = [0];
        var surface = SpxChain.Calibrated.Surface;
        surface.Volatility(SpxChain.Calibrated.Slices[0].Time, [0.98], first);
        surface.Volatility(0.001, [0.98], before);
        surface.Volatility(SpxChain.Calibrated.Slices[^1].Time, [0.98], last);
        surface.Volatility(20, [0.98], after);
        Assert.Equal(first[0], before[0]);
        Assert.Equal(last[0], after[0]);
    }

    private static ConvexSplineProblem Problem(double[] knots, double[] values) =>
        new(knots, values, Array.ConvertAll(values, _ => 1e6), Array.ConvertAll(values, _ => -1.0), 0);

    // The objective that Problem's weights make of it: half the weighted sum of squares.
    private static double Distance(ConvexSpline spline, double[] targets)
    {
        var sum = 0.0;
        for (var i = 0; i < targets.Length; i++)
            sum += 0.5e6 * (spline.Values[i] - targets[i]) * (spline.Values[i] - targets[i]);
        return sum;
    }

    private static double Intrinsic(double strike) => Math.Max(1 - strike, 0);

    private static double Density(double k, double variance, double slope)
    {
        var first = 1 - (k * slope / (2 * variance));
        return (first * first) - (slope * slope / 4 * ((1 / variance) + 0.25));
    }

    private static double[] TotalVariance(double time, double[] k)
    {
        var volatility = new double[k.Length];
        SpxChain.Calibrated.Surface.Volatility(time, Array.ConvertAll(k, Elementary.Exp), volatility);
        return Array.ConvertAll(volatility, v => v * v * time);
    }

    private static double[] OutOfTheMoney(double time, double[] moneyness)
    {
        var volatility = new double[moneyness.Length];
        var values = new double[moneyness.Length];
        SpxChain.Calibrated.Surface.Volatility(time, moneyness, volatility);
        NormalisedBlack.Value(moneyness, volatility, time, values);
        return values;
    }
}
