using RiskGrid.Compute;
using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Tests;

/// <summary>Large batches on the pool: the bits of one thread, whatever the threads.</summary>
public sealed class PooledBatchesTests
{
    private const int Seed = 1900;
    private const int Options = 20_011;
    private const int Scenarios = 1_001;

    // Far beyond what a loaded machine needs; reached only by a broken promise.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly OptionSide[] side = new OptionSide[Options];
    private readonly double[] forward = new double[Options];
    private readonly double[] strike = new double[Options];
    private readonly double[] ones = new double[Options];
    private readonly double[] volatility = new double[Options];
    private readonly ElementStatus[] status = new ElementStatus[Options];

    public PooledBatchesTests()
    {
        var random = new Random(Seed);
        for (var i = 0; i < Options; i++)
        {
            side[i] = random.Next(2) == 0 ? OptionSide.Put : OptionSide.Call;
            forward[i] = i % 1000 == 999 ? double.NaN : 50 + (100 * random.NextDouble());
            strike[i] = 50 + (100 * random.NextDouble());
            volatility[i] = 0.05 + random.NextDouble();
            ones[i] = 1;
        }
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 997)]
    [InlineData(3, 4096)]
    [InlineData(3, null)]
    public async Task Prices_and_implied_volatilities_have_the_bits_of_one_thread_and_refusals_add_up(int threads, int? size)
    {
        await using var pool = Pool(threads);
        var (expected, price, implied, expectedImplied) = (new double[Options], new double[Options], new double[Options], new double[Options]);
        var refused = Black76.Price(Columns().Batch(), expected, status);
        Assert.Equal(Options / 1000, refused);
        Assert.Equal(refused, await Run(SlicedBatch.Black76Price(Columns(), price, status, size)));
        Assert.Equal(expected, price);

        refused = Black76.ImpliedVolatility(Columns().Batch(), price, expectedImplied, status);
        Assert.Equal(refused, await Run(SlicedBatch.Black76ImpliedVolatility(Columns(), price, implied, status, size)));
        Assert.Equal(expectedImplied, implied);

        Task<int> Run(SlicedBatch batch) => pool.RunAsync(ComputePriority.Run, batch, default).WaitAsync(Patience);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task A_pnl_vector_has_the_bits_of_one_thread(int threads, bool single)
    {
        await using var pool = Pool(threads);
        var (trades, market) = Book(trades: 300);
        var expected = new double[Scenarios];
        var one = Sliced(expected, int.MaxValue);
        Assert.Equal((1, 1), (one.Passes, one.Slices));
        one.Compute(0, 0);
        foreach (var size in new[] { 4_000, 30_000 })
        {
            var pnl = new double[Scenarios];
            var batch = Sliced(pnl, size);
            Assert.InRange(batch.Slices, 2, Scenarios);
            Assert.InRange(batch.Passes, 2, 300);
            Assert.Equal(0, await pool.RunAsync(ComputePriority.Run, batch, default).WaitAsync(Patience));
            Assert.Equal(expected, pnl);
        }

        SlicedBatch Sliced(double[] pnl, int size) => single
            ? SlicedBatch.ScenarioPnlFloat(trades, market, pnl, size)
            : SlicedBatch.ScenarioPnl(trades, market, pnl, size);
    }

    [Fact]
    public async Task Nothing_to_compute_is_done_at_once()
    {
        await using var pool = Pool(1);
        var none = new ForwardColumns { Side = default, Forward = default, Strike = default, Time = default, Discount = default };
        Assert.Equal(0, await pool.RunAsync(ComputePriority.Live, SlicedBatch.Black76Price(none, default, default), default));
        Assert.Equal(0, pool.Statistics().SlicesRun.Sum());
    }

    [Fact]
    public async Task Cancelled_it_computes_no_more_slices_and_says_so()
    {
        await using var pool = Pool(1);
        using var cancel = new CancellationTokenSource();
        using var busy = new ManualResetEventSlim();
        var blocker = pool.RunAsync(ComputePriority.Live, 1, _ => Assert.True(busy.Wait(Patience), "The test never opened the gate."), default);
        var (trades, market) = Book(trades: 300);
        var run = pool.RunAsync(ComputePriority.Run, SlicedBatch.ScenarioPnl(trades, market, new double[Scenarios], 4_000), cancel.Token);
        await cancel.CancelAsync();
        busy.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Patience));
        await blocker.WaitAsync(Patience);
        Assert.Equal(0, pool.Statistics().SlicesRun[(int)ComputePriority.Run]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            pool.RunAsync(ComputePriority.Run, SlicedBatch.ScenarioPnl(trades, market, new double[Scenarios]), cancel.Token).WaitAsync(Patience));
    }

    [Fact]
    public void An_unsound_trade_is_refused_before_the_pool_sees_it_and_the_first_is_named()
    {
        var (trades, market) = Book(trades: 300);
        strike[250] = -1;
        strike[107] = double.NaN;
        var pnl = new double[Scenarios];
        var e = Assert.Throws<ArgumentException>(() => SlicedBatch.ScenarioPnl(trades, market, pnl, 100));
        Assert.Contains("trade 107 cannot be valued", e.Message, StringComparison.Ordinal);
        Assert.All(pnl, v => Assert.Equal(0.0, v));
    }

    private static ComputePool Pool(int threads) => new(new ComputePoolOptions { Threads = threads });

    private ForwardColumns Columns() => new()
    {
        Side = side, Forward = forward, Strike = strike, Time = ones, Volatility = volatility, Discount = ones,
    };

    private (ScenarioTradeColumns Trades, ScenarioMarketColumns Market) Book(int trades)
    {
        const int Slices = 2;
        var random = new Random(Seed + 1);
        var (moved, near) = (new double[Slices * Scenarios], new double[Slices * Scenarios]);
        for (var i = 0; i < moved.Length; i++) (moved[i], near[i]) = (50 + (100 * random.NextDouble()), 0.5 + random.NextDouble());
        return (
            new ScenarioTradeColumns
            {
                Side = side.AsMemory(0, trades), Strike = strike.AsMemory(0, trades), Volatility = volatility.AsMemory(0, trades),
                RootTime = ones.AsMemory(0, trades), Weight = volatility.AsMemory(0, trades), BaseValue = ones.AsMemory(0, trades),
                Slice = Enumerable.Range(0, trades).Select(i => i / 100 % Slices).ToArray(),
            },
            new ScenarioMarketColumns { Slices = Slices, Count = Scenarios, Forward = moved, Discount = near, VolatilityMultiplier = near });
    }
}

internal static class ForwardColumnsBatch
{
    public static ForwardBatch Batch(this ForwardColumns columns) => new()
    {
        Side = columns.Side.Span, Forward = columns.Forward.Span, Strike = columns.Strike.Span, Time = columns.Time.Span,
        Volatility = columns.Volatility.Span, Discount = columns.Discount.Span,
    };
}
