namespace RiskGrid.Kernels;

/// <summary>European options on a forward: V = discount × Black(F, K, σ, t).</summary>
/// <remarks>
/// Fischer Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177; Greeks as in Espen
/// Gaarder Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), chapter 2. With no time or no volatility the
/// price is the discounted intrinsic value; gamma, vega, vanna and volga are zero and a call at the money counts as exercised.
/// Static and thread-safe; nothing is allocated.
/// </remarks>
public static unsafe class Black76
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

    /// <summary>The volatility that gives each discounted price; the batch's own volatility is not read. Solved on the
    /// out-of-the-money side to about 1e-13; a price in the money is carried over by parity, which costs what rounding the price
    /// costs: 4 ε price / (σ vega). A price within its own rounding of the discounted intrinsic value implies zero.</summary>
    /// <remarks>The objectives follow Peter Jäckel, "Let's Be Rational", Wilmott (2015), pp. 40–53; the solver is our own.</remarks>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an output overlaps another array.</exception>
    public static int ImpliedVolatility(
        in ForwardBatch batch, ReadOnlySpan<double> price, Span<double> volatility, Span<ElementStatus> status) =>
        ForwardCalls.ImpliedVolatility<NativeCalls>(batch, price, volatility, status);

    private readonly struct NativeCalls : IForwardKernels
    {
        public static NativeResult Price(NativeMethods.ForwardBatchPointers* batch, double* price, byte* status, long* refused) =>
            NativeMethods.Black76Price(batch, price, status, refused);

        public static NativeResult Greeks(
            NativeMethods.ForwardBatchPointers* batch, NativeMethods.GreeksPointers* greeks, byte* status, long* refused) =>
            NativeMethods.Black76Greeks(batch, greeks, status, refused);

        public static NativeResult ImpliedVolatility(
            NativeMethods.ForwardBatchPointers* batch, double* price, double* volatility, byte* status, long* refused) =>
            NativeMethods.Black76ImpliedVolatility(batch, price, volatility, status, refused);
    }
}
