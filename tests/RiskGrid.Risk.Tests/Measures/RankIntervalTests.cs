namespace RiskGrid.Risk.Tests.Measures;

public sealed class RankIntervalTests
{
    [Fact]
    public void The_median_of_ten_lies_between_the_second_and_the_ninth()
    {
        // H. A. David and H. N. Nagaraja, Order Statistics: n = 10, the median, ranks 2 and 9 have coverage 1 − 2·11/1024.
        Assert.Equal(new RankInterval(1, 8, 1 - (22.0 / 1024)), Rounded(RankInterval.Independent(10, 0.5m)));
        Assert.Equal(9, RankInterval.TailNeeded(10, 0.5m, antithetic: false));
    }

    [Fact]
    public void Ends_are_as_near_as_the_level_allows()
    {
        foreach (var (scenarios, q) in new[] { (1_000, 0.99m), (10_000, 0.975m), (1_000_000, 0.99m) })
        {
            var interval = RankInterval.Independent(scenarios, q);
            Assert.True(interval.Coverage >= 0.95, $"{scenarios}: {interval}");
            Assert.InRange((double)TailMeasures.TailIndex(scenarios, q), interval.Lower, interval.Upper);
            Assert.True(Binomial.Cdf(interval.Lower + 1, scenarios, (double)q) > 0.025, "one loss further in would be too near below");
            Assert.True(Binomial.Survival(interval.Upper - 1, scenarios, (double)q) > 0.025, "one loss further in would be too near above");
        }
    }

    [Fact]
    public void A_sample_that_is_too_small_has_no_upper_end()
    {
        // 0.99^100 = 36.6 %: all hundred losses may well lie below the quantile.
        var interval = RankInterval.Independent(100, 0.99m);
        Assert.Equal(100, interval.Upper);
        Assert.Equal(-1, RankInterval.Independent(1, 0.5m).Lower);
        Assert.Equal(1, RankInterval.TailNeeded(1, 0.5m, antithetic: false));
    }

    [Fact]
    public void Pairs_without_a_common_tail_narrow_the_interval_and_pairs_that_share_it_widen_it()
    {
        var apart = RankInterval.Antithetic(100_000, 0.99m, 1_000, 0);
        var together = RankInterval.Antithetic(100_000, 0.99m, 1_000, 500);
        var independent = RankInterval.Independent(100_000, 0.99m);
        Assert.InRange(apart.Upper - apart.Lower, 0, independent.Upper - independent.Lower + 2);
        Assert.True(together.Upper - together.Lower > independent.Upper - independent.Lower, $"{together} and {independent}");
        Assert.Equal(100_000 - together.Lower, RankInterval.TailNeeded(100_000, 0.99m, antithetic: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_interval_of_pairs_covers_the_quantile_as_often_as_it_says(bool symmetric)
    {
        // Losses |z| (both paths of a pair alike) or z (opposite), z standard normal; 600 samples of 2,000 paths.
        const int Seed = 17, Samples = 600, Paths = 2_000;
        var random = new Random(Seed);
        var quantile = symmetric ? 1.6448536269514722 : 1.2815515655446004;
        var covered = 0;
        for (var sample = 0; sample < Samples; sample++)
        {
            var pnl = new double[Paths];
            for (var i = 0; i < Paths; i += 2)
            {
                var z = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                (pnl[i], pnl[i + 1]) = symmetric ? (-Math.Abs(z), -Math.Abs(z)) : (-z, z);
            }

            var losses = SortedLosses.OfLossTail(pnl);
            var first = TailMeasures.TailIndex(Paths, 0.9m);
            var pairs = AntitheticPairs.In(losses.Losses[first..], losses.Scenarios[first..]);
            var interval = RankInterval.Antithetic(Paths, 0.9m, Paths - first, pairs.Both);
            covered += losses.Losses[interval.Lower] <= quantile && quantile <= losses.Losses[interval.Upper] ? 1 : 0;
        }

        // Three standard deviations of 600 draws at 95 %: 0.027.
        Assert.True(covered >= 0.92 * Samples, $"seed {Seed}: {covered} of {Samples}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_standard_error_of_a_shortfall_is_its_scatter(bool antithetic)
    {
        const int Seed = 23, Samples = 800, Paths = 2_000;
        var random = new Random(Seed);
        double sum = 0, squares = 0, errors = 0;
        for (var sample = 0; sample < Samples; sample++)
        {
            var pnl = new double[Paths];
            for (var i = 0; i < Paths; i += 2)
            {
                pnl[i] = Quadratic(Normal());
                pnl[i + 1] = antithetic ? pnl[i] : Quadratic(Normal());
            }

            var losses = SortedLosses.OfLossTail(pnl);
            var first = TailMeasures.TailIndex(Paths, 0.9m);
            var tail = losses.Losses[first..];
            var pairs = AntitheticPairs.In(tail, losses.Scenarios[first..]);
            errors += antithetic ? ShortfallError.Antithetic(tail, Paths, 0.9m, pairs.Products) : ShortfallError.Independent(tail, Paths, 0.9m);
            var shortfall = losses.Measure(0.9m).ExpectedShortfall;
            sum += shortfall;
            squares += shortfall * shortfall;
        }

        var scatter = Math.Sqrt((squares - (sum * sum / Samples)) / (Samples - 1));

        // The scatter of 800 samples is known to 1/√1600 = 2.5 %, three of which are 7.5 %.
        Assert.True(Math.Abs((errors / Samples / scatter) - 1) < 0.08, $"seed {Seed}: the mean standard error is {errors / Samples}, the scatter {scatter}");

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        static double Quadratic(double z) => -z * z;
    }

    [Fact]
    public void What_is_no_pair_or_no_level_is_refused()
    {
        Assert.Throws<ArgumentException>(() => RankInterval.Antithetic(11, 0.9m, 1, 0));
        Assert.Throws<ArgumentException>(() => RankInterval.Antithetic(10, 0.9m, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankInterval.Independent(10, 0.9m, 1));
        Assert.Throws<ArgumentException>(() => ShortfallError.Independent([1, 2], 10, 0.9m));
        Assert.Throws<ArgumentException>(() => AntitheticPairs.In([1, 2], [1]));
        Assert.Equal(0, ShortfallError.Independent([1], 10, 0.9m));
    }

    private static RankInterval Rounded(RankInterval interval) => interval with { Coverage = Math.Round(interval.Coverage, 12) };
}
