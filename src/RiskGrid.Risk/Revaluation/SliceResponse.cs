using RiskGrid.Kernels;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Risk;

/// <summary>How one slice answers to a scenario: forward, discount and volatility multiplier as functions of the drivers' moves.</summary>
/// <remarks>
/// With r the log return of the underlying, T the time to expiry, z and q zero rate and dividend yield, x the log return of the FX rate:
/// forward' = S·exp(r + (z + Δz − q)·T), discount' = X·exp(x − (z + Δz)·T),
/// m = exp(b·ΔlnVIX − κ·r) with b = min(1, √(30 days / T)). All moves zero give the base numbers to the bit.
/// </remarks>
internal sealed class SliceResponse
{
    // The horizon of the volatility index: longer volatilities follow it with the root of the ratio of times.
    private const double IndexHorizon = 30.0 / 365.0;

    private readonly SliceMarket _market;
    private readonly double _skew;
    private readonly double _volatilityBeta;
    private readonly double[] _underlying;
    private readonly double[] _volatilityIndex;
    private readonly CurveMove _zero;
    private readonly (double[] Moves, double Sign)[] _fx;

    private SliceResponse(
        SliceMarket market, double skew, double[] underlying, double[] volatilityIndex, CurveMove zero, (double[] Moves, double Sign)[] fx)
    {
        _market = market;
        _skew = skew;
        _volatilityBeta = market.Time <= IndexHorizon ? 1 : Math.Sqrt(IndexHorizon / market.Time);
        _underlying = underlying;
        _volatilityIndex = volatilityIndex;
        _zero = zero;
        _fx = fx;
    }

    /// <summary>Ties a slice to the drivers of a set; null with the reason when the set does not move all that the slice depends on.</summary>
    public static SliceResponse? Create(SheetMarket market, int slice, ScenarioSet scenarios, out string? reason)
    {
        var drivers = scenarios.Directory;
        var terms = market.Sheet.Europeans.Slices[slice];
        var point = market.Slices[slice];
        var currency = ZeroPillar.CurrencyOf(terms.ZeroCurve);
        var pillars = drivers.Curve(currency);
        var route = FxRoute.Find(drivers, terms.Currency, market.Binding.Options.Reporting);
        reason = point.Failure ?? market.Missing(terms.SkewFactor);
        if (reason is null && !scenarios.Covers(terms.Underlying))
            reason = $"{terms.Underlying} is not a driver of the scenario set";
        if (reason is null && !scenarios.Covers(ScenarioDrivers.VolatilityIndex))
            reason = $"{ScenarioDrivers.VolatilityIndex} is not a driver of the scenario set";
        if (reason is null && pillars is null)
            reason = $"no zero rate ZC.{currency} is a driver of the scenario set";
        reason ??= pillars?.Failure;
        if (reason is null && route.Failure is not null)
            reason = $"no FX rate between {terms.Currency} and {market.Binding.Options.Reporting} is a driver of the scenario set";
        if (reason is not null)
            return null;

        var fx = new (double[] Moves, double Sign)[route.Legs.Length];
        for (var leg = 0; leg < fx.Length; leg++)
            fx[leg] = (scenarios.Column(route.Legs[leg].Factor), route.Legs[leg].Inverse ? -1.0 : 1.0);
        return new SliceResponse(
            point,
            market.Quotes[terms.SkewFactor].Value,
            scenarios.Column(terms.Underlying),
            scenarios.Column(ScenarioDrivers.VolatilityIndex),
            CurveMove.At(pillars!, scenarios, point.Time),
            fx);
    }

    /// <summary>The unmoved slice: forward, discount factor times the FX rate, and a multiplier of one. The same elementwise
    /// exponential as in <see cref="Fill"/>, so zero moves give these bits.</summary>
    public (double Forward, double Discount, double Multiplier) Base() => (
        Elementary.Exp(ForwardExponent(0, 0)) * _market.Spot,
        Elementary.Exp(DiscountExponent(0, 0)) * _market.FxRate,
        Elementary.Exp(0));

    /// <summary>The slice in the scenarios from <paramref name="first"/> on, one per element of the spans.</summary>
    /// <param name="first">The first scenario.</param>
    /// <param name="scratch">Room for the exponents.</param>
    /// <param name="forward">Takes the forwards.</param>
    /// <param name="discount">Takes the discount factors times the FX rate.</param>
    /// <param name="multiplier">Takes the volatility multipliers.</param>
    public void Fill(int first, Span<double> scratch, Span<double> forward, Span<double> discount, Span<double> multiplier)
    {
        for (var i = 0; i < scratch.Length; i++)
            scratch[i] = ForwardExponent(_underlying[first + i], _zero.In(first + i));
        Exponentiate(scratch, _market.Spot, forward);
        for (var i = 0; i < scratch.Length; i++)
            scratch[i] = DiscountExponent(FxMove(first + i), _zero.In(first + i));
        Exponentiate(scratch, _market.FxRate, discount);
        for (var i = 0; i < scratch.Length; i++)
            scratch[i] = (_volatilityBeta * _volatilityIndex[first + i]) - (_skew * _underlying[first + i]);
        Elementary.Exp(scratch, multiplier);
    }

    private static void Exponentiate(ReadOnlySpan<double> exponents, double level, Span<double> result)
    {
        Elementary.Exp(exponents, result);
        for (var i = 0; i < result.Length; i++)
            result[i] *= level;
    }

    private double ForwardExponent(double move, double zeroMove) =>
        move + ((_market.ZeroRate + zeroMove - _market.DividendYield) * _market.Time);

    private double DiscountExponent(double fxMove, double zeroMove) => fxMove - ((_market.ZeroRate + zeroMove) * _market.Time);

    private double FxMove(int scenario)
    {
        var move = 0.0;
        foreach (var (moves, sign) in _fx)
            move += sign * moves[scenario];
        return move;
    }
}
