namespace RiskGrid.Kernels;

/// <summary>A batch call cut into slices of one to two milliseconds, for threads to share: the bits are those of the one call,
/// whatever the slices, the threads and their order.</summary>
/// <remarks>
/// Passes go one after another; within a pass any thread computes any slice, in any order. Shapes, aliasing and the soundness of
/// scenario trades are checked for the whole batch when it is made, and nothing is written if they do not hold. Until every slice
/// has been computed the outputs hold anything.
/// </remarks>
public abstract class SlicedBatch
{
    // What a slice should take, and what the baseline instruction set costs more.
    private const double SliceNanoseconds = 1.5e6;
    private const double ScalarFactor = 20;

    private protected SlicedBatch(int passes, int slices) => (Passes, Slices) = (slices == 0 ? 0 : passes, passes == 0 ? 0 : slices);

    /// <summary>How many passes there are; none when there is no work.</summary>
    public int Passes { get; }

    /// <summary>How many slices each pass has.</summary>
    public int Slices { get; }

    /// <summary>How many elements are not <see cref="ElementStatus.Ok"/>, once every slice has been computed.</summary>
    public abstract int Refused { get; }

    /// <summary>Computes one slice.</summary>
    /// <param name="pass">0 to <see cref="Passes"/> − 1; every slice of the one before has been computed.</param>
    /// <param name="slice">0 to <see cref="Slices"/> − 1; each once.</param>
    public abstract void Compute(int pass, int slice);

    /// <summary><see cref="BlackScholes.Price"/> in slices.</summary>
    /// <inheritdoc cref="BlackScholes.Price" path="/exception"/>
    public static SlicedBatch BlackScholesPrice(
        SpotColumns batch, Memory<double> price, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(BlackScholes.CheckPrice(batch.All, price.Span, status.Span), sliceSize ?? Fitting(15),
            (start, n) => BlackScholes.Price(batch.Slice(start, n), price.Span.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="BlackScholes.Greeks"/> in slices.</summary>
    /// <inheritdoc cref="BlackScholes.Greeks" path="/exception"/>
    public static SlicedBatch BlackScholesGreeks(
        SpotColumns batch, GreeksColumns greeks, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(BlackScholes.CheckGreeks(batch.All, greeks.All, status.Span), sliceSize ?? Fitting(25),
            (start, n) => BlackScholes.Greeks(batch.Slice(start, n), greeks.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Black76.Price"/> in slices.</summary>
    /// <inheritdoc cref="Black76.Price" path="/exception"/>
    public static SlicedBatch Black76Price(
        ForwardColumns batch, Memory<double> price, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(ForwardCalls.CheckPrice(batch.All, price.Span, status.Span), sliceSize ?? Fitting(15),
            (start, n) => Black76.Price(batch.Slice(start, n), price.Span.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Black76.Greeks"/> in slices.</summary>
    /// <inheritdoc cref="Black76.Greeks" path="/exception"/>
    public static SlicedBatch Black76Greeks(
        ForwardColumns batch, GreeksColumns greeks, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(ForwardCalls.CheckGreeks(batch.All, greeks.All, status.Span), sliceSize ?? Fitting(25),
            (start, n) => Black76.Greeks(batch.Slice(start, n), greeks.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Black76.ImpliedVolatility"/> in slices.</summary>
    /// <inheritdoc cref="Black76.ImpliedVolatility" path="/exception"/>
    public static SlicedBatch Black76ImpliedVolatility(
        ForwardColumns batch, ReadOnlyMemory<double> price, Memory<double> volatility, Memory<ElementStatus> status,
        int? sliceSize = null) =>
        new ElementSlices(
            ForwardCalls.CheckImplied(batch.All, price.Span, volatility.Span, status.Span), sliceSize ?? Fitting(40),
            (start, n) => Black76.ImpliedVolatility(
                WithoutVolatility(batch).Slice(start, n), price.Span.Slice(start, n), volatility.Span.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Bachelier.Price"/> in slices.</summary>
    /// <inheritdoc cref="Bachelier.Price" path="/exception"/>
    public static SlicedBatch BachelierPrice(
        ForwardColumns batch, Memory<double> price, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(ForwardCalls.CheckPrice(batch.All, price.Span, status.Span), sliceSize ?? Fitting(15),
            (start, n) => Bachelier.Price(batch.Slice(start, n), price.Span.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Bachelier.Greeks"/> in slices.</summary>
    /// <inheritdoc cref="Bachelier.Greeks" path="/exception"/>
    public static SlicedBatch BachelierGreeks(
        ForwardColumns batch, GreeksColumns greeks, Memory<ElementStatus> status, int? sliceSize = null) =>
        new ElementSlices(ForwardCalls.CheckGreeks(batch.All, greeks.All, status.Span), sliceSize ?? Fitting(25),
            (start, n) => Bachelier.Greeks(batch.Slice(start, n), greeks.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="Bachelier.ImpliedVolatility"/> in slices.</summary>
    /// <inheritdoc cref="Bachelier.ImpliedVolatility" path="/exception"/>
    public static SlicedBatch BachelierImpliedVolatility(
        ForwardColumns batch, ReadOnlyMemory<double> price, Memory<double> volatility, Memory<ElementStatus> status,
        int? sliceSize = null) =>
        new ElementSlices(
            ForwardCalls.CheckImplied(batch.All, price.Span, volatility.Span, status.Span), sliceSize ?? Fitting(60),
            (start, n) => Bachelier.ImpliedVolatility(
                WithoutVolatility(batch).Slice(start, n), price.Span.Slice(start, n), volatility.Span.Slice(start, n), status.Span.Slice(start, n)));

    /// <summary><see cref="ScenarioKernel.AccumulatePnl"/> in slices of scenarios and passes of trades.</summary>
    /// <inheritdoc cref="ScenarioKernel.AccumulatePnl" path="/exception"/>
    public static SlicedBatch ScenarioPnl(
        ScenarioTradeColumns trades, ScenarioMarketColumns market, Memory<double> pnl, int? revaluationsPerSlice = null) =>
        new ScenarioSlices(ScenarioKernel.AccumulatePnl, trades, market, pnl, revaluationsPerSlice ?? Fitting(7));

    /// <summary><see cref="ScenarioKernel.AccumulatePnlFloat"/> in slices of scenarios and passes of trades.</summary>
    /// <inheritdoc cref="ScenarioKernel.AccumulatePnlFloat" path="/exception"/>
    public static SlicedBatch ScenarioPnlFloat(
        ScenarioTradeColumns trades, ScenarioMarketColumns market, Memory<double> pnl, int? revaluationsPerSlice = null) =>
        new ScenarioSlices(ScenarioKernel.AccumulatePnlFloat, trades, market, pnl, revaluationsPerSlice ?? Fitting(3));

    // Not read, and so of any length.
    private static ForwardColumns WithoutVolatility(ForwardColumns batch) => batch with { Volatility = default };

    // Whole cache lines of every array, so that no two slices write one line.
    private static int Fitting(double nanosecondsEach)
    {
        var slow = string.Equals(NativeKernels.InstructionSet, "scalar", StringComparison.Ordinal) ? ScalarFactor : 1;
        return (int)(SliceNanoseconds / (nanosecondsEach * slow)) / 64 * 64;
    }
}
