namespace RiskGrid.Kernels.Tests;

internal readonly record struct GreekValues(
    double Price, double Delta, double Gamma, double Vega, double Theta, double Rho, double Vanna, double Volga);

/// <summary>One option at a time, through the same batch calls.</summary>
internal readonly record struct SpotOption(
    OptionSide Side, double Spot, double Strike, double Time, double Volatility, double Rate, double DividendYield)
{
    public double Price() => TryPrice(out var price) is var status && status == ElementStatus.Ok
        ? price : throw new InvalidOperationException($"{this}: {status}");

    public ElementStatus TryPrice(out double price)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> output = stackalloc double[1];
        BlackScholes.Price(Batch(this), output, status);
        price = output[0];
        return status[0];
    }

    public GreekValues Greeks() => TryGreeks(out var greeks) is var status && status == ElementStatus.Ok
        ? greeks : throw new InvalidOperationException($"{this}: {status}");

    public ElementStatus TryGreeks(out GreekValues greeks)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> o = stackalloc double[8];
        BlackScholes.Greeks(Batch(this), Buffers(o), status);
        greeks = new GreekValues(o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]);
        return status[0];
    }

    internal static GreeksBuffers Buffers(Span<double> o) => new()
    {
        Price = o[..1], Delta = o[1..2], Gamma = o[2..3], Vega = o[3..4], Theta = o[4..5], Rho = o[5..6], Vanna = o[6..7],
        Volga = o[7..8],
    };

    private static SpotBatch Batch(in SpotOption o) => new()
    {
        Side = new[] { o.Side }, Spot = new[] { o.Spot }, Strike = new[] { o.Strike }, Time = new[] { o.Time },
        Volatility = new[] { o.Volatility }, Rate = new[] { o.Rate }, DividendYield = new[] { o.DividendYield },
    };
}

internal readonly record struct ForwardOption(
    OptionSide Side, double Forward, double Strike, double Time, double Volatility, double Discount)
{
    public double Price() => TryPrice(out var price) is var status && status == ElementStatus.Ok
        ? price : throw new InvalidOperationException($"{this}: {status}");

    public ElementStatus TryPrice(out double price)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> output = stackalloc double[1];
        Black76.Price(Batch(), output, status);
        price = output[0];
        return status[0];
    }

    public GreekValues Greeks() => TryGreeks(out var greeks) is var status && status == ElementStatus.Ok
        ? greeks : throw new InvalidOperationException($"{this}: {status}");

    public ElementStatus TryGreeks(out GreekValues greeks)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> o = stackalloc double[8];
        Black76.Greeks(Batch(), SpotOption.Buffers(o), status);
        greeks = new GreekValues(o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7]);
        return status[0];
    }

    public ElementStatus TryImply(double price, out double volatility)
    {
        Span<ElementStatus> status = stackalloc ElementStatus[1];
        Span<double> output = stackalloc double[1];
        Black76.ImpliedVolatility(Batch(), new[] { price }, output, status);
        volatility = output[0];
        return status[0];
    }

    internal ForwardBatch Batch() => new()
    {
        Side = new[] { Side }, Forward = new[] { Forward }, Strike = new[] { Strike }, Time = new[] { Time },
        Volatility = new[] { Volatility }, Discount = new[] { Discount },
    };
}
