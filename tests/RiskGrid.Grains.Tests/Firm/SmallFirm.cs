using System.Globalization;
using NodaTime;
using RiskGrid.Grains.Nodes;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Risk;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>A firm of two desks, a third below one of them, five books and 200 options in three currencies, with its market and sixty days of
/// history: all of it from <see cref="Seed"/>.</summary>
/// <remarks>The ids of siblings sort otherwise than their names, so that a sum in id order would show.</remarks>
internal static class SmallFirm
{
    public const int Seed = 20260130;
    public const string Near = "K1-NEAR";
    public const string Far = "K2-FAR";
    public const string Apple = "K9-APPLE";
    public const string Sap = "K5-SAP";
    public const string Petrol = "K4-BP";
    private const int OptionsPerBook = 40;

    private static readonly (string Book, string Root, string Underlying, double Spot, string Curve, string Currency, double Multiplier)[] Lines =
    [
        (Near, "SPXW", "IDX.SP500", 6939, "USD", "USD", 100),
        (Far, "SPX", "IDX.SP500", 6939, "USD", "USD", 100),
        (Apple, "AAPL", "EQ.AAPL", 259.5, "USD", "USD", 100),
        (Sap, "SAP", "EQ.SAP", 171.3, "EUR", "EUR", 10),
        (Petrol, "BP", "EQ.BP", 4.71, "GBP", "GBP", 1000),
    ];

    public static Instant Valuation { get; } = Instant.FromUtc(2026, 1, 30, 21, 15);

    public static PricingOptions Options { get; } = new(SiloServices.DefaultReporting, SiloServices.DefaultStaleAfter);

    public static IReadOnlyList<string> Books { get; } = [.. Lines.Select(l => l.Book)];

    /// <summary>What the books' options are on: every book depends on one of them.</summary>
    public static IReadOnlyList<(string Factor, double Spot)> Underlyings { get; } = [.. Lines.Select(l => (l.Underlying, l.Spot)).Distinct()];

    /// <summary>All nodes below the firm; parents first.</summary>
    public static IReadOnlyList<Wire.HierarchyNode> Nodes { get; } =
    [
        Desk("D-INDEX", "INDEX", HierarchyGrain.Firm.Value),
        Desk("A-STOCK", "STOCK", HierarchyGrain.Firm.Value),
        Desk("D-EURO", "EURO", "A-STOCK"),
        Book(Near, "NEAR", "D-INDEX"),
        Book(Far, "FAR", "D-INDEX"),
        Book(Apple, "APPLE", "A-STOCK"),
        Book(Sap, "SAP", "D-EURO"),
        Book(Petrol, "BP", "D-EURO"),
    ];

    /// <summary>The trades by id.</summary>
    public static IReadOnlyDictionary<string, TradeTerms> Trades { get; } = MakeTrades();

    /// <summary>The trades as they are once booked.</summary>
    public static IEnumerable<Trade> LiveTrades => Trades.Select(t => new Trade(TradeId.Parse(t.Key), 1, t.Value, TradeLifecycle.Live));

    /// <summary>One value per factor of the market.</summary>
    public static IReadOnlyDictionary<string, double> Market { get; } = MakeMarket();

    /// <summary>Sixty days of every driver.</summary>
    public static HistoryPanel Panel { get; } = MakePanel();

    public static ScenarioSet Scenarios { get; } = ScenarioSet.Historical(Panel, Panel.Factors);

    public static Wire.HierarchyNode Desk(string id, string name, string parent) => new() { Id = id, Kind = NodeKinds.Desk, Name = name, Parent = parent };

    public static Wire.HierarchyNode Book(string id, string name, string parent) => new() { Id = id, Kind = NodeKinds.Book, Name = name, Parent = parent };

    /// <summary>One booking command a trade.</summary>
    public static IEnumerable<Wire.TradeCommand> Bookings() => Trades.Select(t => Commands.Book("sample:" + t.Key, t.Key, t.Value));

    /// <summary>The whole market as quotes observed at <see cref="Valuation"/>.</summary>
    public static IEnumerable<Wire.Quote> Quotes() => Market.Select(q => Quote(q.Key, q.Value));

    public static Wire.Quote Quote(string factor, double value, Instant? asOf = null, string status = "") => new()
    {
        Factor = factor,
        Value = value,
        AsOf = (asOf ?? Valuation).ToTimestamp(),
        Status = status,
    };

    /// <summary>Terms of a new option of a book's line.</summary>
    public static TradeTerms Terms(string book, double strikeRatio, double quantity, int expiry = 0, OptionType type = OptionType.Call)
    {
        var line = Lines.Single(l => string.Equals(l.Book, book, StringComparison.Ordinal));
        return Terms(line, strikeRatio, quantity, expiry, type, book);
    }

