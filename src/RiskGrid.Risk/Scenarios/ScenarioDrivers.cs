using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>Which factors of a history drive a portfolio.</summary>
public static class ScenarioDrivers
{
    /// <summary>The volatility index that drives every volatility, in volatility points.</summary>
    public static FactorName VolatilityIndex { get; } = FactorName.Parse("IDX.VIX");

    /// <summary>The drivers of the sheets, as far as <paramref name="panel"/> has them: underlyings, the volatility index, the zero rates
    /// of each curve's currency (<c>ZC.USD.*</c> drives the curves <c>USD</c> and <c>USD-SPX</c>), and the FX rates between the
    /// currencies of the trades and the reporting currency. What the panel lacks is no driver: a revaluation names its trades as missing.</summary>
    /// <returns>In ordinal order.</returns>
    public static IReadOnlyList<FactorName> Of(IEnumerable<SheetBinding> sheets, HistoryPanel panel)
    {
        var drivers = new SortedSet<FactorName>();
        var history = new FactorDirectory(panel.Factors);
        foreach (var sheet in sheets)
        {
            var slices = sheet.Sheet.Europeans.Slices;
            for (var k = 0; k < slices.Length; k++)
            {
                drivers.Add(slices[k].Underlying);
                foreach (var leg in FxRoute.Find(history, slices[k].Currency, sheet.Options.Reporting).Legs)
                    drivers.Add(leg.Factor);
                if (history.Curve(ZeroPillar.CurrencyOf(slices[k].ZeroCurve)) is { } curve)
                    drivers.UnionWith(curve.Factors);
            }
        }

        if (drivers.Count > 0)
            drivers.Add(VolatilityIndex);
        return [.. drivers.Where(panel.Has)];
    }
}
