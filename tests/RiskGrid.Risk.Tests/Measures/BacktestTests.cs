namespace RiskGrid.Risk.Tests.Measures;

public sealed class BacktestTests
{
    // The example of MathWorks' varbacktest (Risk Management Toolbox, "VaR Backtesting Workflow"): 1,043 days.
    [Theory]
    [InlineData(57, 0.05, 0.46147, 0.49694)]
    [InlineData(17, 0.01, 3.5118, 0.060933)]
    [InlineData(59, 0.05, 0.91023, 0.34005)]
    [InlineData(12, 0.01, 0.22768, 0.63325)]
    [InlineData(22, 0.01, 9.8298, 0.0017171)]
    public void Kupiecs_ratio_has_its_published_values(int exceptions, double probability, double statistic, double pValue)
    {
        var ratio = ExceptionTests.Kupiec(1043, exceptions, probability);
        Assert.Equal(statistic, ratio.Statistic, 5e-5 * Math.Max(1, statistic));
        Assert.Equal(pValue, ratio.PValue, 5e-5 * Math.Max(0.01, pValue));
    }

    // P. H. Kupiec (1995), as in P. Jorion, Value at Risk (3rd edition 2007), table 6.2: the numbers of exceptions that are not rejected at 95 %.
    // (The printed region "N < 7" of the first passes over zero, whose ratio of 5.13 does reject.)
    [Theory]
    [InlineData(0.01, 255, 0, 7)]
    [InlineData(0.01, 510, 1, 11)]
    [InlineData(0.01, 1000, 4, 17)]
    [InlineData(0.025, 255, 2, 12)]
    [InlineData(0.025, 510, 6, 21)]
    [InlineData(0.025, 1000, 15, 36)]
    [InlineData(0.05, 255, 6, 21)]
    [InlineData(0.05, 510, 16, 36)]
    [InlineData(0.05, 1000, 37, 65)]
    public void Kupiecs_regions_are_met(double probability, int days, int above, int below)
    {
        for (var x = above; x <= below; x++)
            Assert.Equal(x > above && x < below, ExceptionTests.Kupiec(days, x, probability).PValue > 0.05);
    }

    [Fact]
    public void Christoffersens_ratios_have_their_published_values()
    {
        var independence = ExceptionTests.Independence(new ExceptionTransitions(932, 53, 53, 4));
        Assert.Equal(0.25866, independence.Statistic, 5e-6);
        Assert.Equal(0.61104, independence.PValue, 5e-6);
        var both = ExceptionTests.ConditionalCoverage(ExceptionTests.Kupiec(1043, 57, 0.05), independence);
        Assert.Equal(0.72013, both.Statistic, 1e-5);
        Assert.Equal(0.69763, both.PValue, 1e-5);
        Assert.Equal(2, both.DegreesOfFreedom);
    }

    [Fact]
    public void No_exceptions_and_nothing_else_have_their_values()
    {
        // x = 0: −2N ln(1 − p); x = N: −2N ln p.
        Assert.Equal(-500 * Math.Log(0.99), ExceptionTests.Kupiec(250, 0, 0.01).Statistic, 1e-10);
        Assert.Equal(-500 * Math.Log(0.01), ExceptionTests.Kupiec(250, 250, 0.01).Statistic, 1e-10);
        Assert.Equal(new LikelihoodRatio(0, 1, false), ExceptionTests.Independence(new ExceptionTransitions(249, 0, 0, 0)));
        Assert.Equal(new LikelihoodRatio(0, 1, false), ExceptionTests.Independence(new ExceptionTransitions(0, 0, 0, 249)));
        Assert.Equal(1, ExceptionTests.Independence(new ExceptionTransitions(249, 0, 0, 0)).PValue);

        // One exception on the last day: nothing follows it.
        Assert.False(ExceptionTests.Independence(ExceptionTransitions.Of([false, false, true])).IsDefined);
        Assert.Equal(new ExceptionTransitions(1, 2, 1, 1), ExceptionTransitions.Of([false, false, true, true, false, true]));
        Assert.Equal(default, ExceptionTransitions.Of([true]));
        Assert.Throws<ArgumentException>(() => ExceptionTests.Independence(default));
    }

    [Fact]
    public void Exceptions_in_a_row_are_not_independent()
    {
        bool[] apart = [.. Enumerable.Range(0, 500).Select(t => t % 50 == 25)], together = [.. Enumerable.Range(0, 500).Select(t => t is >= 100 and < 110)];
        Assert.True(ExceptionTests.Independence(ExceptionTransitions.Of(apart)).PValue > 0.3);
        Assert.True(ExceptionTests.Independence(ExceptionTransitions.Of(together)).PValue < 1e-6);
    }

    // Basel Committee (January 1996), table 2: 250 days at 99 %.
    [Theory]
    [InlineData(0, Zone.Green, 0.0811, 0.00)]
    [InlineData(1, Zone.Green, 0.2858, 0.00)]
    [InlineData(2, Zone.Green, 0.5432, 0.00)]
    [InlineData(3, Zone.Green, 0.7581, 0.00)]
    [InlineData(4, Zone.Green, 0.8922, 0.00)]
    [InlineData(5, Zone.Amber, 0.9588, 0.40)]
    [InlineData(6, Zone.Amber, 0.9863, 0.50)]
    [InlineData(7, Zone.Amber, 0.9960, 0.65)]
    [InlineData(8, Zone.Amber, 0.9989, 0.75)]
    [InlineData(9, Zone.Amber, 0.9997, 0.85)]
    [InlineData(10, Zone.Red, 0.9999, 1.00)]
    [InlineData(250, Zone.Red, 1, 1.00)]
    public void The_traffic_light_is_the_committees_table(int exceptions, Zone zone, double cumulative, double increase)
    {
        var light = TrafficLight.Of(250, exceptions, 0.01);
        Assert.Equal(zone, light.Zone);
        Assert.Equal(cumulative, light.CumulativeProbability, 5.1e-5);
        Assert.Equal(increase, light.MultiplierIncrease);
    }

