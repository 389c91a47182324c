using static RiskGrid.Kernels.NativeMethods;

namespace RiskGrid.Kernels;

/// <summary>The checks and the pinning that every kernel on forwards shares.</summary>
internal static unsafe class ForwardCalls
{
    internal static int Price(
        delegate*<ForwardBatchPointers*, double*, byte*, long*, NativeResult> kernel, in ForwardBatch batch, Span<double> price,
        Span<ElementStatus> status)
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
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            Check(kernel(&pointers, prices, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    internal static int Greeks(
        delegate*<ForwardBatchPointers*, GreeksPointers*, byte*, long*, NativeResult> kernel, in ForwardBatch batch,
        in GreeksBuffers greeks, Span<ElementStatus> status)
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
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Volatility = volatility,
                Discount = discount,
            };
            var outputs = new GreeksPointers
            {
                Price = price, Delta = delta, Gamma = gamma, Vega = vega, Theta = theta, Rho = rho, Vanna = vanna, Volga = volga,
            };
            Check(kernel(&pointers, &outputs, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    internal static int ImpliedVolatility(
        delegate*<ForwardBatchPointers*, double*, double*, byte*, long*, NativeResult> kernel, in ForwardBatch batch,
        ReadOnlySpan<double> price, Span<double> volatility, Span<ElementStatus> status)
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
            var pointers = new ForwardBatchPointers
            {
                Count = count, Side = (sbyte*)side, Forward = forward, Strike = strike, Time = time, Discount = discount,
            };
            Check(kernel(&pointers, prices, volatilities, (byte*)statuses, &refused));
        }

        return (int)refused;
    }

    private static void CheckStatus(int count, in ForwardBatch batch, Span<ElementStatus> status)
    {
        Shapes.Require<ElementStatus>(count, status, nameof(status), "batch.Side");
        Shapes.RequireApart<ElementStatus>(status, nameof(status), batch);
    }
}
