using RiskGrid.Kernels;

namespace RiskGrid.Risk.Tests.Measures;

public sealed class DeltaGammaTests
{
    private static readonly NormalLevel Level99 = NormalLevel.OfConfidence(0.99m);

    // P. Jorion, Value at Risk (3rd edition 2007), chapter 7: $2 million in CAD (5 % a year), $1 million in EUR (12 %), uncorrelated, z = 1.65.
    [Fact]
    public void Jorions_two_currencies_add_up()
    {
        var portfolio = new DeltaGamma([2e6, 1e6], new double[4], [0.05 * 0.05, 0, 0, 0.12 * 0.12]);
        var level = NormalLevel.OfZ(1.65);
        Assert.Equal(257_738, portfolio.DeltaNormal(level).ValueAtRisk, 0.5);
        Assert.Equal([105_630, 152_108], portfolio.ComponentDeltaNormal(level).Select(c => Math.Round(c)));
        Assert.Equal([0.0528, 0.1521], portfolio.MarginalDeltaNormal(level).Select(c => Math.Round(c, 4)));

        // Without CAD only EUR's 198,000 is left, without EUR CAD's 165,000.
        Assert.Equal([257_738 - 198_000, 257_738 - 165_000], portfolio.IncrementalDeltaNormal(level).Select(c => Math.Round(c)));
    }

    // J. C. Hull, Options, Futures, and Other Derivatives, the two-asset case of the model-building approach: $10 million of Microsoft
    // (2 % a day), $5 million of AT&T (1 %), correlation 0.3; ten-day 99 % VaR with 2.33 deviations: $1,622,657.
    [Fact]
    public void Hulls_two_shares_have_their_ten_day_value_at_risk()
    {
        var portfolio = new DeltaGamma([10e6, 5e6], new double[4], [4e-4, 0.6e-4, 0.6e-4, 1e-4]);
        Assert.Equal(220_227, Math.Sqrt(portfolio.LinearVariance), 0.5);
        Assert.Equal(1_622_657, Math.Sqrt(10) * portfolio.DeltaNormal(NormalLevel.OfZ(2.33)).ValueAtRisk, 1.0);
    }

    [Fact]
    public void Without_gamma_every_method_gives_the_same_number()
    {
        var portfolio = new DeltaGamma([3, -1, 2], new double[9], [4, 1, 0.5, 1, 9, -1, 0.5, -1, 1]);
        var expected = portfolio.DeltaNormal(Level99);
        Assert.Equal(expected, portfolio.DeltaGammaNormal(Level99));
        Assert.Equal(expected, portfolio.CornishFisherExpansion(Level99));
        Near(expected, portfolio.Exact(Level99)!.Value, 1e-10);
        Assert.Equal((0, 0, true), (portfolio.Skewness, portfolio.ExcessKurtosis, portfolio.IsCornishFisherMonotone));
    }

    [Fact]
    public void A_short_gamma_position_loses_a_chi_square()
    {
        // P&L = −½·2·Σ(xᵢ²) over four factors of variance 1: the loss is chi-square with 4 degrees of freedom, 13.2767 at 99 %
        // (Abramowitz and Stegun, table 26.8).
        var portfolio = new DeltaGamma(new double[4], Diagonal(-2, -2, -2, -2), Diagonal(1, 1, 1, 1));
        var exact = portfolio.Exact(Level99)!.Value;
        Assert.Equal(13.2767, exact.ValueAtRisk, 1e-4);
        Assert.Equal(0.01, ChiSquare.Survival(exact.ValueAtRisk, 4), 1e-12);

        // E[X; X > x] of a chi-square with ν is ν·P(χ²(ν+2) > x).
        Assert.Equal(4 * ChiSquare.Survival(exact.ValueAtRisk, 6) / 0.01, exact.ExpectedShortfall, 1e-9);
        Assert.Equal((-4, 8), (portfolio.Mean, portfolio.Variance));
        Assert.Equal(-Math.Sqrt(8 / 4.0), portfolio.Skewness, 1e-12);
        Assert.Equal(12 / 4.0, portfolio.ExcessKurtosis, 1e-12);
    }

