using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>A sheet bound to the shape of a market: the complete list of factors it reads, the sheet's own first, then the zero-curve
/// pillars and FX rates that the market quotes.</summary>
/// <remarks>A binding outlives any number of ticks: it is made again only when the sheet or the <see cref="FactorDirectory"/> changes.
/// Immutable, thread-safe.</remarks>
public sealed class SheetBinding
{
    private readonly SliceBinding[] _slices;

    /// <summary>Binds a sheet.</summary>
    public SheetBinding(Sheet sheet, FactorDirectory directory, PricingOptions options)
    {
        Sheet = sheet;
        Options = options;
        var slices = sheet.Europeans.Slices;
        var extra = new SortedSet<FactorName>();
        var curves = new Dictionary<string, CurvePillars>(StringComparer.Ordinal);
        var routes = new Dictionary<Currency, FxRoute>();
        foreach (var slice in slices)
        {
            if (!curves.ContainsKey(slice.ZeroCurve))
            {
                var pillars = directory.Curve(slice.ZeroCurve) ?? new CurvePillars([], [], $"no quote for ZC.{slice.ZeroCurve}: the curve has no pillars");
                curves.Add(slice.ZeroCurve, pillars);
                extra.UnionWith(pillars.Factors);
            }

            if (!routes.ContainsKey(slice.Currency))
            {
                var route = FxRoute.Find(directory, slice.Currency, options.Reporting);
                routes.Add(slice.Currency, route);
                foreach (var leg in route.Legs)
                    extra.Add(leg.Factor);
            }
        }

        // An FX option's underlying is an FX rate: it may already stand in the sheet's own list.
        extra.ExceptWith(sheet.Factors);
        Factors = sheet.Factors.AddRange(extra);
        var positions = new Dictionary<FactorName, int>(Factors.Length);
        for (var i = 0; i < Factors.Length; i++)
            positions.Add(Factors[i], i);

        _slices = new SliceBinding[slices.Length];
        for (var k = 0; k < slices.Length; k++)
        {
            var pillars = curves[slices[k].ZeroCurve];
            var route = routes[slices[k].Currency];
            var fx = new int[route.Legs.Length];
            for (var leg = 0; leg < fx.Length; leg++)
                fx[leg] = positions[route.Legs[leg].Factor];
            _slices[k] = new SliceBinding(pillars, [.. pillars.Factors.Select(f => positions[f])], route, fx);
        }
    }

    /// <summary>The sheet.</summary>
    public Sheet Sheet { get; }

    /// <summary>How the market is read.</summary>
    public PricingOptions Options { get; }

    /// <summary>Every factor the sheet depends on: <see cref="Sheet.Factors"/> at the same positions, then pillars and FX rates in
    /// ordinal order. The quotes of a <see cref="SheetMarket"/> are aligned with this list.</summary>
    public ImmutableArray<FactorName> Factors { get; }

    /// <summary>How a slice's currency converts into the reporting currency.</summary>
    /// <param name="slice">Position in <see cref="EuropeanSection.Slices"/>.</param>
    public FxRoute Route(int slice) => _slices[slice].Route;

    internal ReadOnlySpan<SliceBinding> Slices => _slices;
}

/// <summary>Where one slice's curve and FX rates stand in <see cref="SheetBinding.Factors"/>.</summary>
internal sealed record SliceBinding(CurvePillars Pillars, int[] PillarFactors, FxRoute Route, int[] FxFactors);
