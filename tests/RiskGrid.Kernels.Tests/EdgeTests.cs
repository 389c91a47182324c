namespace RiskGrid.Kernels.Tests;

/// <summary>Every edge has a defined value or a refusal of its element alone.</summary>
public sealed class EdgeTests
{
    private static readonly SpotOption Plain = new(OptionSide.Call, 100, 95, 0.5, 0.2, 0.03, 0.01);
    private static readonly ForwardOption OnForward = new(OptionSide.Call, 100, 95, 0.5, 0.2, 0.97);

    [Theory]
    [InlineData(OptionSide.Call, 100, 95, 5, 1)]
    [InlineData(OptionSide.Call, 95, 100, 0, 0)]
    [InlineData(OptionSide.Put, 95, 100, 5, -1)]
    [InlineData(OptionSide.Put, 100, 95, 0, 0)]
    [InlineData(OptionSide.Call, 100, 100, 0, 1)]
    [InlineData(OptionSide.Put, 100, 100, 0, 0)]
    public void On_the_day_of_expiry_an_option_is_its_payoff(OptionSide side, double spot, double strike, double price, double delta)
    {
        var g = new SpotOption(side, spot, strike, 0, 0.2, 0.03, 0.01).Greeks();
        Assert.Equal((price, delta), (g.Price, g.Delta));
        Assert.Equal((0.0, 0.0, 0.0, 0.0), (g.Gamma, g.Vega, g.Vanna, g.Volga));
        Assert.Equal(0.0, g.Rho);
    }

    [Theory]
    [InlineData(OptionSide.Call)]
    [InlineData(OptionSide.Put)]
    public void Without_volatility_an_option_is_its_certain_payoff(OptionSide side)
    {
        var option = Plain with { Side = side, Volatility = 0 };
        var asset = 100 * Elementary.Exp(-0.01 * 0.5);
        var cash = 95 * Elementary.Exp(-0.03 * 0.5);
        var g = option.Greeks();
        Near.Require(Math.Max((int)side * (asset - cash), 0), g.Price, 1e-13, "the certain payoff");
        var exercised = side == OptionSide.Call ? 1 : 0;
        Near.Require(exercised * asset / 100, g.Delta, 1e-15, "delta");
        Near.Require(exercised * ((0.01 * asset) - (0.03 * cash)), g.Theta, 1e-14, "theta is the carry");
        Near.Require(exercised * 0.5 * cash, g.Rho, 1e-13, "rho");
        Assert.Equal((0.0, 0.0), (g.Gamma, g.Vega));
        Assert.Equal(Math.Max((int)side * (100.0 - 95), 0) * 0.97, (OnForward with { Side = side, Volatility = 0 }).Price(), 13);
    }

    [Theory]
    [InlineData(1e-12, 0.2)]
    [InlineData(0.5, 1e-12)]
    [InlineData(1e-300, 1e-300)]
    public void A_vanishing_time_or_volatility_tends_to_the_same_value(double time, double volatility)
    {
        var price = (Plain with { Time = time, Volatility = volatility }).Price();
        Near.Require((Plain with { Time = time, Volatility = 0 }).Price(), price, 1e-12, "the limit");
    }

    [Fact]
    public void Far_wings_are_zero_or_the_forward_and_never_negative()
    {
        foreach (var ratio in new[] { 1e-300, 1e-50, 1e-5, 1e5, 1e50, 1e300 })
            foreach (var side in new[] { OptionSide.Call, OptionSide.Put })
            {
                var g = (OnForward with { Side = side, Forward = ratio, Strike = 1, Discount = 1 }).Greeks();
                Near.Require(Math.Max((int)side * (ratio - 1), 0), g.Price, 1e-15 * Math.Max(ratio, 1), $"F/K = {ratio}");
                Assert.True(g.Price >= 0, "a price is not negative");
                Assert.Equal((ratio > 1) == (side == OptionSide.Call) ? (double)side : 0, g.Delta, 12);
            }
    }

    [Fact]
    public void Huge_volatility_is_worth_the_whole_leg()
    {
        var call = OnForward with { Volatility = 1000, Time = 100 };
        Assert.Equal(97.0, call.Price(), 12);
        Assert.Equal(95 * 0.97, (call with { Side = OptionSide.Put }).Price(), 12);
        Assert.Equal(0.0, call.Greeks().Vega);
    }

    [Fact]
    public void Negative_rates_and_yields_price_as_any_other()
    {
        var option = Plain with { Rate = -0.02, DividendYield = -0.01 };
        var call = option.Price();
        var put = (option with { Side = OptionSide.Put }).Price();
        Near.Require((100 * Math.Exp(0.005)) - (95 * Math.Exp(0.01)), call - put, 1e-13, "parity under negative rates");
        Assert.True((OnForward with { Discount = 1.02 }).Price() > OnForward.Price(), "a discount factor above one is allowed");
    }

