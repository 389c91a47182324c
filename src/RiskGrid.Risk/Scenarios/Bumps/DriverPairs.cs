using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>Which drivers act on one and the same option, so that the P&amp;L can have a second derivative by both.</summary>
internal static class DriverPairs
{
    /// <summary>The pairs of all sheets' slices: underlying, volatility index, FX rates and zero rates with each other. Of a curve's pillars only
    /// neighbours meet: between them a rate moves linearly.</summary>
    public static IEnumerable<(FactorName First, FactorName Second)> Of(IEnumerable<SheetBinding> sheets, IReadOnlyCollection<FactorName> drivers)
    {
        var directory = new FactorDirectory(drivers);
        var known = drivers.ToHashSet();
        var pairs = new SortedSet<(FactorName First, FactorName Second)>(Comparer<(FactorName First, FactorName Second)>.Create(
            (a, b) => a.First.CompareTo(b.First) is var order and not 0 ? order : a.Second.CompareTo(b.Second)));
        foreach (var sheet in sheets)
        {
            foreach (var slice in sheet.Sheet.Europeans.Slices)
            {
                var singles = new List<FactorName> { slice.Underlying, ScenarioDrivers.VolatilityIndex };
                foreach (var leg in FxRoute.Find(directory, slice.Currency, sheet.Options.Reporting).Legs)
                    singles.Add(leg.Factor);
                singles.RemoveAll(f => !known.Contains(f));
                var pillars = directory.Curve(ZeroPillar.CurrencyOf(slice.ZeroCurve))?.Factors ?? [];
                for (var i = 0; i < singles.Count; i++)
                {
                    for (var j = i + 1; j < singles.Count; j++)
                        pairs.Add((singles[i], singles[j]));
                    foreach (var pillar in pillars)
                        pairs.Add((singles[i], pillar));
                }

                for (var p = 1; p < pillars.Length; p++)
                    pairs.Add((pillars[p - 1], pillars[p]));
            }
        }

        return pairs;
    }
}
