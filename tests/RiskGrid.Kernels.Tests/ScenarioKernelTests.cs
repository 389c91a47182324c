namespace RiskGrid.Kernels.Tests;

/// <summary>The scenario kernel in double against pricing each scenario.</summary>
public sealed class ScenarioKernelTests() : ScenarioPromises(ScenarioKernel.AccumulatePnl)
{
    [Fact]
    public void The_sum_is_each_trade_priced_in_each_scenario()
    {
        var pnl = book.Accumulate(0, Count);
        for (var s = 0; s < Count; s += 7)
        {
            double expected = 0, scale = 0;
            for (var i = 0; i < book.Trades; i++)
            {
                var cell = (book.Slice[i] * Count) + s;
                var option = new ForwardOption(book.Side[i], book.Forward[cell], book.Strike[i], book.RootTime[i] * book.RootTime[i],
                    book.Volatility[i] * book.Multiplier[cell], book.Discount[cell]);
                expected += (book.Weight[i] * option.Price()) - book.BaseValue[i];
                scale += Math.Abs(book.Weight[i]) * book.Discount[cell] * Math.Max(option.Forward, option.Strike);
            }

            Near.Require(expected, pnl[s], 4e-15 * scale, $"scenario {s}");
        }
    }

    [Fact]
    public void A_scenario_in_which_nothing_moves_has_a_pnl_of_exactly_zero()
    {
        var unmoved = book.Unmoved(ScenarioKernel.AccumulatePnl);
        Assert.All(unmoved.Accumulate(0, Count), v => Assert.Equal(0.0, v));
    }
}