    public static TheoryData<int, double, ElementStatus> Refusals() => new()
    {
        { 0, 0, ElementStatus.NonPositiveSpot }, { 0, -1, ElementStatus.NonPositiveSpot },
        { 1, 0, ElementStatus.NonPositiveStrike }, { 1, -5, ElementStatus.NonPositiveStrike },
        { 2, -1e-9, ElementStatus.NegativeTime }, { 3, -0.2, ElementStatus.NegativeVolatility },
        { 0, double.NaN, ElementStatus.NotFinite }, { 1, double.PositiveInfinity, ElementStatus.NotFinite },
        { 2, double.NaN, ElementStatus.NotFinite }, { 3, double.PositiveInfinity, ElementStatus.NotFinite },
        { 4, double.NegativeInfinity, ElementStatus.NotFinite }, { 5, double.NaN, ElementStatus.NotFinite },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_spot_option_that_makes_no_sense_is_refused_with_its_reason(int field, double value, ElementStatus reason)
    {
        var option = field switch
        {
            0 => Plain with { Spot = value },
            1 => Plain with { Strike = value },
            2 => Plain with { Time = value },
            3 => Plain with { Volatility = value },
            4 => Plain with { Rate = value },
            _ => Plain with { DividendYield = value },
        };
        Assert.Equal(reason, option.TryPrice(out var price));
        Near.SameBits(double.NaN, price, "a refused price is the canonical NaN");
        Assert.Equal(reason, option.TryGreeks(out var g));
        foreach (var output in new[] { g.Price, g.Delta, g.Gamma, g.Vega, g.Theta, g.Rho, g.Vanna, g.Volga })
            Near.SameBits(double.NaN, output, "a refused Greek is the canonical NaN");
    }

    [Fact]
    public void A_value_too_large_for_a_double_is_refused()
    {
        var option = Plain with { Side = OptionSide.Put, Rate = -1e6 };
        Assert.Equal(ElementStatus.NotFinite, option.TryPrice(out var price));
        Near.SameBits(double.NaN, price, "a refused price is the canonical NaN");
        Assert.Equal(0.0, (option with { Side = OptionSide.Call }).Price());
    }

    [Theory]
    [InlineData(OptionSide.Call)]
    [InlineData(OptionSide.Put)]
    public void Two_legs_too_large_for_a_double_are_refused_and_not_worth_nothing(OptionSide side)
    {
        var spot = new SpotOption(side, 1e308, 1e308, 10, 0.2, -10, -10);
        Assert.Equal(ElementStatus.NotFinite, spot.TryPrice(out var price));
        Near.SameBits(double.NaN, price, "a refused price is the canonical NaN");
        Assert.Equal(ElementStatus.NotFinite, spot.TryGreeks(out _));
        Assert.Equal(ElementStatus.NotFinite, new ForwardOption(side, 1e308, 1e308, 10, 0.2, 1e10).TryPrice(out _));
    }

    [Theory]
    [InlineData(0, 0.0, ElementStatus.NonPositiveForward)]
    [InlineData(0, -36.98, ElementStatus.NonPositiveForward)]
    [InlineData(1, -1.0, ElementStatus.NonPositiveStrike)]
    [InlineData(2, -1.0, ElementStatus.NegativeTime)]
    [InlineData(3, -1.0, ElementStatus.NegativeVolatility)]
    [InlineData(4, 0.0, ElementStatus.NonPositiveDiscount)]
    [InlineData(4, double.NaN, ElementStatus.NotFinite)]
    public void An_option_on_a_forward_that_makes_no_sense_is_refused_with_its_reason(int field, double value, ElementStatus reason)
    {
        var option = field switch
        {
            0 => OnForward with { Forward = value },
            1 => OnForward with { Strike = value },
            2 => OnForward with { Time = value },
            3 => OnForward with { Volatility = value },
            _ => OnForward with { Discount = value },
        };
        Assert.Equal(reason, option.TryPrice(out var price));
        Near.SameBits(double.NaN, price, "a refused price is the canonical NaN");
        Assert.Equal(reason, option.TryGreeks(out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-128)]
    public void A_side_that_is_neither_call_nor_put_is_refused(int side)
    {
        Assert.Equal(ElementStatus.BadSide, (Plain with { Side = (OptionSide)side }).TryPrice(out _));
        Assert.Equal(ElementStatus.BadSide, (OnForward with { Side = (OptionSide)side }).TryImply(5, out _));
    }

    [Fact]
    public void A_refused_element_leaves_its_neighbours_alone()
    {
        const int Count = 37;
        Span<double> spot = stackalloc double[Count], good = stackalloc double[Count], mixed = stackalloc double[Count];
        var side = new OptionSide[Count];
        var strike = new double[Count];
        var ones = new double[Count];
        var status = new ElementStatus[Count];
        Array.Fill(side, OptionSide.Call);
        Array.Fill(strike, 100);
        Array.Fill(ones, 0.5);
        for (var i = 0; i < Count; i++) spot[i] = 80 + i;
        Assert.Equal(0, BlackScholes.Price(Of(spot), good, status));
        for (var i = 0; i < Count; i += 3) spot[i] = i % 2 == 0 ? double.NaN : -1;
        Assert.Equal(13, BlackScholes.Price(Of(spot), mixed, status));
        for (var i = 0; i < Count; i++)
            Near.SameBits(i % 3 == 0 ? double.NaN : good[i], mixed[i], $"element {i}");

        SpotBatch Of(ReadOnlySpan<double> spots) => new()
        {
            Side = side, Spot = spots, Strike = strike, Time = ones, Volatility = ones, Rate = ones, DividendYield = ones,
        };
    }
}
