using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Risk;

namespace RiskGrid.Demo;

/// <summary>The demonstration's second desk: a made-up portfolio of European stock options on a market of its own, frozen at the last day
/// of the history.</summary>
/// <remarks>
/// <para>One book for each <c>EQ.*</c> factor of the panel. Each book holds every contract of one grid, a call and a put for each of
/// <see cref="Moneyness"/> (strike as a share of the last close, rounded to a cent) and <see cref="Expiries"/> (third Fridays, the Thursday
/// before where that is a holiday, 16:00 New York).</para>
/// <para>Market: spot is the last close; one flat volatility per stock, the annualised sample deviation of its last 252 daily log
/// returns; no dividends, so the dividend yield is zero; smile slope zero; the zero curve is the panel's last <c>ZC.USD.*</c> row; half-spread
/// is two basis points of the close and at least one cent. Every quote is as of 16:00 New York on the panel's last day.</para>
/// <para>Sizes: the sign of each trade is a coin toss, the size a draw between half and one and a half times
/// <see cref="NotionalPerTrade"/> of underlying, in whole contracts. The draws come from one <see cref="SeededRandom"/> per stock, seeded by
/// <see cref="Seed"/> and the ticker, so a stock's book does not change when others come or go.</para>
/// </remarks>
public sealed class SingleStockPortfolio
{
    /// <summary>The seed of all draws.</summary>
    public const ulong Seed = 20221214;

    /// <summary>Underlying value of an average trade, US dollars. Sets the size of the whole desk: the desk's <c>var_99_1d</c> is meant
    /// to be 10 to 25 % of the index desk's (17 % with the shipped data: an index desk that is long everybody's open interest is large).</summary>
    public const double NotionalPerTrade = 5e9;

    /// <summary>Name of the desk below the firm; its node id as well.</summary>
    public const string DeskName = "SINGLE-STOCK";

    private const double Multiplier = 100;
    private const int VolatilityDays = 252;
    private const double HalfSpreadShare = 2e-4;
    private const double LeastHalfSpread = 0.01;
    private const string ZeroCurve = "USD";

    private static readonly DateTimeZone NewYork = DateTimeZoneProviders.Tzdb["America/New_York"];

    private SingleStockPortfolio(
        ImmutableArray<HierarchyNode> nodes,
        ImmutableArray<KeyValuePair<TradeId, TradeTerms>> trades,
        ImmutableArray<KeyValuePair<FactorName, Quote>> quotes,
        Instant asOf)
    {
        Nodes = nodes;
        Trades = trades;
        Quotes = quotes;
        AsOf = asOf;
    }

    /// <summary>Strikes as shares of the last close.</summary>
    public static ImmutableArray<double> Moneyness { get; } = [0.70, 0.80, 0.85, 0.90, 0.95, 1.00, 1.05, 1.10, 1.15, 1.20, 1.30, 1.40];

    /// <summary>Expiry dates; all options expire at 16:00 New York.</summary>
    public static ImmutableArray<LocalDate> Expiries { get; } =
    [
        new(2026, 2, 20),
        new(2026, 3, 20),
        new(2026, 4, 17),
        new(2026, 6, 18), // Juneteenth falls on the third Friday
        new(2026, 9, 18),
        new(2026, 12, 18),
    ];

    /// <summary>The desk, then its books in name order.</summary>
    public ImmutableArray<HierarchyNode> Nodes { get; }

    /// <summary>The trades, book by book.</summary>
    public ImmutableArray<KeyValuePair<TradeId, TradeTerms>> Trades { get; }

    /// <summary>Everything the trades are priced from, as of <see cref="AsOf"/>.</summary>
    public ImmutableArray<KeyValuePair<FactorName, Quote>> Quotes { get; }

    /// <summary>16:00 New York on the panel's last day.</summary>
    public Instant AsOf { get; }

