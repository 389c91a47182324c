namespace RiskGrid.Kernels;

/// <summary>European options on a forward: V = discount × Black(F, K, σ, t).</summary>
/// <remarks>
/// Fischer Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177; Greeks as in Espen
/// Gaarder Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), chapter 2. With no time or no volatility the
/// price is the discounted intrinsic value; gamma, vega, vanna and volga are zero and a call at the money counts as exercised.
/// Static and thread-safe; nothing is allocated.
/// </remarks>
public static unsafe class Black76
{
    /// <summary>Prices of one unit each. Elements are independent of each other and of their position.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Price(in ForwardBatch batch, Span<double> price, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Require<double>(count, price, nameof(price), "batch.Side");
        CheckStatus(count, batch, status);
        Shapes.RequireApart<double>(price, nameof(price), batch);
        Shapes.RequireApart<double, ElementStatus>(price, nameof(price), status, nameof(status));
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* discount = batch.Discount, prices = price)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new NativeMethods.ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            NativeMethods.Check(NativeMethods.Black76Price(&pointers, prices, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    /// <summary>Price and Greeks of one unit each: delta and gamma in the forward (discounted), vega per 1.00 of volatility. Theta
    /// (per calendar year) and rho keep the forward fixed and move the discount factor along the rate it implies over the time
    /// to expiry, r = −log(discount)/t: theta holds r V and rho is −t V. With no time left that rate counts as zero.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Greeks(in ForwardBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Check(count, greeks);
        CheckStatus(count, batch, status);
        for (var i = 0; i < Shapes.GreekCount; i++)
        {
            Shapes.RequireApart<double>(Shapes.Greek(greeks, i), Shapes.GreekName(i), batch);
            Shapes.RequireApart<double, ElementStatus>(Shapes.Greek(greeks, i), Shapes.GreekName(i), status, nameof(status));
        }

        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* discount = batch.Discount)
        fixed (double* price = greeks.Price, delta = greeks.Delta, gamma = greeks.Gamma, vega = greeks.Vega)
        fixed (double* theta = greeks.Theta, rho = greeks.Rho, vanna = greeks.Vanna, volga = greeks.Volga)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new NativeMethods.ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            var outputs = new NativeMethods.GreeksPointers
            {
                Price = price, Delta = delta, Gamma = gamma, Vega = vega, Theta = theta, Rho = rho, Vanna = vanna, Volga = volga,
            };
            NativeMethods.Check(NativeMethods.Black76Greeks(&pointers, &outputs, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    /// <summary>The volatility that gives each discounted price; the batch's own volatility is not read. Solved on the
    /// out-of-the-money side to about 1e-13; a price in the money is carried over by parity, which costs what rounding the price
    /// costs: 4 ε price / (σ vega). A price within its own rounding of the discounted intrinsic value implies zero.</summary>
    /// <remarks>The objectives follow Peter Jäckel, "Let's Be Rational", Wilmott (2015), pp. 40–53; the solver is our own.</remarks>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int ImpliedVolatility(
        in ForwardBatch batch, ReadOnlySpan<double> price, Span<double> volatility, Span<ElementStatus> status)
    {
        var count = Shapes.CountWithoutVolatility(batch);
        Shapes.Require(count, price, nameof(price), "batch.Side");
        Shapes.Require<double>(count, volatility, nameof(volatility), "batch.Side");
        CheckStatus(count, batch, status);
        Shapes.RequireApart<double>(volatility, nameof(volatility), batch);
        Shapes.RequireApart<double, double>(volatility, nameof(volatility), price, nameof(price));
        Shapes.RequireApart<double, ElementStatus>(volatility, nameof(volatility), status, nameof(status));
        Shapes.RequireApart<ElementStatus, double>(status, nameof(status), price, nameof(price));
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, discount = batch.Discount)
        fixed (double* prices = price, volatilities = volatility)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new NativeMethods.ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Discount = discount,
            };
            NativeMethods.Check(
                NativeMethods.Black76ImpliedVolatility(&pointers, prices, volatilities, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    private static void CheckStatus(int count, in ForwardBatch batch, Span<ElementStatus> status)
    {
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        Shapes.RequireApart<ElementStatus>(status, nameof(status), batch);
    }
}