    private static TradeTerms Terms(
        (string Book, string Root, string Underlying, double Spot, string Curve, string Currency, double Multiplier) line,
        double strikeRatio, double quantity, int expiry, OptionType type, string book)
    {
        var date = string.Equals(line.Book, Near, StringComparison.Ordinal)
            ? new LocalDate(2026, 2, 20).PlusDays(7 * expiry)
            : new LocalDate(2026, 6, 19).PlusMonths(6 * expiry);
        var strike = double.Parse((line.Spot * strikeRatio).ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var option = new EuropeanOption(
            line.Root, FactorName.Parse(line.Underlying), line.Curve, type, strike, date.At(new LocalTime(16, 0)), Currency.Parse(line.Currency), line.Multiplier);
        return new TradeTerms(option, quantity, NodeId.Parse(book), "CP-" + line.Root);
    }

    private static SortedDictionary<string, TradeTerms> MakeTrades()
    {
        var random = new Random(Seed);
        var trades = new SortedDictionary<string, TradeTerms>(StringComparer.Ordinal);
        foreach (var line in Lines)
        {
            for (var i = 0; i < OptionsPerBook; i++)
            {
                var ratio = 0.8 + (0.4 * (i / 4) / (OptionsPerBook / 4.0));
                var type = i % 2 == 0 ? OptionType.Call : OptionType.Put;
                var quantity = random.Next(-60, 100) / 2.0;

                // Ids in no order of books: moves then meet trades of other books in the middle of the sheet.
                trades.Add($"T{random.Next(1_000_000):D6}-{i:D2}", Terms(line, ratio, quantity, i / 2 % 2, type, line.Book));
            }
        }

        return trades;
    }

    private static SortedDictionary<string, double> MakeMarket()
    {
        var market = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["FX.EURUSD"] = 1.1871,
            ["FX.EURGBP"] = 0.8662,
            ["ZC.USD.3M"] = 0.0367,
            ["ZC.USD.2Y"] = 0.0351,
            ["ZC.EUR.1Y"] = 0.0204,
            ["ZC.EUR.10Y"] = 0.0279,
            ["ZC.GBP.1Y"] = 0.0368,
        };
        foreach (var line in Lines)
            market[line.Underlying] = line.Spot;
        foreach (var terms in MakeTrades().Values)
        {
            foreach (var (factor, value) in ContractQuotes((EuropeanOption)terms.Instrument, market))
                market[factor] = value;
        }

        return market;
    }

    /// <summary>The quotes that a contract needs for itself and its slice.</summary>
    public static IEnumerable<KeyValuePair<string, double>> ContractQuotes(EuropeanOption option, IReadOnlyDictionary<string, double> market)
    {
        var ratio = (option.Strike / market[option.Underlying.Value]) - 1;
        yield return new(option.VolatilityFactor.Value, 0.17 - (0.3 * ratio) + (0.4 * ratio * ratio));
        yield return new(option.HalfSpreadFactor.Value, 0.001 * option.Strike);
        yield return new(option.DividendYieldFactor.Value, 0.013);
        yield return new(option.SkewFactor.Value, -1.4);
    }

    private static HistoryPanel MakePanel()
    {
        string[] factors =
        [
            "IDX.SP500", "IDX.VIX", "EQ.AAPL", "EQ.SAP", "EQ.BP", "FX.EURUSD", "FX.EURGBP", "ZC.USD.1Y", "ZC.USD.10Y", "ZC.EUR.5Y", "ZC.GBP.5Y",
        ];
        var random = new Random(Seed + 1);
        var levels = factors.Select(f => f.StartsWith("ZC.", StringComparison.Ordinal) ? 0.03 : 100.0).ToArray();
        var csv = new StringWriter(CultureInfo.InvariantCulture);
        csv.WriteLine("date," + string.Join(',', factors));
        var day = new LocalDate(2024, 1, 2);
        for (var row = 0; row < 61; row++, day = day.PlusDays(day.DayOfWeek == IsoDayOfWeek.Friday ? 3 : 1))
        {
            csv.WriteLine(NodaTime.Text.LocalDatePattern.Iso.Format(day) + "," + string.Join(',', levels.Select(l => l.ToString("R", CultureInfo.InvariantCulture))));
            for (var i = 0; i < levels.Length; i++)
            {
                var move = random.NextDouble() + random.NextDouble() - 1;
                levels[i] = factors[i].StartsWith("ZC.", StringComparison.Ordinal) ? levels[i] + (0.002 * move)
                    : levels[i] * Math.Exp((factors[i] == "IDX.VIX" ? 0.2 : 0.04) * move);
            }
        }

        return HistoryPanel.Read(new StringReader(csv.ToString()), "made by the test");
    }
}
