using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;
using RiskGrid.Pricing.Curves;

namespace RiskGrid.Pricing;

/// <summary>What one slice is priced from.</summary>
/// <param name="Spot">Level of the underlying, price points.</param>
/// <param name="Time">Years to expiry.</param>
/// <param name="ZeroRate">Continuously compounded Act/365 zero rate at expiry.</param>
/// <param name="DividendYield">Continuous dividend yield to expiry.</param>
/// <param name="FxRate">Units of the reporting currency for one of the slice's currency.</param>
/// <param name="Oldest">As-of time of the oldest deciding quote of the slice.</param>
/// <param name="Newest">As-of time of the newest deciding quote of the slice.</param>
/// <param name="Failure">Why no trade of the slice can be priced; null when they can. The numbers are zero then.</param>
public readonly record struct SliceMarket(
    double Spot, double Time, double ZeroRate, double DividendYield, double FxRate, Instant Oldest, Instant Newest, string? Failure);

/// <summary>The market of one sheet at one point: the quotes of a binding's factors, and per slice what they come to.</summary>
/// <remarks>
/// <para>Which quotes decide how old a price is: the underlying, every pillar of the zero curve, the FX rates of the conversion, and the
/// contract's own volatility. Dividend yields, smile slopes and half-spreads are frozen by construction (they describe the structure
/// that the deciding quotes move in, and no scenario moves them), so their age says nothing about the price.</para>
/// <para>Immutable, thread-safe.</para>
/// </remarks>
public sealed class SheetMarket
{
    private readonly Quote[] _quotes;
    private readonly SliceMarket[] _slices;

    /// <summary>Takes the market at one point.</summary>
    /// <param name="binding">The sheet and the factors it reads.</param>
    /// <param name="valuation">The instant at which everything is valued.</param>
    /// <param name="quotes">Aligned with <see cref="SheetBinding.Factors"/>; one that does not exist is missing.</param>
    /// <exception cref="ArgumentException">The quotes are not one per factor.</exception>
    public SheetMarket(SheetBinding binding, Instant valuation, ReadOnlySpan<Quote> quotes)
    {
        if (quotes.Length != binding.Factors.Length)
            throw new ArgumentException($"{binding.Factors.Length} quotes are needed, one per factor of the binding; {quotes.Length} were given", nameof(quotes));
        Binding = binding;
        Valuation = valuation;
        _quotes = quotes.ToArray();
        _slices = new SliceMarket[binding.Slices.Length];
        var curves = new Dictionary<CurvePillars, (ZeroCurve? Curve, string? Failure)>(ReferenceEqualityComparer.Instance);
        for (var k = 0; k < _slices.Length; k++)
            _slices[k] = Resolve(binding.Sheet.Europeans.Slices[k], binding.Slices[k], curves);
    }

    /// <summary>The sheet and the factors it reads.</summary>
    public SheetBinding Binding { get; }

    /// <summary>The sheet.</summary>
    public Sheet Sheet => Binding.Sheet;

    /// <summary>The instant at which everything is valued.</summary>
    public Instant Valuation { get; }

    /// <summary>The quotes, aligned with <see cref="SheetBinding.Factors"/>.</summary>
    public ReadOnlySpan<Quote> Quotes => _quotes;

    /// <summary>Per slice of <see cref="EuropeanSection.Slices"/>.</summary>
    public ReadOnlySpan<SliceMarket> Slices => _slices;

    /// <summary>Reads a sheet's market from a snapshot.</summary>
    public static SheetMarket From(Sheet sheet, MarketSnapshot snapshot, PricingOptions options) =>
        From(new SheetBinding(sheet, new FactorDirectory(snapshot.Quotes.Keys), options), snapshot);

    /// <summary>Reads a bound sheet's market from a snapshot.</summary>
    public static SheetMarket From(SheetBinding binding, MarketSnapshot snapshot)
    {
        var quotes = new Quote[binding.Factors.Length];
        for (var i = 0; i < quotes.Length; i++)
            quotes[i] = snapshot.Quotes.GetValueOrDefault(binding.Factors[i]);
        return new SheetMarket(binding, snapshot.Valuation, quotes);
    }

    /// <summary>Why one option of <see cref="Sheet.Europeans"/> can't be priced here; null when it can.</summary>
    public string? Failure(int element)
    {
        var section = Sheet.Europeans;
        var volatility = section.VolatilityFactor[element];
        var halfSpread = section.HalfSpreadFactor[element];
        return _slices[section.Slice[element]].Failure ?? Missing(volatility) ?? Missing(halfSpread) ?? Negative(volatility) ?? Negative(halfSpread);
    }

