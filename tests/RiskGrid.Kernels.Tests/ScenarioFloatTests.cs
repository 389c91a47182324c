namespace RiskGrid.Kernels.Tests;

/// <summary>The scenario kernel in single precision: its stated error against double, on the accuracy grid and beyond.</summary>
public sealed class ScenarioFloatTests() : ScenarioPromises(ScenarioKernel.AccumulatePnlFloat)
{
    // Rounding in double, which both precisions share, in units of the larger leg.
    private const double Rounding = 2e-15;

    [Theory]
    [InlineData(42, 2.0, 1.0)]
    [InlineData(43, 1.02, 1.0)]
    [InlineData(44, 1.0, 1.0)]
    [InlineData(45, 1e6, 1e3)]
    [InlineData(46, 1e150, 1e8)]
    public void A_value_is_within_the_stated_error_of_the_double_one(int seed, double moneyness, double multiplier)
    {
        const int Scenarios = 512;
        var draw = new Draw(seed);
        double worst = 0;
        for (var i = 0; i < 400; i++)
        {
            var option = draw.Forward();
            double[] strike = [option.Strike], volatility = [option.Volatility], root = [Math.Sqrt(option.Time)], weight = [-3], zero = [0];
            var (forward, discount, multipliers) = (new double[Scenarios], new double[Scenarios], new double[Scenarios]);
            for (var s = 0; s < Scenarios; s++)
            {
                forward[s] = option.Strike * draw.LogUniform(1 / moneyness, moneyness);
                discount[s] = draw.Uniform(0.5, 1.2);
                multipliers[s] = draw.LogUniform(1 / multiplier, multiplier);
            }

            var trades = new ScenarioTrades
            {
                Side = new[] { option.Side }, Strike = strike, Volatility = volatility, RootTime = root, Weight = weight,
                BaseValue = zero, Slice = new[] { 0 },
            };
            var market = new ScenarioMarket
            {
                Slices = 1, Count = Scenarios, Forward = forward, Discount = discount, VolatilityMultiplier = multipliers,
            };
            var (expected, pnl) = (new double[Scenarios], new double[Scenarios]);
            ScenarioKernel.AccumulatePnl(trades, market, expected);
            ScenarioKernel.AccumulatePnlFloat(trades, market, pnl);
            for (var s = 0; s < Scenarios; s++)
            {
                var scale = 3 * discount[s];
                var larger = scale * Math.Max(forward[s], option.Strike) * Rounding;
                var smaller = scale * Math.Min(forward[s], option.Strike);
                var error = (Math.Abs(expected[s] - pnl[s]) - larger) / smaller;
                if (!(error <= ScenarioKernel.FloatError))
                    Assert.Fail($"seed {seed}: {option} at forward {forward[s]:R}, multiplier {multipliers[s]:R} is off by {error:E2}");
                worst = Math.Max(worst, error);
            }
        }

        Assert.True(worst > ScenarioKernel.FloatError / 100, $"seed {seed}: an error of {worst:E1} is not single precision's");
    }

    [Fact]
    public void A_scenario_in_which_nothing_moves_has_a_pnl_within_the_stated_error()
    {
        var unmoved = book.Unmoved(ScenarioKernel.AccumulatePnl);
        double scale = 0;
        for (var i = 0; i < unmoved.Trades; i++)
            scale += Math.Abs(unmoved.Weight[i]) * unmoved.Discount[unmoved.Slice[i] * Count]
                * Math.Min(unmoved.Forward[unmoved.Slice[i] * Count], unmoved.Strike[i]);
        foreach (var pnl in unmoved.Accumulate(0, Count)) Near.Require(0, pnl, ScenarioKernel.FloatError * scale, "the P&L");
    }

    [Fact]
    public void An_option_far_in_the_money_is_worth_its_intrinsic_value_to_rounding_in_double()
    {
        var pnl = new double[1];
        var put = new ScenarioTrades
        {
            Side = new[] { OptionSide.Put }, Strike = new[] { 1e7 / 3 }, Volatility = new[] { 0.2 }, RootTime = new[] { 0.5 },
            Weight = new[] { 1.0 }, BaseValue = new[] { 0.0 }, Slice = new[] { 0 },
        };
        var market = new ScenarioMarket
        {
            Slices = 1, Count = 1, Forward = new[] { 1e6 / 7 }, Discount = new[] { 1.0 }, VolatilityMultiplier = new[] { 1.0 },
        };
        ScenarioKernel.AccumulatePnlFloat(put, market, pnl);
        Assert.Equal((1e7 / 3) - (1e6 / 7), pnl[0]);
    }
}