    [Theory]
    [InlineData(1, 0.4)]
    [InlineData(-1, 0.4)]
    [InlineData(0.02, 1)]
    [InlineData(-0.02, 1)]
    [InlineData(1e-6, 1)]
    [InlineData(5, 1e-3)]
    public void One_factor_has_the_quantile_of_a_parabola(double gamma, double delta)
    {
        // P&L = δx + ½γx²: below −v where x lies between (or beyond) the roots of ½γx² + δx + v = 0.
        var portfolio = new DeltaGamma([delta], [gamma], [1]);
        foreach (var q in new[] { 0.9m, 0.99m, 0.999m })
        {
            var level = NormalLevel.OfConfidence(q);
            var exact = portfolio.Exact(level)!.Value;
            var root = Math.Sqrt((delta * delta) - (2 * gamma * exact.ValueAtRisk));

            // The root next to zero without cancellation, and the other one.
            var near = -2 * exact.ValueAtRisk / (delta + root);
            var far = -(delta + root) / gamma;
            var tail = gamma > 0 ? Elementary.NormalCdf(near) - Elementary.NormalCdf(far) : Elementary.NormalCdf(near) + Elementary.NormalCdf(-far);
            Assert.True(Math.Abs(tail - level.Beyond) < 1e-10, $"{gamma}, {delta}, {q}: VaR {exact.ValueAtRisk:R} has a tail of {tail:R}");
            Assert.True(exact.ExpectedShortfall > exact.ValueAtRisk, $"{gamma}, {delta}, {q}: {exact}");
        }
    }

    // J. P. Imhof, "Computing the distribution of quadratic forms in normal variables", Biometrika 48 (1961), table 1, Q₁.
    [Theory]
    [InlineData(0.1, 0.9458)]
    [InlineData(0.7, 0.5064)]
    [InlineData(2, 0.1240)]
    public void Imhofs_table_is_met(double x, double tail) =>
        Assert.Equal(tail, new QuadraticForm(new double[3], [0.6, 0.3, 0.1]).Survival(x)!.Value, 5e-5);

    [Fact]
    public void Pairs_of_equal_coefficients_are_sums_of_exponentials()
    {
        // a(z₁² + z₂²) is exponential with mean 2a.
        foreach (var (a, b) in new[] { (1.0, 0.5), (1.0, 0.01), (2.0, 1.99), (1.0, -0.7), (0.3, -4) })
        {
            var form = new QuadraticForm(new double[4], [a, a, b, b]);
            foreach (var x in new[] { 0.01, 1.0, 7.0, 25.0 })
            {
                var expected = b > 0
                    ? ((a * Math.Exp(-x / (2 * a))) - (b * Math.Exp(-x / (2 * b)))) / (a - b)
                    : a / (a - b) * Math.Exp(-x / (2 * a));
                Assert.True(Math.Abs(form.Survival(x)!.Value - expected) < 1e-11, $"{a}, {b}, {x}: {form.Survival(x)} and not {expected}");
            }
        }
    }

    // P&L = xy: symmetric with a pole of its density at zero, and E[xy | xy > 0] = E|x|·E|y| = 2/π. Near the pole the inversion's integrand
    // falls by a power only. At 95 %: K₀'s integral ∫K₀(t)/π dt from v to ∞ is 0.05 at v = 1.59510370072039.
    [Theory]
    [InlineData(0.5, 0, 2 / Math.PI, 1e-12)]
    [InlineData(0.500001, 1.78e-7, 0.63662, 1e-5)]
    [InlineData(0.51, 0.0048792237183385, 0.6495660908723, 1e-11)]
    [InlineData(0.95, 1.5951037007204, 2.4604658619686, 1e-11)]
    public void A_product_of_two_moves_has_a_median_too(double q, double valueAtRisk, double shortfall, double within)
    {
        var exact = new DeltaGamma([0, 0], [0, 1, 1, 0], [1, 0, 0, 1]).Exact(NormalLevel.OfConfidence((decimal)q))!.Value;
        Assert.Equal(valueAtRisk, exact.ValueAtRisk, within);
        Assert.Equal(shortfall, exact.ExpectedShortfall, within);
    }

