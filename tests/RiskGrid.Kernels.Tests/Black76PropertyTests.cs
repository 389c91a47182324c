namespace RiskGrid.Kernels.Tests;

/// <summary>What must hold of any Black-76 price, over seeded draws.</summary>
public sealed class Black76PropertyTests
{
    private const int Count = 2000;

    [Fact]
    public void A_spot_option_is_an_option_on_its_forward() =>
        Draw.ForAll(11, Count, d => d.Spot(), o =>
        {
            var discount = Math.Exp(-o.Rate * o.Time);
            var forward = o.Spot * Math.Exp((o.Rate - o.DividendYield) * o.Time);
            var same = new ForwardOption(o.Side, forward, o.Strike, o.Time, o.Volatility, discount);
            var scale = Math.Max(o.Spot, o.Strike) * 1.2;
            Near.Require(o.Price(), same.Price(), 4e-15 * scale, "the price");
            var (spot, future) = (o.Greeks(), same.Greeks());
            Near.Require(spot.Vega, future.Vega, (1e-12 * spot.Vega) + (1e-15 * scale), "vega");
            Near.Require(spot.Delta, future.Delta * forward / o.Spot, 1e-12, "delta, through dF/dS");
        });

    [Fact]
    public void Call_minus_put_is_the_discounted_difference_of_forward_and_strike() =>
        Draw.ForAll(12, Count, d => d.Forward(), o =>
        {
            var difference = (o with { Side = OptionSide.Call }).Price() - (o with { Side = OptionSide.Put }).Price();
            Near.Require(o.Discount * (o.Forward - o.Strike), difference, 2e-15 * Math.Max(o.Forward, o.Strike), "put-call parity");
        });

    [Fact]
    public void Greeks_are_the_derivatives_of_the_price() =>
        Draw.ForAll(13, Count, d => Tame(d.Forward()), o =>
        {
            var g = o.Greeks();
            var scale = o.Forward + o.Strike;
            var rate = -Math.Log(o.Discount) / o.Time;
            var h = 1e-3 * Math.Min(1, o.Volatility * Math.Sqrt(o.Time));
            Slope(x => (o with { Forward = o.Forward + x }).Price(), h * o.Forward, g.Delta, scale, "delta");
            Slope(x => (o with { Forward = o.Forward + x }).Greeks().Delta, h * o.Forward, g.Gamma, 1, "gamma");
            Slope(x => (o with { Volatility = o.Volatility + x }).Price(), h * o.Volatility, g.Vega, scale, "vega");
            Slope(x => (o with { Time = o.Time - x, Discount = Math.Exp(-rate * (o.Time - x)) }).Price(), h * o.Time, g.Theta,
                scale, "theta, the discount factor moving along its rate");
            Slope(x => (o with { Discount = Math.Exp(-(rate + x) * o.Time) }).Price(), 1e-4, g.Rho, scale, "rho");
            Slope(x => (o with { Volatility = o.Volatility + x }).Greeks().Delta, h * o.Volatility, g.Vanna, 1, "vanna");
            Slope(x => (o with { Volatility = o.Volatility + x }).Greeks().Vega, h * o.Volatility, g.Volga, scale, "volga");
        });

    [Fact]
    public void The_discount_factor_scales_the_price() =>
        Draw.ForAll(14, Count, d => d.Forward(), o =>
            Near.SameBits((o with { Discount = 1 }).Price() / 4, (o with { Discount = 0.25 }).Price(), "a quarter"));

    private static ForwardOption Tame(ForwardOption o) =>
        o with { Time = Math.Max(o.Time, 0.05), Volatility = Math.Max(o.Volatility, 0.15) };

    private static void Slope(Func<double, double> f, double h, double expected, double scale, string name)
    {
        var slope = ((8 * (f(h) - f(-h))) - (f(2 * h) - f(-2 * h))) / (12 * h);
        Near.Require(expected, slope, (1e-8 * Math.Abs(expected)) + (1e-14 * scale / h), name);
    }
}