    /// <summary>Why the quote of one factor of the binding is of no use: missing or not a finite number; null when it is sound.</summary>
    public string? Missing(int factor)
    {
        if (!_quotes[factor].Exists)
            return $"no quote for {Binding.Factors[factor]}";
        return double.IsFinite(_quotes[factor].Value) ? null : $"the quote of {Binding.Factors[factor]} is not a finite number";
    }

    /// <summary>True when <see cref="Failure"/> has nothing to say: the same conditions, without the words.</summary>
    internal bool CanPrice(int element)
    {
        var section = Sheet.Europeans;
        return _slices[section.Slice[element]].Failure is null
            && IsSound(_quotes[section.VolatilityFactor[element]])
            && IsSound(_quotes[section.HalfSpreadFactor[element]]);
    }

    private static bool IsSound(in Quote quote) => quote.Exists && double.IsFinite(quote.Value) && quote.Value >= 0;

    private string? Negative(int factor) =>
        _quotes[factor].Value < 0 ? $"the quote of {Binding.Factors[factor]} is negative" : null;

    private SliceMarket Resolve(
        EuropeanSlice slice, SliceBinding binding, Dictionary<CurvePillars, (ZeroCurve? Curve, string? Failure)> curves)
    {
        var time = EuropeanOption.YearsBetween(Valuation, slice.Expiry);
        if (time < 0)
        {
            var expiry = LocalDateTimePattern.GeneralIso.Format(slice.Expiry);
            return new SliceMarket { Failure = $"expired at {expiry} New York, before the valuation at {InstantPattern.General.Format(Valuation)}" };
        }

        var failure = Missing(slice.UnderlyingFactor) ?? Missing(slice.DividendFactor);
        if (failure is null && _quotes[slice.UnderlyingFactor].Value <= 0)
            failure = $"the quote of {slice.Underlying} is not above zero";
        if (!curves.TryGetValue(binding.Pillars, out var curve))
            curves.Add(binding.Pillars, curve = Curve(binding));
        failure ??= curve.Failure ?? binding.Route.Failure;
        foreach (var factor in binding.FxFactors)
        {
            failure ??= Missing(factor);
            if (failure is null && _quotes[factor].Value <= 0)
                failure = $"the quote of {Binding.Factors[factor]} is not above zero";
        }

        if (failure is not null)
            return new SliceMarket { Failure = failure };

        var oldest = _quotes[slice.UnderlyingFactor].AsOf;
        var newest = oldest;
        Widen(binding.PillarFactors, ref oldest, ref newest);
        Widen(binding.FxFactors, ref oldest, ref newest);
        return new SliceMarket(
            _quotes[slice.UnderlyingFactor].Value,
            time,
            curve.Curve!.Rate(time),
            _quotes[slice.DividendFactor].Value,
            Rate(binding),
            oldest,
            newest,
            Failure: null);
    }

    private (ZeroCurve? Curve, string? Failure) Curve(SliceBinding binding)
    {
        if (binding.Pillars.Failure is { } shape)
            return (null, shape);
        Span<double> rates = binding.PillarFactors.Length <= 64 ? stackalloc double[binding.PillarFactors.Length] : new double[binding.PillarFactors.Length];
        for (var i = 0; i < rates.Length; i++)
        {
            if (Missing(binding.PillarFactors[i]) is { } missing)
                return (null, missing);
            rates[i] = _quotes[binding.PillarFactors[i]].Value;
        }

        return (new ZeroCurve(binding.Pillars.Times.AsSpan(), rates), null);
    }

    private double Rate(SliceBinding binding)
    {
        var rate = 1.0;
        for (var leg = 0; leg < binding.FxFactors.Length; leg++)
        {
            var quote = _quotes[binding.FxFactors[leg]].Value;
            rate = binding.Route.Legs[leg].Inverse ? rate / quote : rate * quote;
        }

        return rate;
    }

    private void Widen(int[] factors, ref Instant oldest, ref Instant newest)
    {
        foreach (var factor in factors)
        {
            var asOf = _quotes[factor].AsOf;
            oldest = asOf < oldest ? asOf : oldest;
            newest = asOf > newest ? asOf : newest;
        }
    }
}
