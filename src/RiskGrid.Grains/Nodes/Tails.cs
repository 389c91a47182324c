using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Nodes;

/// <summary>The tail measures of a node's P&amp;L vector.</summary>
internal static class Tails
{
    /// <summary>VaR and ES of a vector; null when the set holds no scenario.</summary>
    public static TailMeasures From(ReadOnlySpan<double> pnl, string scenarioSetHash, MarketPoint asOf, int tradesMissing) => new()
    {
        Var991D = Risk.TailMeasures.ValueAtRisk(pnl, 0.99m),
        Es9751D = Risk.TailMeasures.ExpectedShortfall(pnl, 0.975m),
        Scenarios = (uint)pnl.Length,
        ScenarioSetHash = scenarioSetHash,
        AsOf = asOf,
        TradesMissing = (uint)tradesMissing,
    };
}
