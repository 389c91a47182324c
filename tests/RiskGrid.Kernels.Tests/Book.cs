namespace RiskGrid.Kernels.Tests;

/// <summary>A precision of the scenario kernel.</summary>
internal delegate void PnlKernel(in ScenarioTrades trades, in ScenarioMarket market, Span<double> pnl);

/// <summary>Drawn trades and scenario markets for the scenario kernel; slices interleave, weights have both signs.</summary>
internal sealed record Book
{
    public Book(int trades, int slices, int count, Draw draw)
    {
        Slices = slices;
        Count = count;
        var options = Enumerable.Range(0, trades).Select(_ => draw.Forward()).ToArray();
        Side = [.. options.Select(o => o.Side)];
        Strike = [.. options.Select(_ => draw.LogUniform(50, 200))];
        Volatility = [.. options.Select(o => o.Volatility)];
        RootTime = [.. options.Select(o => Math.Sqrt(o.Time))];
        Weight = [.. options.Select(_ => draw.Uniform(-1000, 1000))];
        BaseValue = [.. options.Select(_ => draw.Uniform(-1000, 1000))];
        Slice = [.. options.Select((_, i) => (i / 4) % slices)];
        Forward = [.. Enumerable.Range(0, slices * count).Select(_ => draw.LogUniform(60, 160))];
        Discount = [.. Forward.Select(_ => draw.Uniform(0.5, 1.2))];
        Multiplier = [.. Forward.Select(_ => draw.Uniform(0.5, 2))];
    }

    public PnlKernel Kernel { get; init; } = ScenarioKernel.AccumulatePnl;
    public int Slices { get; }
    public int Count { get; }
    public int Trades => Side.Length;
    public OptionSide[] Side { get; init; }
    public double[] Strike { get; init; }
    public double[] Volatility { get; init; }
    public double[] RootTime { get; init; }
    public double[] Weight { get; init; }
    public double[] BaseValue { get; init; }
    public int[] Slice { get; init; }
    public double[] Forward { get; init; }
    public double[] Discount { get; init; }
    public double[] Multiplier { get; init; }

    /// <summary>The same book with one trade more.</summary>
    public Book With(
        OptionSide side = OptionSide.Put, double strike = 100, double volatility = 0.2, double rootTime = 1, double weight = 1,
        double baseValue = 0, int slice = 0) => this with
        {
            Side = [.. Side, side], Strike = [.. Strike, strike], Volatility = [.. Volatility, volatility],
            RootTime = [.. RootTime, rootTime], Weight = [.. Weight, weight], BaseValue = [.. BaseValue, baseValue],
            Slice = [.. Slice, slice],
        };

    public Book WithMarket(int cell, double forward, double discount, double multiplier)
    {
        var book = this with { Forward = [.. Forward], Discount = [.. Discount], Multiplier = [.. Multiplier] };
        book.Forward[cell] = forward;
        book.Discount[cell] = discount;
        book.Multiplier[cell] = multiplier;
        return book;
    }

    /// <summary>Every scenario is the first one, and base values are the trades' values in it under a kernel.</summary>
    public Book Unmoved(PnlKernel kernel)
    {
        var still = this with { Forward = [.. Forward], Discount = [.. Discount], Multiplier = [.. Multiplier], BaseValue = new double[Trades], Kernel = kernel };
        foreach (var cells in new[] { still.Forward, still.Discount, still.Multiplier })
            for (var slice = 0; slice < Slices; slice++) Array.Fill(cells, cells[slice * Count], slice * Count, Count);
        var values = new double[Trades];
        for (var i = 0; i < Trades; i++)
        {
            var value = new double[Count];
            still.AccumulateTrades(i, 1, value);
            values[i] = value[0];
        }

        return still with { BaseValue = values, Kernel = Kernel };
    }

    /// <summary>The P&amp;L of a range of scenarios, as a shard would compute it: with a market of its own.</summary>
    public double[] Accumulate(int start, int length)
    {
        var pnl = new double[length];
        Kernel(Range(0, Trades), Market(start, length), pnl);
        return pnl;
    }

    public void AccumulateTrades(int start, int length, double[] pnl) =>
        Kernel(Range(start, length), Market(0, Count), pnl);

    public ScenarioTradeColumns TradesInMemory => new()
    {
        Side = Side, Strike = Strike, Volatility = Volatility, RootTime = RootTime, Weight = Weight, BaseValue = BaseValue, Slice = Slice,
    };

    public ScenarioMarketColumns MarketInMemory => new()
    {
        Slices = Slices, Count = Count, Forward = Forward, Discount = Discount, VolatilityMultiplier = Multiplier,
    };

    private ScenarioTrades Range(int start, int length) => new()
    {
        Side = Side.AsSpan(start, length), Strike = Strike.AsSpan(start, length), Volatility = Volatility.AsSpan(start, length),
        RootTime = RootTime.AsSpan(start, length), Weight = Weight.AsSpan(start, length), BaseValue = BaseValue.AsSpan(start, length),
        Slice = Slice.AsSpan(start, length),
    };

    private ScenarioMarket Market(int start, int length) => new()
    {
        Slices = Slices, Count = length, Forward = Part(Forward, start, length), Discount = Part(Discount, start, length),
        VolatilityMultiplier = Part(Multiplier, start, length),
    };

    private double[] Part(double[] cells, int start, int length)
    {
        var part = new double[Slices * length];
        for (var slice = 0; slice < Slices; slice++) Array.Copy(cells, (slice * Count) + start, part, slice * length, length);
        return part;
    }
}
