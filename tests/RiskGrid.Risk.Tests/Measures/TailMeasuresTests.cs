namespace RiskGrid.Risk.Tests.Measures;

public sealed class TailMeasuresTests
{
    [Fact]
    public void Var_is_the_loss_at_the_floor_of_q_n_and_shortfall_the_mean_from_there_on()
    {
        // Losses 1..10: ⌊0.7·10⌋ = 7 → the eighth smallest loss, 8; mean of 8, 9, 10.
        double[] pnl = [-3, -10, -1, -7, -5, -2, -9, -4, -8, -6];
        Assert.Equal(8, TailMeasures.ValueAtRisk(pnl, 0.7m));
        Assert.Equal(9, TailMeasures.ExpectedShortfall(pnl, 0.7m));

        // ⌊0.75·10⌋ = 7 as well, ⌊0.99·10⌋ = 9: the largest loss, and the tail is it alone.
        Assert.Equal(8, TailMeasures.ValueAtRisk(pnl, 0.75m));
        Assert.Equal(10, TailMeasures.ValueAtRisk(pnl, 0.99m));
        Assert.Equal(10, TailMeasures.ExpectedShortfall(pnl, 0.99m));
        Assert.Equal((8, 9.5), TailMeasures.Both(pnl, 0.7m, 0.8m));
    }

    [Theory]
    [InlineData("0.29", 100, 29)]
    [InlineData("0.57", 100, 57)]
    [InlineData("0.99", 1000, 990)]
    [InlineData("0.975", 1000, 975)]
    [InlineData("0.99", 4452, 4407)]
    [InlineData("0.975", 4452, 4340)]
    public void The_confidence_is_an_exact_decimal(string confidence, int scenarios, int index) =>
        Assert.Equal(index, TailMeasures.TailIndex(scenarios, decimal.Parse(confidence)));

    [Fact]
    public void A_binary_fraction_would_have_missed_the_index() => Assert.Equal(28, (int)Math.Floor(0.29 * 100));

    [Fact]
    public void One_scenario_is_its_own_tail()
    {
        Assert.Equal(5, TailMeasures.ValueAtRisk([-5], 0.99m));
        Assert.Equal(5, TailMeasures.ExpectedShortfall([-5], 0.01m));
    }

    [Fact]
    public void A_portfolio_that_gains_everywhere_has_a_negative_var()
    {
        double[] pnl = [1, 2, 3, 4];
        Assert.Equal(-1, TailMeasures.ValueAtRisk(pnl, 0.99m));
        Assert.Equal(-1.5, TailMeasures.ExpectedShortfall(pnl, 0.5m));
    }

    [Fact]
    public void Equal_losses_count_one_by_one()
    {
        double[] pnl = [-2, -2, -2, -2, -7];
        Assert.Equal(2, TailMeasures.ValueAtRisk(pnl, 0.6m));
        Assert.Equal(4.5, TailMeasures.ExpectedShortfall(pnl, 0.6m));
    }

    [Fact]
    public void The_order_of_the_scenarios_does_not_change_a_bit()
    {
        var random = new Random(99);
        var pnl = Enumerable.Range(0, 1000).Select(_ => (random.NextDouble() - 0.5) * 1e9).ToArray();
        var before = TailMeasures.Both(pnl, 0.99m, 0.975m);
        random.Shuffle(pnl);
        Assert.Equal(before, TailMeasures.Both(pnl, 0.99m, 0.975m));
        Assert.Equal(before, (TailMeasures.ValueAtRisk(pnl, 0.99m), TailMeasures.ExpectedShortfall(pnl, 0.975m)));
    }

    [Fact]
    public void No_loss_is_plus_zero_and_the_vector_stays_as_it_was()
    {
        double[] pnl = [0.0, -0.0, 0.0];
        Assert.Equal(0L, BitConverter.DoubleToInt64Bits(TailMeasures.ValueAtRisk(pnl, 0.5m)));
        double[] given = [3, 1, 2];
        TailMeasures.ValueAtRisk(given, 0.5m);
        Assert.Equal([3.0, 1.0, 2.0], given);
    }

    [Fact]
    public void What_has_no_quantile_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TailMeasures.ValueAtRisk([], 0.99m));
        var refusal = Assert.Throws<ArgumentException>(() => TailMeasures.ValueAtRisk([1, double.NaN], 0.99m));
        Assert.Contains("scenario 1", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TailMeasures.ExpectedShortfall([double.NegativeInfinity], 0.99m));
        foreach (var confidence in new[] { 0m, 1m, -0.5m, 1.01m })
            Assert.Throws<ArgumentOutOfRangeException>(() => TailMeasures.ExpectedShortfall([1], confidence));
    }
}
