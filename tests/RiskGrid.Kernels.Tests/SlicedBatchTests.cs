namespace RiskGrid.Kernels.Tests;

/// <summary>A batch in slices: the bits, the refusals and the errors of the one call.</summary>
public sealed class SlicedBatchTests
{
    private const int Count = 503;
    private const int Scenarios = 613;
    private readonly Columns all = new(Count, new Draw(51));
    private readonly ElementStatus[] status = new ElementStatus[Count];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(Count - 1)]
    [InlineData(Count)]
    [InlineData(10 * Count)]
    public void Slices_of_any_size_in_any_order_give_the_bits_and_the_refusals_of_the_one_call(int size)
    {
        var (price, expected) = (new double[Count], new double[Count]);
        var greeks = Greeks();
        Same(SlicedBatch.BlackScholesPrice(all.SpotInMemory(), price, status, size), BlackScholes.Price(all.Spot(), expected, status));
        Assert.Equal(expected, price);
        Same(SlicedBatch.Black76Price(all.ForwardInMemory(), price, status, size), Black76.Price(all.Forward(), expected, status));
        Assert.Equal(expected, price);
        Same(SlicedBatch.BachelierPrice(all.ForwardInMemory(), price, status, size), Bachelier.Price(all.Forward(), expected, status));
        Assert.Equal(expected, price);
        Same(SlicedBatch.Black76ImpliedVolatility(all.ForwardInMemory(), all.Prices, price, status, size),
            Black76.ImpliedVolatility(all.Forward(), all.Prices, expected, status));
        Assert.Equal(expected, price);
        Same(SlicedBatch.BachelierImpliedVolatility(all.ForwardInMemory() with { Volatility = new double[3] }, all.Prices, price, status, size),
            Bachelier.ImpliedVolatility(all.Forward(), all.Prices, expected, status));
        Assert.Equal(expected, price);

        var whole = Greeks();
        Same(SlicedBatch.BlackScholesGreeks(all.SpotInMemory(), greeks, status, size), BlackScholes.Greeks(all.Spot(), whole.All, status));
        SameGreeks();
        Same(SlicedBatch.Black76Greeks(all.ForwardInMemory(), greeks, status, size), Black76.Greeks(all.Forward(), whole.All, status));
        SameGreeks();
        Same(SlicedBatch.BachelierGreeks(all.ForwardInMemory(), greeks, status, size), Bachelier.Greeks(all.Forward(), whole.All, status));
        SameGreeks();

        void SameGreeks()
        {
            for (var i = 0; i < Shapes.GreekCount; i++)
                Assert.Equal(Shapes.Greek(whole.All, i).ToArray(), Shapes.Greek(greeks.All, i).ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scenarios_in_slices_and_trades_in_passes_give_the_bits_of_the_one_call(bool single)
    {
        var book = new Book(50, 3, Scenarios, new Draw(52)) { Kernel = single ? ScenarioKernel.AccumulatePnlFloat : ScenarioKernel.AccumulatePnl };
        var expected = book.Accumulate(0, Scenarios);
        foreach (var size in new[] { 1, 10, 255, 700, 3_000, 20_000, 100_000 })
        {
            var pnl = new double[Scenarios];
            var batch = Sliced(book, single, pnl, size);
            ComputeBackwards(batch);
            Assert.Equal(expected, pnl);
            Assert.Equal(0, batch.Refused);
        }

        Assert.Equal((50, Scenarios), Shape(Sliced(book, single, new double[Scenarios], 1)));
        Assert.Equal((25, 3), Shape(Sliced(book, single, new double[Scenarios], 700)));
        Assert.Equal((1, 1), Shape(Sliced(book, single, new double[Scenarios], 100_000)));
    }

    [Fact]
    public void A_large_batch_is_cut_into_slices_of_about_a_millisecond()
    {
        var many = new double[1_000_000];
        var side = new OptionSide[many.Length];
        var columns = new ForwardColumns { Side = side, Forward = many, Strike = many, Time = many, Volatility = many, Discount = many };
        var batch = SlicedBatch.Black76Price(columns, new double[many.Length], new ElementStatus[many.Length]);
        Assert.InRange(batch.Slices, 8, 300);
        Assert.Equal(1, batch.Passes);
    }

    [Fact]
    public void Nothing_to_compute_is_no_slices()
    {
        var none = new Columns(0, new Draw(1));
        Assert.Equal((0, 0), Shape(SlicedBatch.BlackScholesPrice(none.SpotInMemory(), default, default)));
        Assert.Equal((0, 0), Shape(Sliced(new Book(0, 1, 5, new Draw(1)), false, new double[5], 10)));
        Assert.Equal((0, 0), Shape(Sliced(new Book(5, 1, 0, new Draw(1)), false, [], 10)));
        Assert.Equal((0, 0), Shape(Sliced(new Book(0, 0, 0, new Draw(1)), true, [], 10)));
    }

    [Fact]
    public void What_the_one_call_refuses_is_refused_before_anything_is_computed()
    {
        var output = new double[2 * Count];
        Names("batch.Strike", () => SlicedBatch.BlackScholesPrice(all.SpotInMemory(new double[3]), new double[Count], status));
        Names("price", () => SlicedBatch.BlackScholesPrice(all.SpotInMemory(), new double[3], status));
        // Its own slices would not overlap: only the whole does.
        Names("price", () => SlicedBatch.BlackScholesPrice(all.SpotInMemory(), all.Strike, status, 1));
        Names("greeks.Delta", () => SlicedBatch.Black76Greeks(
            all.ForwardInMemory(), new GreeksColumns { Price = output.AsMemory(0, Count), Delta = output.AsMemory(9, Count) }, status, 1));
        Names("volatility", () => SlicedBatch.BachelierImpliedVolatility(all.ForwardInMemory(), all.Prices, all.Prices, status));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlicedBatch.Black76Price(all.ForwardInMemory(), new double[Count], status, 0));

        var book = new Book(9, 2, 20, new Draw(53)).With(strike: -1).With(strike: -2);
        var pnl = new double[20];
        var e = Assert.Throws<ArgumentException>(() => Sliced(book, false, pnl, 1));
        Assert.Contains("trade 9 cannot be valued", e.Message, StringComparison.Ordinal);
        Names("pnl", () => Sliced(new Book(3, 1, 20, new Draw(53)), true, new double[19], 1));
        Names("pnl", () =>
        {
            var shared = new Book(3, 1, 20, new Draw(53));
            Sliced(shared, true, shared.Forward, 1);
        });
        Assert.All(pnl, v => Assert.Equal(0.0, v));
    }

    private static SlicedBatch Sliced(Book book, bool single, double[] pnl, int size) => single
        ? SlicedBatch.ScenarioPnlFloat(book.TradesInMemory, book.MarketInMemory, pnl, size)
        : SlicedBatch.ScenarioPnl(book.TradesInMemory, book.MarketInMemory, pnl, size);

    private static (int Passes, int Slices) Shape(SlicedBatch batch) => (batch.Passes, batch.Slices);

    private static GreeksColumns Greeks()
    {
        static double[] Column() => new double[Count];
        return new GreeksColumns
        {
            Price = Column(), Delta = Column(), Gamma = Column(), Vega = Column(), Theta = Column(), Rho = Column(), Vanna = Column(),
            Volga = Column(),
        };
    }

    private void Same(SlicedBatch batch, int refused)
    {
        var expected = status.ToArray();
        Array.Clear(status);
        ComputeBackwards(batch);
        Assert.Equal(refused, batch.Refused);
        Assert.Equal(expected, status);
        Assert.InRange(refused, 1, Count - 1);
    }

    private static void ComputeBackwards(SlicedBatch batch)
    {
        for (var pass = 0; pass < batch.Passes; pass++)
            for (var slice = batch.Slices - 1; slice >= 0; slice--) batch.Compute(pass, slice);
    }

    private static void Names(string array, Action call) => Assert.Equal(array, Assert.ThrowsAny<ArgumentException>(call).ParamName);
}
