using static RiskGrid.Kernels.NativeMethods;

namespace RiskGrid.Kernels;

/// <summary>A model's kernels on forwards: as a type argument, so that the runtime calls each natively in place. Through a function
/// pointer it would go by a stub, for a hundred nanoseconds or more.</summary>
internal unsafe interface IForwardKernels
{
    static abstract NativeResult Price(ForwardBatchPointers* batch, double* price, byte* status, long* refused);

    static abstract NativeResult Greeks(ForwardBatchPointers* batch, GreeksPointers* greeks, byte* status, long* refused);

    static abstract NativeResult ImpliedVolatility(
        ForwardBatchPointers* batch, double* price, double* volatility, byte* status, long* refused);
}

/// <summary>The checks and the pinning that every kernel on forwards shares.</summary>
internal static unsafe class ForwardCalls
{
    internal static int Price<TKernels>(in ForwardBatch batch, Span<double> price, Span<ElementStatus> status)
        where TKernels : struct, IForwardKernels
    {
        var count = Shapes.Count(batch);
        Shapes.Require<double>(count, price, nameof(price), "batch.Side");
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* discount = batch.Discount, prices = price)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            ReadOnlySpan<long> arrays =
            [
                (long)prices, 0, 0, 0, 0, 0, 0, 0,
                (long)forward, (long)strike, (long)time, (long)volatility, (long)discount, 0, 0, 0,
            ];
            if (Aliasing.Any(arrays, side, statuses, count)) CheckPrice(batch, price, status);
            Check(TKernels.Price(&pointers, prices, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    internal static int Greeks<TKernels>(in ForwardBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status)
        where TKernels : struct, IForwardKernels
    {
        var count = Shapes.Count(batch);
        Shapes.RequireLengths(count, greeks);
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, volatility = batch.Volatility)
        fixed (double* discount = batch.Discount)
        fixed (double* price = greeks.Price, delta = greeks.Delta, gamma = greeks.Gamma, vega = greeks.Vega)
        fixed (double* theta = greeks.Theta, rho = greeks.Rho, vanna = greeks.Vanna, volga = greeks.Volga)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            var outputs = new GreeksPointers
            {
                Price = price, Delta = delta, Gamma = gamma, Vega = vega, Theta = theta, Rho = rho, Vanna = vanna, Volga = volga,
            };
            ReadOnlySpan<long> arrays =
            [
                (long)price, (long)delta, (long)gamma, (long)vega, (long)theta, (long)rho, (long)vanna, (long)volga,
                (long)forward, (long)strike, (long)time, (long)volatility, (long)discount, 0, 0, 0,
            ];
            if (Aliasing.Any(arrays, side, statuses, count)) CheckGreeks(batch, greeks, status);
            Check(TKernels.Greeks(&pointers, &outputs, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    internal static int ImpliedVolatility<TKernels>(
        in ForwardBatch batch, ReadOnlySpan<double> price, Span<double> volatility, Span<ElementStatus> status)
        where TKernels : struct, IForwardKernels
    {
        var count = Shapes.CountWithoutVolatility(batch);
        Shapes.Require(count, price, nameof(price), "batch.Side");
        Shapes.Require<double>(count, volatility, nameof(volatility), "batch.Side");
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        long refused;
        fixed (OptionSide* side = batch.Side)
        fixed (double* forward = batch.Forward, strike = batch.Strike, time = batch.Time, discount = batch.Discount)
        fixed (double* prices = price, volatilities = volatility)
        fixed (ElementStatus* statuses = status)
        {
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Discount = discount,
            };
            ReadOnlySpan<long> arrays =
            [
                (long)volatilities, 0, 0, 0, 0, 0, 0, 0,
                (long)forward, (long)strike, (long)time, (long)discount, (long)prices, 0, 0, 0,
            ];
            if (Aliasing.Any(arrays, side, statuses, count)) CheckImplied(batch, price, volatility, status);
            Check(TKernels.ImpliedVolatility(&pointers, prices, volatilities, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    /// <summary>All of a call's checks, with names; the calls themselves look for shared memory by address first.</summary>
    internal static int CheckPrice(in ForwardBatch batch, Span<double> price, Span<ElementStatus> status)
    {
        var count = Shapes.Count(batch);
        Shapes.Require<double>(count, price, nameof(price), "batch.Side");
        CheckStatus(count, batch, status);
        Shapes.RequireApart<double>(price, nameof(price), batch);
        Shapes.RequireApart<double, ElementStatus>(price, nameof(price), status, nameof(status));
        return count;
    }

    internal static int CheckGreeks(in ForwardBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status)
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

    internal static int CheckImplied(
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
        return count;
    }

    private static void CheckStatus(int count, in ForwardBatch batch, Span<ElementStatus> status)
    {
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        Shapes.RequireApart<ElementStatus>(status, nameof(status), batch);
    }
}
