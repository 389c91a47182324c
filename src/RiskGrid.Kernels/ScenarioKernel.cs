using System.Runtime.CompilerServices;
using static RiskGrid.Kernels.NativeMethods;

namespace RiskGrid.Kernels;

/// <summary>Full revaluation of a book under scenarios into one P&amp;L vector.</summary>
public static unsafe class ScenarioKernel
{
    /// <summary>Bound of the error of <see cref="AccumulatePnlFloat"/>, against double, per trade and scenario, over |weight| ×
    /// discount × min(forward, strike).</summary>
    public const double FloatError = 4e-7;

    /// <summary>
    /// Adds to each scenario's P&amp;L the sum over trades of weight × discount × Black(forward, K, σ × multiplier, t) − base value.
    /// Each scenario's sum runs over the trades in array order, so that any split of the scenarios gives the same bits. A total
    /// volatility of zero prices at the discounted intrinsic value. A scenario whose market is not usable to a trade of weight
    /// other than zero (a forward that is not positive, anything negative or not finite) ends as <see cref="double.NaN"/>.
    /// </summary>
    /// <remarks>Black's formula as in <see cref="Black76"/>. Thread-safe; allocates nothing.</remarks>
    /// <param name="trades">Trades; sorted by slice is fastest.</param>
    /// <param name="market">Markets per slice and scenario.</param>
    /// <param name="pnl">One element per scenario, in the reporting currency; added to.</param>
    /// <exception cref="ArgumentException">Lengths differ, <paramref name="pnl"/> overlaps an input, or a trade is not sound (a
    /// strike that is not positive, a negative volatility or time, a value that is not finite, a slice that does not exist); the
    /// message names its index, and <paramref name="pnl"/> is untouched.</exception>
    public static void AccumulatePnl(in ScenarioTrades trades, in ScenarioMarket market, Span<double> pnl) =>
        Accumulate(&ScenarioAccumulate, trades, market, pnl);

    /// <summary>
    /// <see cref="AccumulatePnl"/> to less precision and more than twice as fast: each option's time value over min(forward, strike)
    /// is computed in single precision; its intrinsic value, discounting and each scenario's sum are in double. A trade's value is
    /// within <see cref="FloatError"/> × |weight| × discount × min(forward, strike) of the double one, and so is the P&amp;L of a
    /// scenario in which nothing moves; far from the money, and without volatility, only rounding in double is left. Its bits are
    /// its own, and as the double one's the same on every instruction set and under any split of the scenarios.
    /// </summary>
    /// <remarks>Total volatilities and multipliers below 1e-15 or above 1e15 count as those. Thread-safe; allocates nothing.</remarks>
    /// <inheritdoc cref="AccumulatePnl" path="/param"/>
    /// <inheritdoc cref="AccumulatePnl" path="/exception"/>
    public static void AccumulatePnlFloat(in ScenarioTrades trades, in ScenarioMarket market, Span<double> pnl) =>
        Accumulate(&ScenarioAccumulateFloat, trades, market, pnl);

    private static void Accumulate(
        delegate*<ScenarioTradesPointers*, ScenarioMarketPointers*, double*, long*, NativeResult> kernel, in ScenarioTrades trades,
        in ScenarioMarket market, Span<double> pnl)
    {
        var count = trades.Side.Length;
        CheckShapes(count, trades, market, pnl);
        long badTrade;
        NativeResult result;
        fixed (OptionSide* side = trades.Side)
        fixed (double* strike = trades.Strike, volatility = trades.Volatility, rootTime = trades.RootTime)
        fixed (double* weight = trades.Weight, baseValue = trades.BaseValue)
        fixed (int* slice = trades.Slice)
        fixed (double* forward = market.Forward, discount = market.Discount, multiplier = market.VolatilityMultiplier)
        fixed (double* sums = pnl)
        {
            var tradePointers = new ScenarioTradesPointers
            {
                Count = count, Side = (sbyte*)side, Strike = strike, Volatility = volatility, RootTime = rootTime, Weight = weight,
                BaseValue = baseValue, Slice = slice,
            };
            var marketPointers = new ScenarioMarketPointers
            {
                Slices = market.Slices, Count = market.Count, Stride = market.Stride, Forward = forward, Discount = discount,
                VolatilityMultiplier = multiplier,
            };
            result = kernel(&tradePointers, &marketPointers, sums, &badTrade);
        }

        if (result == NativeResult.BadTrade) ThrowBadTrade(trades, (int)badTrade, market.Slices);
        Check(result);
    }

    internal static void CheckShapes(int count, in ScenarioTrades trades, in ScenarioMarket market, Span<double> pnl)
    {
        if (market.Slices < 0 || market.Count < 0 || market.Cells > int.MaxValue) ThrowMarket(market.Slices, market.Count);
        var cells = (int)market.Cells;
        Shapes.Require(count, trades.Strike, "trades.Strike", "trades.Side");
        Shapes.Require(count, trades.Volatility, "trades.Volatility", "trades.Side");
        Shapes.Require(count, trades.RootTime, "trades.RootTime", "trades.Side");
        Shapes.Require(count, trades.Weight, "trades.Weight", "trades.Side");
        Shapes.Require(count, trades.BaseValue, "trades.BaseValue", "trades.Side");
        Shapes.Require(count, trades.Slice, "trades.Slice", "trades.Side");
        Shapes.Require(cells, market.Forward, "market.Forward", "market.Slices times market.Count");
        Shapes.Require(cells, market.Discount, "market.Discount", "market.Slices times market.Count");
        Shapes.Require(cells, market.VolatilityMultiplier, "market.VolatilityMultiplier", "market.Slices times market.Count");
        Shapes.Require<double>(market.Count, pnl, nameof(pnl), "market.Count");
        Shapes.RequireApart<double, OptionSide>(pnl, nameof(pnl), trades.Side, "trades.Side");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), trades.Strike, "trades.Strike");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), trades.Volatility, "trades.Volatility");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), trades.RootTime, "trades.RootTime");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), trades.Weight, "trades.Weight");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), trades.BaseValue, "trades.BaseValue");
        Shapes.RequireApart<double, int>(pnl, nameof(pnl), trades.Slice, "trades.Slice");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), market.Forward, "market.Forward");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), market.Discount, "market.Discount");
        Shapes.RequireApart<double, double>(pnl, nameof(pnl), market.VolatilityMultiplier, "market.VolatilityMultiplier");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowMarket(int slices, int count) =>
        throw new ArgumentException(
            $"market.Slices {slices} times market.Count {count} is not the size of an array; split the scenarios", "market");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowBadTrade(in ScenarioTrades trades, int index, int slices) =>
        throw new ArgumentException(
            $"trade {index} cannot be valued: side {trades.Side[index]}, strike {trades.Strike[index]}, volatility"
            + $" {trades.Volatility[index]}, root time {trades.RootTime[index]}, weight {trades.Weight[index]}, base value"
            + $" {trades.BaseValue[index]}, slice {trades.Slice[index]} of {slices}", "trades");
}
