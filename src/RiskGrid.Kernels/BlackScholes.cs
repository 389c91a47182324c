namespace RiskGrid.Kernels;

/// <summary>European options on a spot under Black and Scholes with a continuous dividend yield.</summary>
/// <remarks>
/// Fischer Black and Myron Scholes, "The Pricing of Options and Corporate Liabilities", Journal of Political Economy 81 (1973),
/// p. 644; the dividend yield after Robert Merton, "Theory of Rational Option Pricing", Bell Journal of Economics 4 (1973),
/// p. 171; Greeks as in Espen Gaarder Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), chapter 2.
/// With no time or no volatility the price is the value of the certain payoff; gamma, vega, vanna and volga are zero and a call
/// at the money counts as exercised. Static and thread-safe; nothing is allocated.
/// </remarks>
public static unsafe class BlackScholes
{
    /// <summary>Prices of one unit each. Elements are independent of each other and of their position.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Price(in SpotBatch batch, Span<double> price, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Require<double>(count, price, nameof(price), "batch.Side");
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* spot = batch.Spot, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* rate = batch.Rate, dividendYield = batch.DividendYield, prices = price)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new NativeMethods.SpotBatchPointers
            {
                Count = count, Side = (sbyte*)side, Spot = spot, Strike = strike, Time = time, Volatility = volatility, Rate = rate,
                DividendYield = dividendYield,
            };
            ReadOnlySpan<long> arrays =
            [
                (long)prices, 0, 0, 0, 0, 0, 0, 0,
                (long)spot, (long)strike, (long)time, (long)volatility, (long)rate, (long)dividendYield, 0, 0,
            ];
            if (Aliasing.Any(arrays, side, statuses, count)) CheckPrice(batch, price, status);
            NativeMethods.Check(NativeMethods.BlackScholesPrice(&pointers, prices, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    /// <summary>Price and Greeks of one unit each: delta and gamma in the spot, vega per 1.00 of volatility, theta per calendar
    /// year at constant spot, rho per 1.00 of rate with spot and dividend yield fixed.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Greeks(in SpotBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.RequireLengths(count, greeks);
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* spot = batch.Spot, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* rate = batch.Rate, dividendYield = batch.DividendYield)
        fixed (double* price = greeks.Price, delta = greeks.Delta, gamma = greeks.Gamma, vega = greeks.Vega)
        fixed (double* theta = greeks.Theta, rho = greeks.Rho, vanna = greeks.Vanna, volga = greeks.Volga)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new NativeMethods.SpotBatchPointers
            {
                Count = count, Side = (sbyte*)side, Spot = spot, Strike = strike, Time = time, Volatility = volatility, Rate = rate,
                DividendYield = dividendYield,
            };
            var outputs = new NativeMethods.GreeksPointers
            {
                Price = price, Delta = delta, Gamma = gamma, Vega = vega, Theta = theta, Rho = rho, Vanna = vanna, Volga = volga,
            };
            ReadOnlySpan<long> arrays =
            [
                (long)price, (long)delta, (long)gamma, (long)vega, (long)theta, (long)rho, (long)vanna, (long)volga,
                (long)spot, (long)strike, (long)time, (long)volatility, (long)rate, (long)dividendYield, 0, 0,
            ];
            if (Aliasing.Any(arrays, side, statuses, count)) CheckGreeks(batch, greeks, status);
            NativeMethods.Check(NativeMethods.BlackScholesGreeks(&pointers, &outputs, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    /// <summary>All of a call's checks, with names; the calls themselves look for shared memory by address first.</summary>
    internal static int CheckPrice(in SpotBatch batch, Span<double> price, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Require<double>(count, price, nameof(price), "batch.Side");
        CheckStatus(count, batch, status);
        Shapes.RequireApart<double>(price, nameof(price), batch);
        Shapes.RequireApart<double, ElementStatus>(price, nameof(price), status, nameof(status));
        return count;
    }

    internal static int CheckGreeks(in SpotBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Check(count, greeks);
        CheckStatus(count, batch, status);
        for (var i = 0; i < Shapes.GreekCount; i++)
        {
            Shapes.RequireApart<double>(Shapes.Greek(greeks, i), Shapes.GreekName(i), batch);
            Shapes.RequireApart<double, ElementStatus>(Shapes.Greek(greeks, i), Shapes.GreekName(i), status, nameof(status));
        }

        return count;
    }

    private static void CheckStatus(int count, in SpotBatch batch, Span<ElementStatus> status)
    {
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        Shapes.RequireApart<ElementStatus>(status, nameof(status), batch);
    }
}
