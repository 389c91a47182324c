using System.Collections.Immutable;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Pricing;

/// <summary>Prices sheets and single trades with the batched kernels: measures at the contract's own fixed volatility, spot, zero curve
/// and dividend yield. Formulas and units: <c>docs/measures.md</c>. Pure functions, thread-safe.</summary>
public static class SheetPricer
{
    /// <summary>Prices all trades of a sheet in one batch. A trade that can't be priced is counted and named in the coverage and adds
    /// nothing; no number is ever NaN.</summary>
    public static SheetValuation Price(SheetMarket market)
    {
        var sheet = market.Sheet;
        var section = sheet.Europeans;
        using var batch = new EuropeanBatch(section.Count);
        var trades = new Measures[sheet.Count];
        var totals = new CurrencyTotals(section.Slices.Length);
        var coverage = new CoverageBuilder();
        var ages = new QuoteAges(market);
        Gather(market, batch);
        batch.Price();

        var position = 0;
        for (var element = 0; element < section.Count; element++)
        {
            var ordinal = section.Ordinal[element];
            if (position == batch.Count || batch.Element[position] != element)
            {
                coverage.Failed(sheet.Trades[ordinal], market.Failure(element)!);
                continue;
            }

            var at = position++;
            ref readonly var slice = ref market.Slices[section.Slice[element]];
            var currency = section.Slices[section.Slice[element]].Currency;
            var native = Native(market, element, slice, currency, batch.Greeks(at));
            var reporting = native.Scale(slice.FxRate);
            if (KernelFailure(batch.Status[at], native, reporting) is { } failure)
            {
                coverage.Failed(sheet.Trades[ordinal], failure);
                continue;
            }

            trades[ordinal] = reporting;
            totals.Add(currency, native, reporting);
            ages.Cover(section.Slice[element], market.Quotes[section.VolatilityFactor[element]], coverage);
        }

        return new SheetValuation(totals.Reporting, totals.Native(), trades, coverage.Build());
    }

    /// <summary>Prices one trade of a sheet: the same bits as in <see cref="Price"/>.</summary>
    /// <param name="market">The sheet's market.</param>
    /// <param name="index">Position in <see cref="Sheet.Trades"/>.</param>
    public static TradeQuote PriceTrade(SheetMarket market, int index)
    {
        var section = market.Sheet.Europeans;
        var trade = market.Sheet.Trades[index];
        var element = section.Ordinal.BinarySearch(index);
        if (market.Failure(element) is { } missing)
            return Refused(trade, missing);

        using var batch = new EuropeanBatch(1);
        ref readonly var slice = ref market.Slices[section.Slice[element]];
        var volatility = market.Quotes[section.VolatilityFactor[element]];
        batch.Add(element, section.Side[element], section.Strike[element], volatility.Value, slice);
        batch.Price();
        var greeks = batch.Greeks(0);
        var native = Native(market, element, slice, section.Slices[section.Slice[element]].Currency, greeks);
        var reporting = native.Scale(slice.FxRate);
        if (KernelFailure(batch.Status[0], native, reporting) is { } failure)
            return Refused(trade, failure);

        var inputs = new OptionInputs(
            slice.Spot,
            slice.Spot * Elementary.Exp((slice.ZeroRate - slice.DividendYield) * slice.Time),
            section.Strike[element],
            slice.Time,
            volatility.Value,
            slice.ZeroRate,
            slice.DividendYield,
            Elementary.Exp(-slice.ZeroRate * slice.Time),
            slice.FxRate);
        var oldest = QuoteAges.Oldest(slice, volatility.AsOf);
        var stale = QuoteAges.IsStale(market, oldest);
        return new TradeQuote(trade, Failure: null, inputs, greeks, reporting, native, volatility.Status, oldest, stale);
    }

    /// <summary>Prices one trade from a snapshot: the same bits as inside its book's sheet.</summary>
    public static TradeQuote PriceTrade(Trade trade, MarketSnapshot snapshot, PricingOptions options)
    {
        if (trade.Lifecycle != TradeLifecycle.Live)
            return Refused(trade.Id, "the trade is cancelled");
        return PriceTrade(SheetMarket.From(Sheet.Build(trade.Terms.Book, [trade]), snapshot, options), 0);
    }

    private static void Gather(SheetMarket market, EuropeanBatch batch)
    {
        var section = market.Sheet.Europeans;
        for (var element = 0; element < section.Count; element++)
        {
            if (market.CanPrice(element))
            {
                batch.Add(
                    element,
                    section.Side[element],
                    section.Strike[element],
                    market.Quotes[section.VolatilityFactor[element]].Value,
                    market.Slices[section.Slice[element]]);
            }
        }
    }

    private static Measures Native(
        SheetMarket market, int element, in SliceMarket slice, Currency currency, in EuropeanGreeks greeks)
    {
        var section = market.Sheet.Europeans;
        var units = section.Quantity[element] * section.Multiplier[element];
        var spot = slice.Spot;
        var mtm = units * greeks.Price;
        return new Measures(
            mtm,
            units * (spot * greeks.Delta),
            units * (0.01 * spot * spot * greeks.Gamma),
            units * (0.01 * greeks.Vega),
            units * (greeks.Theta / 365),
            units * (1e-4 * greeks.Rho),
            Math.Abs(units) * market.Quotes[section.HalfSpreadFactor[element]].Value,
            currency == market.Binding.Options.Reporting ? 0 : mtm);
    }

    private static string? KernelFailure(ElementStatus status, in Measures native, in Measures reporting)
    {
        if (status != ElementStatus.Ok)
            return $"the pricing kernel refused it: {status}";
        return native.IsFinite && reporting.IsFinite ? null : "a measure is beyond the range of double precision";
    }

    private static TradeQuote Refused(TradeId trade, string reason) =>
        new(trade, reason, default, default, default, default, QuoteStatus: null, default, Stale: false);
}
