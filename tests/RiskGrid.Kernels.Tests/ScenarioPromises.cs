namespace RiskGrid.Kernels.Tests;

/// <summary>What the scenario kernel promises in either precision: order, splits, edges and refusals.</summary>
public abstract class ScenarioPromises
{
    private protected const int Slices = 3;
    private protected const int Count = 613;

    private readonly PnlKernel kernel;
    private protected readonly Book book;

    private protected ScenarioPromises(PnlKernel kernel)
    {
        this.kernel = kernel;
        book = new Book(50, Slices, Count, new Draw(41)) { Kernel = kernel };
    }

    [Fact]
    public void Any_split_of_the_scenarios_gives_the_same_bits()
    {
        var whole = book.Accumulate(0, Count);
        foreach (var size in new[] { 1, 2, 3, 5, 8, 13, 64, 255, 256, 257, 400 })
            for (var start = 0; start < Count; start += size)
            {
                var length = Math.Min(size, Count - start);
                var part = book.Accumulate(start, length);
                for (var s = 0; s < length; s++) Near.SameBits(whole[start + s], part[s], $"scenario {start + s} in a split of {size}");
            }
    }

    [Fact]
    public void Pnl_is_added_to_what_is_there_and_trades_in_two_calls_are_trades_in_one()
    {
        var whole = book.Accumulate(0, Count);
        var twice = new double[Count];
        book.AccumulateTrades(0, 17, twice);
        book.AccumulateTrades(17, book.Trades - 17, twice);
        Assert.Equal(whole, twice);
    }

    [Fact]
    public void A_trade_of_weight_zero_adds_exactly_nothing()
    {
        var before = book.Accumulate(0, Count);
        var more = book.With(weight: 0, baseValue: 123);
        Assert.Equal(before, more.Accumulate(0, Count));
    }

    [Theory]
    [InlineData(0.0, 0.3)]
    [InlineData(0.2, 0.0)]
    public void Without_volatility_or_time_a_trade_is_worth_its_discounted_intrinsic_value(double volatility, double rootTime)
    {
        double[] forward = [90, 100, 110], discount = [0.9, 0.9, 0.9], multiplier = [1, 2, 0], pnl = [1, 1, 1];
        kernel(
            new ScenarioTrades
            {
                Side = new[] { OptionSide.Call }, Strike = new[] { 100.0 }, Volatility = new[] { volatility },
                RootTime = new[] { rootTime }, Weight = new[] { 2.0 }, BaseValue = new[] { 0.5 }, Slice = new[] { 0 },
            },
            new ScenarioMarket { Slices = 1, Count = 3, Forward = forward, Discount = discount, VolatilityMultiplier = multiplier },
            pnl);
        Assert.Equal(0.5, pnl[0]);
        Assert.Equal(0.5, pnl[1]);
        Assert.Equal(0.5 + (2 * 0.9 * 10), pnl[2], 13);
    }

    [Theory]
    [InlineData(-36.98, 1.0, 1.0)]
    [InlineData(0.0, 1.0, 1.0)]
    [InlineData(double.NaN, 1.0, 1.0)]
    [InlineData(100.0, double.PositiveInfinity, 1.0)]
    [InlineData(100.0, 1.0, -0.1)]
    [InlineData(100.0, 1.0, double.NaN)]
    public void A_scenario_with_an_unusable_market_is_NaN_and_the_others_are_not(double forward, double discount, double multiplier)
    {
        var clean = book.Accumulate(0, Count);
        var cell = (book.Slice[0] * Count) + 11;
        var broken = book.WithMarket(cell, forward, discount, multiplier).Accumulate(0, Count);
        for (var s = 0; s < Count; s++) Near.SameBits(s == 11 ? double.NaN : clean[s], broken[s], $"scenario {s}");
    }

    [Fact]
    public void An_unsound_trade_is_named_and_nothing_is_added()
    {
        var pnl = new double[Count];
        foreach (var bad in new[]
        {
            book.With(strike: 0), book.With(strike: double.NaN), book.With(volatility: -0.1), book.With(rootTime: double.NaN),
            book.With(weight: double.PositiveInfinity), book.With(baseValue: double.NaN), book.With(slice: Slices), book.With(slice: -1),
            book.With(side: (OptionSide)3),
        })
        {
            var e = Assert.Throws<ArgumentException>(() => bad.AccumulateTrades(0, bad.Trades, pnl));
            Assert.Contains("trade 50 cannot be valued", e.Message, StringComparison.Ordinal);
            Assert.All(pnl, v => Assert.Equal(0.0, v));
        }
    }

    [Fact]
    public void A_market_of_the_wrong_size_or_a_shared_output_is_named()
    {
        var empty = new ScenarioTradesColumns();
        Assert.Equal("market.Discount", Assert.Throws<ArgumentException>(() => kernel(
            empty.Trades(),
            new ScenarioMarket { Slices = 2, Count = 3, Forward = new double[6], Discount = new double[5], VolatilityMultiplier = new double[6] },
            new double[3])).ParamName);
        Assert.Equal("pnl", Assert.Throws<ArgumentException>(() => kernel(
            empty.Trades(),
            new ScenarioMarket { Slices = 1, Count = 3, Forward = book.Forward.AsSpan(0, 3), Discount = new double[3], VolatilityMultiplier = new double[3] },
            book.Forward.AsSpan(1, 3))).ParamName);
        Assert.Throws<ArgumentException>(() => kernel(
            empty.Trades(),
            new ScenarioMarket { Slices = 65536, Count = 65536, Forward = [], Discount = [], VolatilityMultiplier = [] }, []));
    }

    private sealed class ScenarioTradesColumns
    {
        public ScenarioTrades Trades() => new()
        {
            Side = [], Strike = [], Volatility = [], RootTime = [], Weight = [], BaseValue = [], Slice = [],
        };
    }
}