    /// <summary>Makes the portfolio.</summary>
    /// <param name="panel">The history; its last row is the market.</param>
    /// <param name="firm">The node that the desk hangs below.</param>
    /// <exception cref="ValidationException">The panel's last day lacks a close or a zero rate, or a stock has no 252 valid returns.</exception>
    public static SingleStockPortfolio Create(HistoryPanel panel, NodeId firm)
    {
        var desk = NodeId.Parse(DeskName);
        var asOf = panel.Dates[^1].At(new LocalTime(16, 0)).InZoneStrictly(NewYork).ToInstant();
        var nodes = ImmutableArray.CreateBuilder<HierarchyNode>();
        var trades = ImmutableArray.CreateBuilder<KeyValuePair<TradeId, TradeTerms>>();
        var quotes = ImmutableArray.CreateBuilder<KeyValuePair<FactorName, Quote>>();
        nodes.Add(new HierarchyNode(desk, NodeKind.Desk, DeskName, firm));
        void Quote(FactorName factor, double value) => quotes.Add(KeyValuePair.Create(factor, new Quote(value, asOf, QuoteStatus.Ok)));

        foreach (var pillar in panel.Factors.Where(f => f.Value.StartsWith($"ZC.{ZeroCurve}.", StringComparison.Ordinal)).Order())
            Quote(pillar, Level(panel, panel.Dates.Length - 1, pillar));
        foreach (var stock in panel.Factors.Where(f => f.Class == FactorClass.Equity).Order())
        {
            var ticker = stock.Value["EQ.".Length..];
            var book = new HierarchyNode(NodeId.Parse($"EQ-{ticker}"), NodeKind.Book, ticker, desk);
            var close = Level(panel, panel.Dates.Length - 1, stock);
            nodes.Add(book);
            Quote(stock, close);
            AddBook(stock, ticker, book.Id, close, RealisedVolatility.Of(panel, stock, VolatilityDays), trades, Quote);
        }

        return new SingleStockPortfolio(nodes.ToImmutable(), trades.ToImmutable(), quotes.ToImmutable(), asOf);
    }

    private static void AddBook(
        FactorName stock,
        string ticker,
        NodeId book,
        double close,
        double volatility,
        ImmutableArray<KeyValuePair<TradeId, TradeTerms>>.Builder trades,
        Action<FactorName, double> quote)
    {
        var random = new SeededRandom(Seed ^ Fnv1A(ticker));
        foreach (var expiry in Expiries)
        {
            foreach (var share in Moneyness)
            {
                foreach (var type in new[] { OptionType.Call, OptionType.Put })
                {
                    var strike = Math.Round(close * share, 2, MidpointRounding.AwayFromZero);
                    var option = new EuropeanOption(
                        ticker, stock, ZeroCurve, type, strike, expiry.At(new LocalTime(16, 0)), Currency.Usd, Multiplier);
                    if (type == OptionType.Call && share == Moneyness[0])
                    {
                        quote(option.DividendYieldFactor, 0);
                        quote(option.SkewFactor, 0);
                    }

                    quote(option.VolatilityFactor, volatility);
                    quote(option.HalfSpreadFactor, Math.Max(LeastHalfSpread, HalfSpreadShare * close));
                    var sign = random.NextUnit() < 0.5 ? -1 : 1;
                    var contracts = Math.Max(1, Math.Round((0.5 + random.NextUnit()) * NotionalPerTrade / (Multiplier * close)));
                    var id = TradeId.Parse($"{ticker}-{expiry:uuuuMMdd}-{100 * share:000}{(type == OptionType.Call ? 'C' : 'P')}");
                    trades.Add(KeyValuePair.Create(id, new TradeTerms(option, sign * contracts, book, string.Empty)));
                }
            }
        }
    }

    private static double Level(HistoryPanel panel, int row, FactorName factor)
    {
        var level = panel.Value(row, factor);
        return double.IsNaN(level)
            ? throw new ValidationException(factor.Value, $"{panel.SourceName} is blank on {panel.Dates[row]:uuuu-MM-dd}, the day the demonstration is frozen at")
            : level;
    }

    // FNV-1a, 64 bits: spreads the tickers over the seeds. G. Fowler, L. C. Noll, K.-P. Vo.
    private static ulong Fnv1A(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var c in text)
            hash = (hash ^ c) * 0x100000001b3UL;
        return hash;
    }
}
