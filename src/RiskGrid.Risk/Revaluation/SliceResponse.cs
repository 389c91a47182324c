using RiskGrid.Kernels;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>How one slice answers to a scenario: forward, discount and volatility multiplier as functions of the drivers' moves.</summary>
/// <remarks>
/// With r the log return of the underlying, T the time to expiry, z and q zero rate and dividend yield, x the log return of the FX rate:
/// forward' = S·exp(r + (z + Δz − q)·T), discount' = X·exp(x − (z + Δz)·T),
/// m = exp(b·ΔlnVIX − κ·r + Σv) with b = min(1, √(30 days / T)), κ = 0 under <see cref="ScenarioRules.StickyStrike"/>, and v the relative
/// shifts of volatilities. All moves zero give the base numbers to the bit.
/// </remarks>
internal sealed class SliceResponse
{
    // The horizon of the volatility index: longer volatilities follow it with the root of the ratio of times.
    private const double IndexHorizon = 30.0 / 365.0;

    private readonly SliceMarket _market;
    private readonly double _skew;
    private readonly double _volatilityBeta;
    private readonly int _underlying;
    private readonly int _volatilityIndex;
    private readonly CurveMove _zero;
    private readonly (int Row, double Sign)[] _fx;
    private readonly int[] _multipliers = [];
    private readonly int[] _additions = [];

    private SliceResponse(SliceMarket market, double skew, int underlying, int volatilityIndex, CurveMove zero, (int Row, double Sign)[] fx)
    {
        _market = market;
        _skew = skew;
        _volatilityBeta = market.Time <= IndexHorizon ? 1 : Math.Sqrt(IndexHorizon / market.Time);
        _underlying = underlying;
        _volatilityIndex = volatilityIndex;
        _zero = zero;
        _fx = fx;
    }

    private SliceResponse(SliceResponse of, int[] multipliers, int[] additions)
        : this(of._market, of._skew, of._underlying, of._volatilityIndex, of._zero, of._fx)
    {
        _multipliers = multipliers;
        _additions = additions;
    }

    /// <summary>True when volatilities move by an addition too: <see cref="FillAdditions"/>.</summary>
    public bool Adds => _additions.Length > 0;

    /// <summary>Ties a slice to the drivers of a set; null with the reason when the set does not move all that the slice depends on.</summary>
    public static SliceResponse? Create(SheetMarket market, int slice, ScenarioLayout layout, out string? reason)
    {
        var terms = market.Sheet.Europeans.Slices[slice];
        var point = market.Slices[slice];
        var smileMoves = layout.Rules == ScenarioRules.VixConstantMoneyness;
        reason = point.Failure ?? (smileMoves ? market.Missing(terms.SkewFactor) : null);
        var underlying = layout.RowOf(terms.Underlying);
        if (reason is null && underlying is null)
            reason = $"{terms.Underlying} is not a driver of the scenario set";
        var volatilityIndex = layout.RowOf(ScenarioDrivers.VolatilityIndex);
        if (reason is null && volatilityIndex is null)
            reason = $"{ScenarioDrivers.VolatilityIndex} is not a driver of the scenario set";
        var zero = reason is null ? Zero(terms.ZeroCurve, point.Time, layout, out reason) : null;
        var fx = reason is null ? Fx(market, slice, layout, out reason) : null;
        return reason is null
            ? new SliceResponse(point, smileMoves ? market.Quotes[terms.SkewFactor].Value : 0, underlying!.Value, volatilityIndex!.Value, zero!, fx!)
            : null;
    }

    /// <summary>The same slice for contracts whose volatilities are shifted too.</summary>
    /// <param name="layout">The rows.</param>
    /// <param name="shifts">Positions in <see cref="ScenarioLayout.VolatilityShifts"/>, increasing.</param>
    public SliceResponse With(ScenarioLayout layout, IReadOnlyCollection<int> shifts)
    {
        int[] Rows(VolatilityShiftKind kind) => [.. shifts.Where(s => layout.VolatilityShifts[s].Kind == kind).Select(layout.ShiftRow)];
        return new SliceResponse(this, Rows(VolatilityShiftKind.LogMultiplier), Rows(VolatilityShiftKind.Absolute));
    }

    /// <summary>The unmoved slice: forward, discount factor times the FX rate, and a multiplier of one. The same elementwise
    /// exponential as in <see cref="Fill"/>, so zero moves give these bits.</summary>
    public (double Forward, double Discount, double Multiplier) Base() => (
        Elementary.Exp(ForwardExponent(0, 0)) * _market.Spot,
        Elementary.Exp(DiscountExponent(0, 0)) * _market.FxRate,
        Elementary.Exp(0));

