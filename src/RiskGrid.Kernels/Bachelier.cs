namespace RiskGrid.Kernels;

/// <summary>European options on a forward that moves normally: forward and strike of any sign, volatility in the forward's unit per
/// square root of a year.</summary>
/// <remarks>
/// Louis Bachelier, "Théorie de la spéculation", Annales scientifiques de l'É.N.S. 17 (1900), p. 21; Greeks by differentiation.
/// Prices are within 1e-15 of discount × (|F − K| + σ√t), Greeks within 1e-11. With no time or no volatility the price is the
/// discounted intrinsic value; gamma, vega, vanna and volga are zero and a call at the money counts as exercised. Static and
/// thread-safe; nothing is allocated.
/// </remarks>
public static unsafe class Bachelier
{
    /// <summary>Prices of one unit each. Elements are independent of each other and of their position.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Price(in ForwardBatch batch, Span<double> price, Span<ElementStatus> status) =>
        ForwardCalls.Price<NativeCalls>(batch, price, status);

    /// <summary>Price and Greeks of one unit each: delta and gamma in the forward (discounted), vega per 1.00 of volatility. Theta
    /// (per calendar year) and rho keep the forward fixed and move the discount factor along the rate it implies over the time
    /// to expiry, r = −log(discount)/t: theta holds r V and rho is −t V. With no time left that rate counts as zero.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int Greeks(in ForwardBatch batch, in GreeksBuffers greeks, Span<ElementStatus> status) =>
        ForwardCalls.Greeks<NativeCalls>(batch, greeks, status);

    /// <summary>The volatility that gives each discounted price; the batch's own volatility is not read. Within 1e-12 for a price out
    /// of the money; a price in the money is carried over by parity, which costs what rounding the price costs. A price within its
    /// own rounding of the discounted intrinsic value implies zero; a time value below 1e-300 of |F − K| counts as that.</summary>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int ImpliedVolatility(
        in ForwardBatch batch, ReadOnlySpan<double> price, Span<double> volatility, Span<ElementStatus> status) =>
        ForwardCalls.ImpliedVolatility<NativeCalls>(batch, price, volatility, status);

    private readonly struct NativeCalls : IForwardKernels
    {
        public static NativeResult Price(NativeMethods.ForwardBatchPointers* batch, double* price, byte* status, long* refused) =>
            NativeMethods.BachelierPrice(batch, price, status, refused);

        public static NativeResult Greeks(
            NativeMethods.ForwardBatchPointers* batch, NativeMethods.GreeksPointers* greeks, byte* status, long* refused) =>
            NativeMethods.BachelierGreeks(batch, greeks, status, refused);

        public static NativeResult ImpliedVolatility(
            NativeMethods.ForwardBatchPointers* batch, double* price, double* volatility, byte* status, long* refused) =>
            NativeMethods.BachelierImpliedVolatility(batch, price, volatility, status, refused);
    }
}
