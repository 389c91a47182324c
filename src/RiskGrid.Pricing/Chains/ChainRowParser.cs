using System.Globalization;
using CsvHelper;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>Turns one row into a quote, or refuses it with the field and the reason.</summary>
internal sealed class ChainRowParser(ChainColumns columns)
{
    /// <summary>The curve that discounts the chain: <c>ZC.USD-SPX.tenor</c>.</summary>
    public const string ZeroCurveName = "USD-SPX";

    private const string MorningRoot = "SPX";
    private const string AfternoonRoot = "SPXW";
    private const double Multiplier = 100;

    // Date, side and strike after the root: yymmdd, C or P, eight digits of strike in thousandths.
    private const int SymbolTail = 15;

    private static readonly FactorName Index = FactorName.Parse("IDX.SP500");
    private const string TradeTime = "yyyy-MM-dd HH:mm:sszzz";

    private LocalDate _date;
    private string _dateText = string.Empty;

    public ChainQuote Parse(CsvReader row, int line)
    {
        var contract = row.GetString(columns.Contract);
        if (contract.Length <= SymbolTail)
            throw new ValidationException(ChainColumns.ContractName, $"'{contract}' is not an option symbol such as SPXW260220C06900000");
        var root = contract[..^SymbolTail];
        var tail = contract.AsSpan(contract.Length - SymbolTail);
        var settles = root switch
        {
            MorningRoot => new LocalTime(9, 30),
            AfternoonRoot => new LocalTime(16, 0),
            _ => throw new ValidationException(ChainColumns.ContractName, $"root '{root}' is neither {MorningRoot} nor {AfternoonRoot}"),
        };
        var date = Date(row.GetString(columns.Expiration));
        var type = row.GetString(columns.Type) switch
        {
            "call" => OptionType.Call,
            "put" => OptionType.Put,
            var other => throw new ValidationException(ChainColumns.TypeName, $"'{other}' is neither call nor put"),
        };
        var strike = Number(row, columns.Strike, ChainColumns.StrikeName)
            ?? throw new ValidationException(ChainColumns.StrikeName, "strike is blank");
        CheckSymbol(contract, tail, date, type, strike);
        Expect(row, columns.Size, ChainColumns.SizeName, "REGULAR");
        Expect(row, columns.Currency, ChainColumns.CurrencyName, Currency.Usd.Code);
        var option = new EuropeanOption(root, Index, ZeroCurveName, type, strike, date.At(settles), Currency.Usd, Multiplier);
        return new ChainQuote(
            line,
            contract,
            option,
            Size(row, columns.Bid, ChainColumns.BidName) ?? 0,
            Size(row, columns.Ask, ChainColumns.AskName) ?? 0,
            Size(row, columns.OpenInterest, ChainColumns.OpenInterestName),
            LastTrade(row.GetString(columns.LastTrade)));
    }

    // The symbol repeats date, side and strike: a row whose symbol says otherwise is about two contracts at once.
    private static void CheckSymbol(string contract, ReadOnlySpan<char> tail, LocalDate date, OptionType type, double strike)
    {
        var same = tail[6] == (type == OptionType.Call ? 'C' : 'P')
            && Digits(tail[..6]) == (date.Year % 100 * 10_000) + (date.Month * 100) + date.Day
            && Digits(tail[7..]) == strike * 1000;
        if (!same)
            throw new ValidationException(ChainColumns.ContractName, $"{contract} disagrees with the row's expiration, type or strike");
    }

    private static int Digits(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private LocalDate Date(string text)
    {
        if (string.Equals(text, _dateText, StringComparison.Ordinal))
            return _date;
        var parsed = LocalDatePattern.Iso.Parse(text);
        if (!parsed.Success)
            throw new ValidationException(ChainColumns.ExpirationName, $"'{text}' is not a date such as 2026-02-20");
        _dateText = text;
        return _date = parsed.Value;
    }

    private static Instant? LastTrade(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return DateTimeOffset.TryParseExact(text, TradeTime, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? Instant.FromDateTimeOffset(time)
            : throw new ValidationException(ChainColumns.LastTradeName, $"'{text}' is not a time such as 2026-01-30 16:45:44+00:00");
    }

    private static void Expect(CsvReader row, int column, string name, string value)
    {
        if (!string.Equals(row.GetString(column), value, StringComparison.Ordinal))
            throw new ValidationException(name, $"'{row.GetString(column)}' where only {value} is supported");
    }

    private static double? Size(CsvReader row, int column, string name)
    {
        var number = Number(row, column, name);
        return number < 0 ? throw new ValidationException(name, $"{number} is below zero") : number;
    }

    private static double? Number(CsvReader row, int column, string name)
    {
        var text = row.GetString(column);
        if (string.IsNullOrEmpty(text))
            return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw new ValidationException(name, $"'{text}' is not a finite number");
        return number;
    }
}
