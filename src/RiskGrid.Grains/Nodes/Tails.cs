using RiskGrid.Kernels;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Nodes;

/// <summary>The tail measures of a node's P&amp;L vector.</summary>
internal static class Tails
{
    /// <summary>The versions of the code that makes a node's numbers.</summary>
    public static string Versions { get; } = $"kernels/{NativeKernels.Version} {PreparedSheet.Version}";

    /// <summary>Why trades that could be revalued one by one have no place in a vector.</summary>
    public const string Unbounded = "the P&L vector of its book is beyond the range of double precision";

    /// <summary>VaR and ES of a vector; null when a sum in it is beyond the range of double precision: such a vector has no order.</summary>
    public static Protocol.V1.TailMeasures? From(ReadOnlySpan<double> pnl, string scenarioSetHash, MarketPoint asOf, int tradesMissing)
    {
        foreach (var value in pnl)
        {
            if (!double.IsFinite(value))
                return null;
        }

        var (valueAtRisk, shortfall) = Risk.TailMeasures.Both(pnl, 0.99m, 0.975m);
        return new Protocol.V1.TailMeasures
        {
            Var991D = valueAtRisk,
            Es9751D = shortfall,
            Scenarios = (uint)pnl.Length,
            ScenarioSetHash = scenarioSetHash,
            AsOf = asOf,
            TradesMissing = (uint)tradesMissing,
        };
    }
}
