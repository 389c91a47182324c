namespace RiskGrid.Kernels.Tests;

/// <summary>What must hold of any Black-Scholes price, over seeded draws.</summary>
public sealed class BlackScholesPropertyTests
{
    private const int Count = 2000;

    [Fact]
    public void Call_minus_put_is_the_discounted_forward_minus_the_discounted_strike() =>
        Draw.ForAll(1, Count, d => d.Spot(), o =>
        {
            var asset = o.Spot * Math.Exp(-o.DividendYield * o.Time);
            var cash = o.Strike * Math.Exp(-o.Rate * o.Time);
            var call = (o with { Side = OptionSide.Call }).Price();
            var put = (o with { Side = OptionSide.Put }).Price();
            Near.Require(asset - cash, call - put, 2e-15 * Math.Max(asset, cash), "put-call parity");
        });

    [Fact]
    public void A_price_lies_between_its_intrinsic_value_and_its_leg() =>
        Draw.ForAll(2, Count, d => d.Spot(), o =>
        {
            var asset = o.Spot * Math.Exp(-o.DividendYield * o.Time);
            var cash = o.Strike * Math.Exp(-o.Rate * o.Time);
            var price = o.Price();
            var slack = 1e-15 * Math.Max(asset, cash);
            Assert.True(price >= 0, "a price is not negative");
            Assert.True(price >= ((int)o.Side * (asset - cash)) - slack, "a price is not below its intrinsic value");
            Assert.True(price <= (o.Side == OptionSide.Call ? asset : cash) + slack, "a price is not above its leg");
        });

    [Fact]
    public void More_volatility_is_worth_more_and_a_higher_strike_moves_calls_down_and_puts_up() =>
        Draw.ForAll(3, Count, d => d.Spot(), o =>
        {
            var slack = 1e-15 * (o.Spot + o.Strike) * 1.2;
            Assert.True((o with { Volatility = o.Volatility * 1.05 }).Price() >= o.Price() - slack, "more volatility is worth more");
            var moved = (o with { Strike = o.Strike * 1.02 }).Price() - o.Price();
            Assert.True((int)o.Side * moved <= slack, "a higher strike moves a call down and a put up");
        });

    [Fact]
    public void Doubling_spot_and_strike_doubles_the_price_to_the_bit() =>
        Draw.ForAll(4, Count, d => d.Spot(), o =>
        {
            var twice = o with { Spot = 2 * o.Spot, Strike = 2 * o.Strike };
            Near.SameBits(2 * o.Price(), twice.Price(), "homogeneity in the price");
            Near.SameBits(o.Greeks().Delta, twice.Greeks().Delta, "homogeneity in the delta");
            Near.SameBits(o.Greeks().Gamma / 2, twice.Greeks().Gamma, "homogeneity in the gamma");
        });

    [Fact]
    public void The_price_of_the_price_call_is_the_price_of_the_Greeks_call_to_the_bit() =>
        Draw.ForAll(5, Count, d => d.Spot(), o => Near.SameBits(o.Price(), o.Greeks().Price, "one price"));

    [Fact]
    public void Greeks_are_the_derivatives_of_the_price() =>
        Draw.ForAll(6, Count, d => Tame(d.Spot()), o =>
        {
            var g = o.Greeks();
            var scale = o.Spot + o.Strike;
            var h = 1e-3 * Math.Min(1, o.Volatility * Math.Sqrt(o.Time));
            Slope(x => (o with { Spot = o.Spot + x }).Price(), h * o.Spot, g.Delta, scale, "delta");
            Slope(x => (o with { Spot = o.Spot + x }).Greeks().Delta, h * o.Spot, g.Gamma, 1, "gamma");
            Slope(x => (o with { Volatility = o.Volatility + x }).Price(), h * o.Volatility, g.Vega, scale, "vega");
            Slope(x => (o with { Time = o.Time - x }).Price(), h * o.Time, g.Theta, scale, "theta");
            Slope(x => (o with { Rate = o.Rate + x }).Price(), 1e-4, g.Rho, scale, "rho");
            Slope(x => (o with { Volatility = o.Volatility + x }).Greeks().Delta, h * o.Volatility, g.Vanna, 1, "vanna");
            Slope(x => (o with { Volatility = o.Volatility + x }).Greeks().Vega, h * o.Volatility, g.Volga, scale, "volga");
        });

    [Fact]
    public void Put_and_call_share_gamma_vega_vanna_and_volga_to_the_bit() =>
        Draw.ForAll(7, Count, d => d.Spot(), o =>
        {
            var call = (o with { Side = OptionSide.Call }).Greeks();
            var put = (o with { Side = OptionSide.Put }).Greeks();
            Near.SameBits(call.Gamma, put.Gamma, "gamma");
            Near.SameBits(call.Vega, put.Vega, "vega");
            Near.SameBits(call.Vanna, put.Vanna, "vanna");
            Near.SameBits(call.Volga, put.Volga, "volga");
            Near.Require(Math.Exp(-o.DividendYield * o.Time), call.Delta - put.Delta, 1e-15, "the deltas' difference");
        });

    /// <summary>Away from the wings, where a difference of prices would be of nothing but rounding.</summary>
    private static SpotOption Tame(SpotOption o) =>
        o with { Time = Math.Max(o.Time, 0.05), Volatility = Math.Max(o.Volatility, 0.15) };

    /// <summary>Central differences of fourth order; what is left is their own error and the rounding of `scale`.</summary>
    private static void Slope(Func<double, double> f, double h, double expected, double scale, string name)
    {
        var slope = ((8 * (f(h) - f(-h))) - (f(2 * h) - f(-2 * h))) / (12 * h);
        Near.Require(expected, slope, (1e-8 * Math.Abs(expected)) + (1e-14 * scale / h), name);
    }
}
