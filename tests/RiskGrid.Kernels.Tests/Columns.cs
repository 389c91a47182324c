namespace RiskGrid.Kernels.Tests;

/// <summary>A batch of drawn options in columns, with a few elements that are refused among them.</summary>
internal sealed class Columns
{
    public const int SpotGreeks = 1;
    public const int ForwardGreeks = 10;

    private readonly OptionSide[] side;
    private readonly double[] spot, time, volatility, rate, yield, price;

    public Columns(int count, Draw draw)
        : this([.. Enumerable.Range(0, count).Select(_ => draw.Spot())])
    {
    }

    private Columns(SpotOption[] options)
    {
        side = [.. options.Select(o => o.Side)];
        spot = [.. options.Select((o, i) => i % 11 == 5 ? double.NaN : o.Spot)];
        Strike = [.. options.Select((o, i) => i % 13 == 4 ? -1 : o.Strike)];
        time = [.. options.Select((o, i) => i % 7 == 3 ? 0 : o.Time)];
        volatility = [.. options.Select(o => o.Volatility)];
        rate = [.. options.Select(o => o.Rate)];
        yield = [.. options.Select(o => o.DividendYield)];
        Discount = [.. options.Select(o => Elementary.Exp(-o.Rate * o.Time))];
        price = [.. options.Select(o => (o.Side == OptionSide.Call ? o.Spot : o.Strike) * 0.6)];
    }

    private Columns(Columns from, int start, int length)
    {
        side = from.side[start..(start + length)];
        spot = from.spot[start..(start + length)];
        Strike = from.Strike[start..(start + length)];
        time = from.time[start..(start + length)];
        volatility = from.volatility[start..(start + length)];
        rate = from.rate[start..(start + length)];
        yield = from.yield[start..(start + length)];
        Discount = from.Discount[start..(start + length)];
        price = from.price[start..(start + length)];
    }

    public double[] Strike { get; }

    public double[] Discount { get; }

    public Columns Slice(int start, int length) => new(this, start, length);

    public SpotBatch Spot(double[]? strike = null, double[]? yield = null) => new()
    {
        Side = side, Spot = spot, Strike = strike ?? Strike, Time = time, Volatility = volatility, Rate = rate,
        DividendYield = yield ?? this.yield,
    };

    public ForwardBatch Forward(double[]? volatility = null) => new()
    {
        Side = side, Forward = spot, Strike = Strike, Time = time, Volatility = volatility ?? this.volatility, Discount = Discount,
    };

    public SpotColumns SpotInMemory(double[]? strike = null) => new()
    {
        Side = side, Spot = spot, Strike = strike ?? Strike, Time = time, Volatility = volatility, Rate = rate, DividendYield = yield,
    };

    public ForwardColumns ForwardInMemory() => new()
    {
        Side = side, Forward = spot, Strike = Strike, Time = time, Volatility = volatility, Discount = Discount,
    };

    /// <summary>A price for each option, of which most imply a volatility.</summary>
    public double[] Prices => price;

    /// <summary>Every output of every kernel, the statuses as numbers after them.</summary>
    public double[][] Run()
    {
        var outputs = new List<double[]>();
        var statuses = new List<double[]>();
        var status = new ElementStatus[side.Length];
        double[] Next()
        {
            outputs.Add(new double[side.Length]);
            return outputs[^1];
        }

        void Keep() => statuses.Add([.. status.Select(s => (double)s)]);

        GreeksBuffers Greeks() => new()
        {
            Price = Next(), Delta = Next(), Gamma = Next(), Vega = Next(), Theta = Next(), Rho = Next(), Vanna = Next(), Volga = Next(),
        };

        BlackScholes.Price(Spot(), Next(), status);
        Keep();
        BlackScholes.Greeks(Spot(), Greeks(), status);
        Keep();
        Black76.Price(Forward(), Next(), status);
        Keep();
        Black76.Greeks(Forward(), Greeks(), status);
        Keep();
        Black76.ImpliedVolatility(Forward(volatility: []), price, Next(), status);
        Keep();
        Bachelier.Price(Forward(), Next(), status);
        Keep();
        Bachelier.Greeks(Forward(), Greeks(), status);
        Keep();
        Bachelier.ImpliedVolatility(Forward(volatility: []), price, Next(), status);
        Keep();
        Elementary.Exp(rate, Next());
        Elementary.Log(spot, Next());
        outputs.AddRange(statuses);
        return [.. outputs];
    }
}