    [Fact]
    public void A_form_that_is_bounded_has_no_tail_beyond()
    {
        var form = new QuadraticForm([0.0, 1], [-1, -2]);
        Assert.Equal(0, form.Survival(1));
        Assert.Equal(1, new QuadraticForm([0.0], [0]).Survival(-1));
        Assert.Equal(0, new QuadraticForm([0.0], [0]).Quantile(0.01));
    }

    [Fact]
    public void The_exact_quantile_is_what_a_simulation_finds()
    {
        const ulong Seed = 77;
        const int Factors = 4, Paths = 400_000;
        var random = new Random(5);
        for (var trial = 0; trial < 3; trial++)
        {
            var (delta, gamma, root) = (new double[Factors], new double[Factors * Factors], new double[Factors * Factors]);
            for (var i = 0; i < Factors; i++)
            {
                delta[i] = random.NextDouble() - 0.5;
                for (var j = 0; j <= i; j++)
                {
                    gamma[(i * Factors) + j] = gamma[(j * Factors) + i] = random.NextDouble() - 0.5;
                    root[(i * Factors) + j] = random.NextDouble();
                }
            }

            var portfolio = new DeltaGamma(delta, gamma, Matrix.ProductWithTransposed(root, root, Factors));
            var (normals, moves) = (new double[Factors * Paths], new double[Factors * Paths]);
            for (var i = 0; i < Factors; i++)
                KeyedRandom.Normals(Seed, (ulong)((trial * Factors) + i), 0, normals.AsSpan(i * Paths, Paths));
            KeyedRandom.Correlate(Factors, root, normals, moves);
            var pnl = new double[Paths];
            for (var s = 0; s < Paths; s++)
            {
                for (var i = 0; i < Factors; i++)
                {
                    pnl[s] += delta[i] * moves[(i * Paths) + s];
                    for (var j = 0; j < Factors; j++)
                        pnl[s] += 0.5 * moves[(i * Paths) + s] * gamma[(i * Factors) + j] * moves[(j * Paths) + s];
                }
            }

            var losses = SortedLosses.OfLossTail(pnl);
            var exact = portfolio.Exact(Level99)!.Value;

            // 99.99 %: one false alarm in 10,000 per trial.
            var interval = RankInterval.Independent(Paths, 0.99m, 0.9999);
            Assert.InRange(exact.ValueAtRisk, losses.Losses[interval.Lower], losses.Losses[interval.Upper]);
            var error = ShortfallError.Independent(losses.Losses[TailMeasures.TailIndex(Paths, 0.99m)..], Paths, 0.99m);
            Assert.Equal(losses.Measure(0.99m).ExpectedShortfall, exact.ExpectedShortfall, 4 * error);
            Assert.Equal(portfolio.Mean, pnl.Average(), 5 * Math.Sqrt(portfolio.Variance / Paths));
        }
    }

