using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Client.TradeFiles;

/// <summary>Makes commands of lines, or says why not: one fault a line.</summary>
internal sealed class TradeRowParser(string source, int[] positions, Instant valuation)
{
    private const string EuropeanOptionType = "european_option";

    private readonly CsvFields _fields = new();

    // The line of each trade id that became a command.
    private readonly Dictionary<TradeId, long> _taken = [];

    public TradeFileRow Parse(LineReader line)
    {
        if (InvalidByte(line.Bytes.Span) is { } invalid)
            return Quarantine(line, TradeFile.WholeLine, $"byte {invalid + 1} of the line is not UTF-8");
        if (!_fields.TrySplit(line.Bytes.Span, out var fault))
            return Quarantine(line, ColumnAt(_fields.Count), fault!);
        if (_fields.Count != positions.Length)
            return Quarantine(line, TradeFile.WholeLine, $"the line has {_fields.Count:N0} fields, the header has {positions.Length}");
        try
        {
            return new TradeRow(line.Number, Command(line.Number));
        }
        catch (ValidationException invalidField)
        {
            return Quarantine(line, invalidField.Field, invalidField.Reason);
        }
    }

    public QuarantinedRow Quarantine(LineReader line, string field, string reason)
    {
        var shown = line.Bytes.Span[..Math.Min(line.Bytes.Length, QuarantinedRow.RawLimit)];
        return new QuarantinedRow(source, line.Number, field, reason, Encoding.UTF8.GetString(shown));
    }

    private Wire.TradeCommand Command(long line)
    {
        var trade = Checked("trade_id", TradeId.Parse);
        var book = Checked("book", NodeId.Parse);
        var type = Required("type");
        if (!string.Equals(type, EuropeanOptionType, StringComparison.Ordinal))
            throw new ValidationException("type", $"'{Shown(type)}' is not a known type; the known one is {EuropeanOptionType}");
        var option = Option();
        var terms = new TradeTerms(option, Number("quantity"), book, Field("counterparty"));
        if (option.YearsToExpiry(valuation) < 0)
        {
            throw new ValidationException(
                "expiry_date", $"the option expired at {Field("expiry_date")} {Field("expiry_time")} New York time, before the valuation at {valuation}");
        }

        if (!_taken.TryAdd(trade, line))
            throw new ValidationException("trade_id", $"trade {trade} is in line {_taken[trade]} already");
        return new Wire.TradeCommand { CommandId = CommandId(trade, option, terms), TradeId = trade.Value, Book = TradeMapping.ToWire(terms) };
    }

    private EuropeanOption Option()
    {
        var root = Required("root");
        var underlying = Checked("underlying", FactorName.Parse);
        var curve = Required("zero_curve");
        var optionType = Required("option_type");
        var strike = Number("strike");
        var expiry = TradeMapping.ParseExpiry(Required("expiry_date"), Required("expiry_time"));
        return new EuropeanOption(
            root, underlying, curve,
            optionType switch
            {
                _ when optionType.Equals("call", StringComparison.OrdinalIgnoreCase) => OptionType.Call,
                _ when optionType.Equals("put", StringComparison.OrdinalIgnoreCase) => OptionType.Put,
                _ => throw new ValidationException("option_type", $"'{Shown(optionType)}' is neither call nor put"),
            },
            strike, expiry, Checked("currency", Currency.Parse), Number("multiplier"));
    }

    /// <summary>Names the booking by what it says: 160 bits of SHA-256 over the values in column order, numbers in shortest form.</summary>
    /// <remarks>The same trade with other terms has another id, and is refused by the ledger because the trade exists.</remarks>
    private static string CommandId(TradeId trade, EuropeanOption option, TradeTerms terms)
    {
        var content = string.Join(
            '\u001F', "1", trade.Value, terms.Book.Value, EuropeanOptionType, option.Root, option.Underlying.Value, option.ZeroCurve,
            option.Type == OptionType.Call ? "call" : "put", Shortest(option.Strike),
            option.Expiry.ToString("uuuu-MM-ddTHH:mm", CultureInfo.InvariantCulture), option.Currency.Code, Shortest(option.Multiplier),
            Shortest(terms.Quantity), terms.Counterparty);
        return "row-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 20));
    }

    private static string Shortest(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private string Field(string column) => _fields[positions[Array.IndexOf(TradeFile.ColumnNames, column)]];

    private string Required(string column) =>
        Field(column) is { Length: > 0 } text ? text : throw new ValidationException(column, $"{column} is missing");

    private double Number(string column)
    {
        var text = Required(column);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsNaN(number))
            throw new ValidationException(column, $"'{Shown(text)}' is not a number");
        return double.IsFinite(number) ? number : throw new ValidationException(column, $"'{Shown(text)}' is not a finite number");
    }

    /// <summary>A field by its rule, under the name that its column has.</summary>
    private T Checked<T>(string column, Func<string, T> parse)
    {
        try
        {
            return parse(Required(column));
        }
        catch (ValidationException invalid)
        {
            throw new ValidationException(column, invalid.Reason);
        }
    }

    private string ColumnAt(int position)
    {
        var column = Array.IndexOf(positions, position);
        return column < 0 ? TradeFile.WholeLine : TradeFile.ColumnNames[column];
    }

    private static int? InvalidByte(ReadOnlySpan<byte> line)
    {
        if (Utf8.IsValid(line))
            return null;
        var position = 0;
        while (Rune.DecodeFromUtf8(line[position..], out _, out var length) == System.Buffers.OperationStatus.Done)
            position += length;
        return position;
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
