namespace RiskGrid.Kernels;

/// <summary>A scenario accumulation in slices of scenarios. A book too large for a slice of few scenarios comes in passes: a
/// scenario adds its trades in order, so the trades of one pass wait for those before.</summary>
internal sealed class ScenarioSlices : SlicedBatch
{
    // The native kernel's block: fewer scenarios would pay a trade's preparation more often.
    private const int FewestScenarios = 256;

    private readonly Accumulate kernel;
    private readonly ScenarioTradeColumns trades;
    private readonly ScenarioMarketColumns market;
    private readonly Memory<double> pnl;
    private readonly int scenariosPerSlice;
    private readonly int tradesPerPass;

    public ScenarioSlices(
        Accumulate kernel, ScenarioTradeColumns trades, ScenarioMarketColumns market, Memory<double> pnl, int revaluationsPerSlice)
        : this(kernel, trades, market, pnl, Plan(trades.Side.Length, market.Count, revaluationsPerSlice))
    {
    }

    private ScenarioSlices(
        Accumulate kernel, ScenarioTradeColumns trades, ScenarioMarketColumns market, Memory<double> pnl,
        (int Scenarios, int Trades) plan)
        : base(Cut(trades.Side.Length, plan.Trades), Cut(market.Count, plan.Scenarios))
    {
        ScenarioKernel.CheckShapes(trades.Side.Length, trades.All, market.All, pnl.Span);
        // Without scenarios the kernel only looks at the trades: it refuses all of them here or none in a slice.
        kernel(trades.All, market.All.Scenarios(0, 0), default);
        (this.kernel, this.trades, this.market, this.pnl) = (kernel, trades, market, pnl);
        (scenariosPerSlice, tradesPerPass) = plan;
    }

    internal delegate void Accumulate(in ScenarioTrades trades, in ScenarioMarket market, Span<double> pnl);

    public override int Refused => 0;

    public override void Compute(int pass, int slice)
    {
        var (first, start) = (pass * tradesPerPass, slice * scenariosPerSlice);
        var count = Math.Min(scenariosPerSlice, market.Count - start);
        kernel(
            trades.Range(first, Math.Min(tradesPerPass, trades.Side.Length - first)), market.All.Scenarios(start, count),
            pnl.Span.Slice(start, count));
    }

    /// <summary>How many pieces of that size a count makes.</summary>
    internal static int Cut(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return count <= 0 ? 0 : ((count - 1) / size) + 1;
    }

    // Passes of even length: the last would otherwise be short, and every pass waits for its slowest thread.
    private static (int Scenarios, int Trades) Plan(int trades, int scenarios, int revaluations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revaluations, 1);
        var perSlice = Math.Max(1, Math.Max(Math.Min(FewestScenarios, revaluations), revaluations / Math.Max(1, trades) / 8 * 8));
        perSlice = Math.Min(perSlice, Math.Max(1, scenarios));
        var passes = Cut(trades, Math.Max(1, revaluations / perSlice));
        return (perSlice, passes == 0 ? 1 : ((trades - 1) / passes) + 1);
    }
}