    [Fact]
    public void Components_add_up_whatever_the_position()
    {
        var random = new Random(31);
        for (var trial = 0; trial < 40; trial++)
        {
            var n = random.Next(1, 8);
            double[] delta = [.. Draw(n)], root = [.. Draw(n * n)], half = [.. Draw(n * n)];
            var gamma = new double[n * n];
            for (var i = 0; i < gamma.Length; i++)
                gamma[i] = half[i] + half[(i % n * n) + (i / n)];
            var portfolio = new DeltaGamma(delta, gamma, Matrix.ProductWithTransposed(root, root, n));
            Assert.Equal(portfolio.DeltaNormal(Level99).ValueAtRisk, portfolio.ComponentDeltaNormal(Level99).Sum(), 1e-10);
            Assert.Equal(portfolio.DeltaGammaNormal(Level99).ValueAtRisk, portfolio.ComponentDeltaGammaNormal(Level99).Sum(), 1e-10);

            // The increment is the difference of two computations.
            var without = (double[])delta.Clone();
            without[0] = 0;
            var less = new DeltaGamma(without, gamma, Matrix.ProductWithTransposed(root, root, n)).DeltaNormal(Level99).ValueAtRisk;
            Assert.Equal(portfolio.DeltaNormal(Level99).ValueAtRisk - less, portfolio.IncrementalDeltaNormal(Level99)[0], 1e-9);
        }

        IEnumerable<double> Draw(int count) => Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5);
    }

    // D. Maillard, "A user's guide to the Cornish Fisher expansion": without kurtosis any skewness leaves the domain, without skewness it
    // ends at an excess kurtosis of 8, and skewness is at most 6(√2 − 1).
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 7.999, true)]
    [InlineData(0, 8.001, false)]
    [InlineData(0.1, 0, false)]
    [InlineData(-0.1, 0, false)]
    [InlineData(1, 2, true)]
    [InlineData(2.49, 12, false)]
    public void The_expansion_says_where_it_is_no_quantile(double skewness, double kurtosis, bool monotone)
    {
        Assert.Equal(monotone, CornishFisher.IsMonotone(skewness, kurtosis));
        var falls = Enumerable.Range(-2000, 4000).Any(i => CornishFisher.Quantile((i + 1) / 100.0, skewness, kurtosis) < CornishFisher.Quantile(i / 100.0, skewness, kurtosis));
        Assert.Equal(monotone, !falls);
    }

    [Fact]
    public void The_expansions_shortfall_is_the_mean_of_its_quantiles()
    {
        const int Steps = 200_000;
        var sum = 0.0;
        for (var i = 0; i < Steps; i++)
            sum += CornishFisher.Quantile(-Elementary.InverseNormalCdf(0.01 * (i + 0.5) / Steps), 0.5, 1);
        Assert.Equal(sum / Steps, CornishFisher.Shortfall(Level99, 0.5, 1), 1e-4);
    }

    [Fact]
    public void A_matrix_that_is_no_covariance_is_seen()
    {
        // Correlations of 0.9, 0.9 and −0.9 contradict each other.
        var wrong = new DeltaGamma([1, 1, 1], new double[9], [1, 0.9, 0.9, 0.9, 1, -0.9, 0.9, -0.9, 1]);
        Assert.False(wrong.IsCovariance);
        Assert.Null(wrong.Exact(Level99));
        Assert.Equal(3, wrong.WorstCombination().Count(c => Math.Abs(c) > 0.5));
        Assert.False(new DeltaGamma([1, 1], new double[4], [0, 0.1, 0.1, 1]).IsCovariance);
        Assert.False(new DeltaGamma([1], [0.0], [-1]).IsCovariance);

        // A singular one is fine, in any units: two factors that move as one.
        var singular = new DeltaGamma([1, 1e6], new double[4], [1, 1e-6, 1e-6, 1e-12]);
        Assert.True(singular.IsCovariance);
        Assert.Equal(2 * Level99.Z, singular.Exact(Level99)!.Value.ValueAtRisk, 1e-9);
        Assert.Equal(0, new DeltaGamma([1], [1.0], [0]).Exact(Level99)!.Value.ValueAtRisk);
    }

    [Fact]
    public void What_is_no_position_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new DeltaGamma([], [], []));
        Assert.Throws<ArgumentException>(() => new DeltaGamma([1], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new DeltaGamma([double.NaN], [1.0], [1]));
        Assert.Throws<ArgumentException>(() => new DeltaGamma([1, 1], [0.0, 1, 2, 0], [1, 0, 0, 1]));
        Assert.Throws<ArgumentException>(() => new DeltaGamma([1e300], [0.0], [1e300]));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalLevel.OfZ(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalLevel.OfConfidence(1));
    }

    [Fact]
    public void Sine_and_cosine_are_right_to_the_last_digits()
    {
        for (var i = -4000; i < 4000; i++)
        {
            var x = i * 25.1234567;
            var (sine, cosine) = SineCosine.Of(x);
            Assert.Equal(Math.Sin(x), sine, 5e-16);
            Assert.Equal(Math.Cos(x), cosine, 5e-16);
        }
    }

    private static double[] Diagonal(params double[] values)
    {
        var matrix = new double[values.Length * values.Length];
        for (var i = 0; i < values.Length; i++)
            matrix[(i * values.Length) + i] = values[i];
        return matrix;
    }

    private static void Near(ParametricMeasure expected, ParametricMeasure actual, double tolerance)
    {
        Assert.Equal(expected.ValueAtRisk, actual.ValueAtRisk, tolerance);
        Assert.Equal(expected.ExpectedShortfall, actual.ExpectedShortfall, tolerance);
    }
}
