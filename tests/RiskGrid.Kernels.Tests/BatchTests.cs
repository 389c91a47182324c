namespace RiskGrid.Kernels.Tests;

/// <summary>What a batch promises: position does not matter, nothing is allocated, and bad shapes are named.</summary>
public sealed class BatchTests
{
    private const int Longest = 40;
    private readonly Columns all = new(Longest, new Draw(31));

    [Fact]
    public void An_element_has_the_same_bits_in_a_batch_of_any_length_and_at_any_place()
    {
        var whole = all.Slice(0, Longest).Run();
        for (var length = 1; length <= Longest; length++)
            for (var start = 0; start + length <= Longest; start += 1 + (length / 3))
            {
                var part = all.Slice(start, length).Run();
                for (var column = 0; column < whole.Length; column++)
                    for (var i = 0; i < length; i++)
                        Near.SameBits(whole[column][start + i], part[column][i], $"output {column}, element {start + i} at {i} of {length}");
            }
    }

    [Fact]
    public void An_empty_batch_is_no_work() => Assert.All(all.Slice(0, 0).Run(), Assert.Empty);

    [Fact]
    public void Greeks_that_are_not_wanted_change_nothing_in_the_others()
    {
        var whole = all.Run();
        var status = new ElementStatus[Longest];
        var vega = new double[Longest];
        BlackScholes.Greeks(all.Spot(), new GreeksBuffers { Vega = vega }, status);
        Assert.Equal(whole[Columns.SpotGreeks + 3], vega);
        Black76.Greeks(all.Forward(), new GreeksBuffers { Vega = vega }, status);
        Assert.Equal(whole[Columns.ForwardGreeks + 3], vega);
        var refused = Black76.Greeks(all.Forward(), new GreeksBuffers(), status);
        Assert.Equal(status.Count(s => s != ElementStatus.Ok), refused);
        Assert.InRange(refused, 1, Longest - 1);
    }

    [Fact]
    public void Calls_allocate_nothing()
    {
        var outputs = new double[8][];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = new double[Longest];
        var status = new ElementStatus[Longest];
        var side = new[] { OptionSide.Call };
        double[] one = [1.0], zero = [0.0];
        int[] slice = [0];
        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Work()
        {
            var greeks = new GreeksBuffers
            {
                Price = outputs[0], Delta = outputs[1], Gamma = outputs[2], Vega = outputs[3], Theta = outputs[4], Rho = outputs[5],
                Vanna = outputs[6], Volga = outputs[7],
            };
            BlackScholes.Price(all.Spot(), outputs[0], status);
            BlackScholes.Greeks(all.Spot(), greeks, status);
            Black76.Price(all.Forward(), outputs[0], status);
            Black76.Greeks(all.Forward(), greeks, status);
            Black76.ImpliedVolatility(all.Forward(), outputs[0], outputs[1], status);
            Bachelier.Price(all.Forward(), outputs[0], status);
            Bachelier.Greeks(all.Forward(), greeks, status);
            Bachelier.ImpliedVolatility(all.Forward(), outputs[0], outputs[1], status);
            var trades = new ScenarioTrades
            {
                Side = side, Strike = one, Volatility = one, RootTime = one, Weight = one, BaseValue = zero, Slice = slice,
            };
            var market = new ScenarioMarket { Slices = 1, Count = 1, Forward = one, Discount = one, VolatilityMultiplier = one };
            ScenarioKernel.AccumulatePnl(trades, market, outputs[2].AsSpan(0, 1));
            ScenarioKernel.AccumulatePnlFloat(trades, market, outputs[2].AsSpan(0, 1));
            Elementary.Exp(outputs[3], outputs[4]);
            _ = Elementary.Log(2) + Elementary.NormalCdf(1) + Elementary.Pow(2, 0.5);
        }
    }

    [Fact]
    public void An_array_of_another_length_is_named()
    {
        var status = new ElementStatus[Longest];
        var shorter = new double[Longest - 1];
        var output = new double[Longest];
        AssertNames("batch.Strike", () => BlackScholes.Price(all.Spot(strike: shorter), output, status));
        AssertNames("batch.DividendYield", () => BlackScholes.Greeks(all.Spot(yield: shorter), new GreeksBuffers(), status));
        AssertNames("price", () => BlackScholes.Price(all.Spot(), shorter, status));
        AssertNames("status", () => BlackScholes.Price(all.Spot(), output, new ElementStatus[Longest + 1]));
        AssertNames("greeks.Volga", () => BlackScholes.Greeks(all.Spot(), new GreeksBuffers { Volga = shorter }, status));
        AssertNames("batch.Volatility", () => Black76.Price(all.Forward(volatility: []), output, status));
        AssertNames("batch.Volatility", () => Black76.Greeks(all.Forward(volatility: []), new GreeksBuffers(), status));
        AssertNames("price", () => Black76.ImpliedVolatility(all.Forward(volatility: []), shorter, output, status));
        AssertNames("result", () => Elementary.Exp(shorter, output));
    }

    [Fact]
    public void An_output_that_shares_memory_is_named()
    {
        var status = new ElementStatus[Longest];
        var output = new double[2 * Longest];
        AssertNames("price", () => BlackScholes.Price(all.Spot(), all.Strike, status));
        AssertNames("greeks.Delta", () => BlackScholes.Greeks(
            all.Spot(), new GreeksBuffers { Price = output.AsSpan(0, Longest), Delta = output.AsSpan(7, Longest) }, status));
        AssertNames("greeks.Gamma", () => Black76.Greeks(all.Forward(), new GreeksBuffers { Gamma = all.Discount }, status));
        AssertNames("volatility", () => Black76.ImpliedVolatility(
            all.Forward(), output.AsSpan(0, Longest), output.AsSpan(Longest - 1, Longest), status));
        AssertNames("result", () => Elementary.Log(output.AsSpan(0, Longest), output.AsSpan(1, Longest)));
    }

    private static void AssertNames(string array, Action call)
    {
        var e = Assert.Throws<ArgumentException>(call);
        Assert.Equal(array, e.ParamName);
        Assert.StartsWith(array, e.Message, StringComparison.Ordinal);
    }
}