    // MathWorks' varbacktest again, "tl": 57 of 1,043 at 95 % is green with P(X ≤ 57) = 0.77913 and P(X ≥ 57) = 0.26396.
    [Fact]
    public void Other_numbers_of_days_go_by_their_probability()
    {
        var light = TrafficLight.Of(1043, 57, 0.05);
        Assert.Equal((Zone.Green, null), (light.Zone, light.MultiplierIncrease));
        Assert.Equal(0.77913, light.CumulativeProbability, 5e-6);
        Assert.Equal(0.26396, light.ProbabilityOfAsMany, 5e-6);
        Assert.Equal(Zone.Amber, TrafficLight.Of(1043, 17, 0.01).Zone);
        Assert.Equal(1, TrafficLight.Of(1043, 0, 0.01).ProbabilityOfAsMany);
    }

    [Theory]
    [InlineData(0, 0, 0.01)]
    [InlineData(10, 11, 0.01)]
    [InlineData(10, -1, 0.01)]
    [InlineData(10, 1, 0)]
    [InlineData(10, 1, 1)]
    [InlineData(10, 1, double.NaN)]
    public void Counts_that_contradict_themselves_are_refused(int days, int exceptions, double probability)
    {
        Assert.Throws<ArgumentException>(() => ExceptionTests.Kupiec(days, exceptions, probability));
        Assert.Throws<ArgumentException>(() => TrafficLight.Of(days, exceptions, probability));
    }

    [Fact]
    public void Shortfall_tests_follow_their_formulas()
    {
        // Two exceptions in four days: losses 3 and 5 against a shortfall of 2.5.
        var test = ShortfallBacktest.Of([1, -3, 0, -5], [2, 2, 2, 2], [2.5, 2.5, 2.5, 2.5], 0.25);
        Assert.Equal((2, 4), (test.Exceptions, test.Days));
        Assert.Equal(1 - 1.6, test.Z1!.Value, 1e-15);
        Assert.Equal(1 - 3.2, test.Z2, 1e-15);
        Assert.Equal(Zone.Red, test.Zone);

        // No exceptions: no size to judge, and Z₂ is 1.
        Assert.Equal(new ShortfallBacktest(1, 0, null, 1), ShortfallBacktest.Of([1], [2], [3], 0.025));
        Assert.Throws<ArgumentException>(() => ShortfallBacktest.Of([1], [2], [0], 0.025));
        Assert.Throws<ArgumentException>(() => ShortfallBacktest.Of([1], [2, 2], [3, 3], 0.025));
        Assert.Throws<ArgumentException>(() => ShortfallBacktest.Of([double.NaN], [2], [3], 0.025));
    }

    // C. Acerbi and B. Székely (2014): critical values of Z₂ for T = 250 and p = 2.5 %: −0.70 at 5 % for a normal, −0.82 for a t with 3.
    [Theory]
    [InlineData(null, -0.70)]
    [InlineData(3.0, -0.82)]
    public void The_simulated_p_value_meets_the_published_critical_values(double? degrees, double critical) =>
        Assert.Equal(0.05, new ShortfallBacktest(250, 0, null, critical).PValueOfZ2(0.025, degrees, 5_000), 0.01);

    [Fact]
    public void Attribution_compares_order_and_distribution()
    {
        double[] pnl = [.. Enumerable.Range(0, 100).Select(i => (i * 37 % 100) - 50.0)];
        Assert.Equal(new PnlAttribution(100, 1, 0), PnlAttribution.Of(pnl, pnl));
        Assert.Equal(Zone.Green, PnlAttribution.Of(pnl, pnl).Zone);

        // The same order on another scale: correlation 1, distributions apart.
        var scaled = PnlAttribution.Of(pnl, [.. pnl.Select(p => p * 0.5)]);
        Assert.Equal(1, scaled.Spearman);
        Assert.True(scaled.KolmogorovSmirnov > 0.12 && scaled.Zone == Zone.Red, $"{scaled}");
        Assert.Equal(-1, PnlAttribution.Of(pnl, [.. pnl.Select(p => -p)]).Spearman);
        Assert.Equal((null, Zone.Red), (PnlAttribution.Of(pnl, new double[100]).Spearman, PnlAttribution.Of(pnl, new double[100]).Zone));

        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5/√(4.5·5).
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), PnlAttribution.Of([1, 2, 2, 3], [1, 2, 3, 4]).Spearman!.Value, 1e-15);
        Assert.Equal(0.25, PnlAttribution.Of([1, 2, 2, 3], [1, 2, 3, 4]).KolmogorovSmirnov);
        Assert.Throws<ArgumentException>(() => PnlAttribution.Of([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => PnlAttribution.Of([double.NaN], [1]));
    }

    [Theory]
    [InlineData(0.81, 0.08, Zone.Green)]
    [InlineData(0.79, 0.08, Zone.Amber)]
    [InlineData(0.81, 0.10, Zone.Amber)]
    [InlineData(0.69, 0.08, Zone.Red)]
    [InlineData(0.81, 0.13, Zone.Red)]
    public void The_zones_of_attribution_are_those_of_the_framework(double correlation, double distance, Zone zone) =>
        Assert.Equal(zone, new PnlAttribution(250, correlation, distance).Zone);
}
