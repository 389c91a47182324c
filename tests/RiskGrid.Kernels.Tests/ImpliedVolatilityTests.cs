namespace RiskGrid.Kernels.Tests;

/// <summary>Implied volatility beyond the reference table: round trips, wings and refusals.</summary>
public sealed class ImpliedVolatilityTests
{
    private static readonly ForwardOption Plain = new(OptionSide.Call, 100, 110, 0.5, 0, 0.97);

    [Fact]
    public void The_price_of_an_implied_volatility_is_the_price_it_was_implied_from() =>
        Draw.ForAll(21, 5000, d => d.Forward(), o =>
        {
            var price = o.Price();
            var intrinsic = Math.Max((int)o.Side * (o.Forward - o.Strike), 0) * o.Discount;
            if (price - intrinsic <= 1e-14 * o.Forward) return;
            Assert.Equal(ElementStatus.Ok, o.TryImply(price, out var volatility));
            Near.Require(price, (o with { Volatility = volatility }).Price(), 4e-15 * Math.Max(o.Forward, o.Strike), "the price");
        });

    [Fact]
    public void The_implied_volatility_is_the_one_that_was_priced()
    {
        var tried = 0;
        Draw.ForAll(22, 5000, d => d.Forward(), o =>
        {
            var intrinsic = Math.Max((int)o.Side * (o.Forward - o.Strike), 0) * o.Discount;
            var greeks = o.Greeks();
            if (greeks.Price - intrinsic <= 1e-8 * o.Forward * o.Discount) return;
            tried++;
            Assert.Equal(ElementStatus.Ok, o.TryImply(greeks.Price, out var volatility));
            // The kernel's own price is off by up to 1e-15 of the larger leg, which vega turns into volatility.
            var carried = 2e-15 * Math.Max(o.Forward, o.Strike) / (greeks.Vega * o.Volatility);
            Near.Require(o.Volatility, volatility, o.Volatility * (1e-12 + carried), "the volatility");
        });
        Assert.True(tried > 3000, $"only {tried} draws were on the grid");
    }

    [Fact]
    public void Wings_down_to_the_smallest_prices_converge()
    {
        foreach (var moneyness in new[] { 1e-6, 0.01, 0.2, 0.5, 0.9, 0.999, 1 - 1e-9, 1 })
            for (var exponent = -300.0; exponent <= -0.01; exponent = Math.Min(exponent * 0.9, exponent + 3))
            {
                var option = new ForwardOption(OptionSide.Put, 1, moneyness, 1, 0, 1);
                var price = moneyness * Math.Pow(10, exponent);
                Assert.True(option.TryImply(price, out var volatility) == ElementStatus.Ok, $"K/F {moneyness}, price {price}");
                var greeks = (option with { Volatility = volatility }).Greeks();
                // In the wings the price kernel keeps 1e-15 of the forward, not of the price: compare where it can tell.
                if (price > 1e-12) Near.Require(price, greeks.Price, 4e-15, $"K/F {moneyness}, price {price}");
                else Assert.True(greeks.Price < 2e-12, $"K/F {moneyness}, price {price}: volatility {volatility} is too high");
            }
    }

    [Fact]
    public void A_higher_price_implies_a_higher_volatility()
    {
        var last = 0.0;
        for (var price = 1e-12; price < 97; price *= 1.07)
        {
            Assert.Equal(ElementStatus.Ok, Plain.TryImply(price, out var volatility));
            Assert.True(volatility > last, $"price {price}: {volatility} after {last}");
            last = volatility;
        }
    }

    [Fact]
    public void The_intrinsic_value_implies_no_volatility()
    {
        Assert.Equal(ElementStatus.Ok, Plain.TryImply(0, out var outOfTheMoney));
        Assert.Equal(0.0, outOfTheMoney);
        var put = Plain with { Side = OptionSide.Put };
        Assert.Equal(ElementStatus.Ok, put.TryImply((put with { Volatility = 0 }).Price(), out var inTheMoney));
        Assert.Equal(0.0, inTheMoney);
    }

    [Theory]
    [InlineData(OptionSide.Put, 9.69, ElementStatus.BelowIntrinsic)]
    [InlineData(OptionSide.Call, -0.01, ElementStatus.BelowIntrinsic)]
    [InlineData(OptionSide.Call, 97.0, ElementStatus.AboveMaximum)]
    [InlineData(OptionSide.Call, 1e6, ElementStatus.AboveMaximum)]
    [InlineData(OptionSide.Put, 106.8, ElementStatus.AboveMaximum)]
    [InlineData(OptionSide.Call, double.NaN, ElementStatus.NotFinite)]
    [InlineData(OptionSide.Call, double.PositiveInfinity, ElementStatus.NotFinite)]
    public void A_price_no_volatility_gives_is_refused_with_its_reason(OptionSide side, double price, ElementStatus reason)
    {
        Assert.Equal(reason, (Plain with { Side = side }).TryImply(price, out var volatility));
        Near.SameBits(double.NaN, volatility, "a refused volatility is the canonical NaN");
    }

    [Fact]
    public void A_price_that_overflows_when_it_is_undiscounted_is_refused() =>
        Assert.Equal(ElementStatus.NotFinite, new ForwardOption(OptionSide.Call, 2, 1, 1, 0, 1e-100).TryImply(1e300, out _));

    [Theory]
    [InlineData(0.0, 1.0, 1.0, 1.0, ElementStatus.NonPositiveForward)]
    [InlineData(1.0, -1.0, 1.0, 1.0, ElementStatus.NonPositiveStrike)]
    [InlineData(1.0, 1.0, 0.0, 1.0, ElementStatus.NonPositiveTime)]
    [InlineData(1.0, 1.0, 1.0, 0.0, ElementStatus.NonPositiveDiscount)]
    public void A_market_that_makes_no_sense_is_refused(double forward, double strike, double time, double discount, ElementStatus reason) =>
        Assert.Equal(reason, new ForwardOption(OptionSide.Call, forward, strike, time, 0, discount).TryImply(0.1, out _));
}
