using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

/// <summary>A small made-up market that tests bend to their needs: a mutable set of quotes and the trades that fit it.</summary>
internal sealed class SampleMarket
{
    public static readonly NodeId Book = NodeId.Parse("BOOK");
    public static readonly PricingOptions Options = new(Currency.Usd, Duration.FromDays(7));
    public static readonly DateTimeZone NewYork = DateTimeZoneProviders.Tzdb["America/New_York"];

    // Noon in New York, standard time.
    public static readonly LocalDateTime Now = new(2026, 1, 30, 12, 0);

    public static readonly Instant Valuation = Now.InZoneStrictly(NewYork).ToInstant();

    public SortedDictionary<FactorName, Quote> Quotes { get; } = [];

    public SampleMarket Set(string factor, double value, Instant? asOf = null, string status = QuoteStatus.Ok)
    {
        Quotes[FactorName.Parse(factor)] = new Quote(value, asOf ?? Valuation, status);
        return this;
    }

    public SampleMarket Bump(string factor, double by)
    {
        var name = FactorName.Parse(factor);
        Quotes[name] = Quotes[name] with { Value = Quotes[name].Value + by };
        return this;
    }

    public SampleMarket BumpCurve(string curve, double by)
    {
        foreach (var name in Quotes.Keys.Where(k => k.Value.StartsWith($"ZC.{curve}.", StringComparison.Ordinal)).ToList())
            Bump(name.Value, by);
        return this;
    }

    public SampleMarket Copy()
    {
        var copy = new SampleMarket();
        foreach (var (name, quote) in Quotes)
            copy.Quotes.Add(name, quote);
        return copy;
    }

    public MarketSnapshot Snapshot(Instant? valuation = null) => new(valuation ?? Valuation, Quotes);

    public SheetMarket For(Sheet sheet, PricingOptions? options = null) => SheetMarket.From(sheet, Snapshot(), options ?? Options);

    /// <summary>Quotes everything one option needs that is not quoted yet.</summary>
    public SampleMarket QuoteContract(EuropeanOption option, double volatility, double dividendYield = 0, double halfSpread = 0.1, double skew = 0)
    {
        Set(option.VolatilityFactor.Value, volatility);
        Set(option.HalfSpreadFactor.Value, halfSpread);
        Set(option.DividendYieldFactor.Value, dividendYield);
        return Set(option.SkewFactor.Value, skew);
    }

    public static EuropeanOption Option(
        OptionType type, double strike, double years, string root = "SPXW", string underlying = "IDX.SP500", string curve = "USD",
        string currency = "USD", double multiplier = 1) => new(
            root,
            FactorName.Parse(underlying),
            curve,
            type,
            strike,
            Now.PlusNanoseconds((long)Math.Round(years * 365 * NodaConstants.NanosecondsPerDay)),
            Currency.Parse(currency),
            multiplier);

    public static Trade Trade(string id, EuropeanOption option, double quantity = 1) =>
        new(TradeId.Parse(id), 1, new TradeTerms(option, quantity, Book, string.Empty), TradeLifecycle.Live);

    /// <summary>A seeded portfolio over three underlyings and three currencies, with every quote it needs.</summary>
    public static (SampleMarket Market, List<Trade> Trades) Portfolio(int count, int seed)
    {
        var random = new Random(seed);
        var market = new SampleMarket()
            .Set("IDX.SP500", 6900).Set("EQ.SAP", 180).Set("EQ.HSBA", 9)
            .Set("ZC.USD.3M", 0.037).Set("ZC.USD.1Y", 0.035).Set("ZC.USD.5Y", 0.036)
            .Set("ZC.EUR.1Y", 0.02).Set("ZC.EUR.10Y", -0.001)
            .Set("ZC.GBP.1Y", 0.041)
            .Set("FX.EURUSD", 1.08).Set("FX.EURGBP", 0.86);
        (string Root, string Underlying, string Currency, double Spot)[] classes =
            [("SPXW", "IDX.SP500", "USD", 6900), ("SAP", "EQ.SAP", "EUR", 180), ("HSBA", "EQ.HSBA", "GBP", 9)];
        var trades = new List<Trade>(count);
        for (var i = 0; i < count; i++)
        {
            var (root, underlying, currency, spot) = classes[random.Next(classes.Length)];
            var strike = Math.Round(spot * (0.7 + (0.6 * random.NextDouble())), 2);
            var years = 0.05 + (0.25 * random.Next(1, 8));
            var option = Option(
                random.Next(2) == 0 ? OptionType.Call : OptionType.Put, strike, years, root, underlying, currency, currency, multiplier: 100);
            market.QuoteContract(option, 0.1 + (0.4 * random.NextDouble()), 0.03 * random.NextDouble(), 0.05, -0.5);
            trades.Add(Trade($"T{i:D5}", option, random.Next(-50, 50)));
        }

        return (market, trades);
    }
}