    /// <summary>The slice in the scenarios of a block from <paramref name="start"/> on, one per element of the spans.</summary>
    /// <param name="block">The scenarios.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="zero">Room for the moves of the zero rate.</param>
    /// <param name="exponents">Room for the exponents.</param>
    /// <param name="forward">Takes the forwards.</param>
    /// <param name="discount">Takes the discount factors times the FX rate.</param>
    /// <param name="multiplier">Takes the volatility multipliers.</param>
    public void Fill(
        ScenarioBlock block, int start, Span<double> zero, Span<double> exponents, Span<double> forward, Span<double> discount, Span<double> multiplier)
    {
        var count = exponents.Length;
        var underlying = block.Row(_underlying, start, count);
        var index = block.Row(_volatilityIndex, start, count);
        _zero.Fill(block, start, zero);
        for (var i = 0; i < count; i++)
            exponents[i] = ForwardExponent(underlying[i], zero[i]);
        Exponentiate(exponents, _market.Spot, forward);

        Sum(block, start, exponents);
        for (var i = 0; i < count; i++)
            exponents[i] = DiscountExponent(exponents[i], zero[i]);
        Exponentiate(exponents, _market.FxRate, discount);

        for (var i = 0; i < count; i++)
            exponents[i] = (_volatilityBeta * index[i]) - (_skew * underlying[i]);
        foreach (var row in _multipliers)
            Add(block.Row(row, start, count), 1, exponents);
        Elementary.Exp(exponents, multiplier);
    }

    /// <summary>What is added to the volatilities after the multiplier, at or above −σ·m or floored there.</summary>
    public void FillAdditions(ScenarioBlock block, int start, Span<double> additions)
    {
        additions.Clear();
        foreach (var row in _additions)
            Add(block.Row(row, start, additions.Length), 1, additions);
    }

    private static CurveMove? Zero(string curve, double time, ScenarioLayout layout, out string? reason)
    {
        var currency = ZeroPillar.CurrencyOf(curve);
        var own = layout.OthersStandStill ? layout.Directory.Curve(curve) : null;
        var pillars = own ?? layout.Directory.Curve(currency);
        reason = pillars is null && !layout.OthersStandStill ? $"no zero rate ZC.{currency} is a driver of the scenario set" : pillars?.Failure;
        if (reason is not null)
            return null;
        if (pillars is null)
            return CurveMove.Still(layout.StillRow);
        return own is null ? CurveMove.Linear(pillars, layout, time) : CurveMove.OfCurve(own, layout, time);
    }

    private static (int Row, double Sign)[]? Fx(SheetMarket market, int slice, ScenarioLayout layout, out string? reason)
    {
        var currency = market.Sheet.Europeans.Slices[slice].Currency;
        var reporting = market.Binding.Options.Reporting;

        // A set in which others stand still moves the very rates that the sheet converts with.
        var route = layout.OthersStandStill ? market.Binding.Route(slice) : FxRoute.Find(layout.Directory, currency, reporting);
        reason = route.Failure is null ? null : $"no FX rate between {currency} and {reporting} is a driver of the scenario set";
        if (reason is not null)
            return null;
        var legs = new (int Row, double Sign)[route.Legs.Length];
        for (var leg = 0; leg < legs.Length; leg++)
            legs[leg] = (layout.RowOf(route.Legs[leg].Factor)!.Value, route.Legs[leg].Inverse ? -1.0 : 1.0);
        return legs;
    }

    private static void Add(ReadOnlySpan<double> moves, double sign, Span<double> sums)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += sign * moves[i];
    }

    private static void Exponentiate(ReadOnlySpan<double> exponents, double level, Span<double> result)
    {
        Elementary.Exp(exponents, result);
        for (var i = 0; i < result.Length; i++)
            result[i] *= level;
    }

    private void Sum(ScenarioBlock block, int start, Span<double> fxMoves)
    {
        fxMoves.Clear();
        foreach (var (row, sign) in _fx)
            Add(block.Row(row, start, fxMoves.Length), sign, fxMoves);
    }

    private double ForwardExponent(double move, double zeroMove) =>
        move + ((_market.ZeroRate + zeroMove - _market.DividendYield) * _market.Time);

    private double DiscountExponent(double fxMove, double zeroMove) => fxMove - ((_market.ZeroRate + zeroMove) * _market.Time);
}
