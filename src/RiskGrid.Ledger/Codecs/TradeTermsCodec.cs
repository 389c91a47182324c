using System.Buffers;
using System.Text.Json;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Codecs;

/// <summary>Trade terms as the ledger stores them: versioned JSON in UTF-8.</summary>
/// <remarks>
/// Format 1:
/// <code>
/// {"format":1,"book":"SPX-2026-02-20","quantity":12,"counterparty":"ACME","instrument":{"european_option":
///  {"root":"SPXW","underlying":"IDX.SP500","zero_curve":"USD","type":"call","strike":6900,
///   "expiry":"2026-02-20T16:00:00","currency":"USD","multiplier":100}}}
/// </code>
/// The one member of <c>instrument</c> names its kind. Numbers are written in their shortest form that reads back to the same bits; <c>expiry</c>
/// is the civil time at the exchange in ISO 8601. Stored events are never rewritten, so every format ever written stays readable: a new
/// field or a changed meaning makes a new format. Stateless and thread-safe.
/// </remarks>
public static class TradeTermsCodec
{
    private const int Format = 1;

    /// <summary>The stored form of terms.</summary>
    /// <exception cref="NotSupportedException">The codec does not know the kind of instrument.</exception>
    public static byte[] Encode(TradeTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return JsonSerializer.SerializeToUtf8Bytes(ToJson(terms), LedgerJson.Default.TradeTermsJson);
    }

    /// <summary>Appends the stored form of terms to a buffer.</summary>
    /// <exception cref="NotSupportedException">The codec does not know the kind of instrument.</exception>
    public static void Encode(TradeTerms terms, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(terms);
        using var writer = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(writer, ToJson(terms), LedgerJson.Default.TradeTermsJson);
    }

    /// <summary>The terms from their stored form.</summary>
    /// <exception cref="LedgerFormatException">Not a format, a kind of instrument or a value that this build knows.</exception>
    public static TradeTerms Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            var json = JsonSerializer.Deserialize(payload, LedgerJson.Default.TradeTermsJson)
                ?? throw new LedgerFormatException("stored trade terms are null");
            if (json.Format != Format)
                throw UnknownFormat(json.Format);
            return new TradeTerms(Instrument(json.Instrument), json.Quantity, NodeId.Parse(json.Book), json.Counterparty);
        }
        catch (JsonException broken)
        {
            throw Explain(payload, broken);
        }
        catch (ValidationException invalid)
        {
            throw new LedgerFormatException($"stored trade terms break a rule: {invalid.Message}", invalid);
        }
    }

    private static TradeTermsJson ToJson(TradeTerms terms) => new()
    {
        Format = Format,
        Book = terms.Book.Value,
        Quantity = terms.Quantity,
        Counterparty = terms.Counterparty,
        Instrument = ToJson(terms.Instrument),
    };

    private static InstrumentJson ToJson(Instrument instrument) => instrument switch
    {
        EuropeanOption option => new InstrumentJson
        {
            EuropeanOption = new EuropeanOptionJson
            {
                Root = option.Root,
                Underlying = option.Underlying.Value,
                ZeroCurve = option.ZeroCurve,
                Type = option.Type == OptionType.Call ? "call" : "put",
                Strike = option.Strike,
                Expiry = LocalDateTimePattern.ExtendedIso.Format(option.Expiry),
                Currency = option.Currency.Code,
                Multiplier = option.Multiplier,
            },
        },
        _ => throw new NotSupportedException(
            $"The ledger has no stored form for instruments of kind {instrument.GetType().Name}; TradeTermsCodec must learn it."),
    };

    private static EuropeanOption Instrument(InstrumentJson json)
    {
        if (json.EuropeanOption is not { } option)
            throw new LedgerFormatException("stored trade terms name no instrument");
        var type = option.Type switch
        {
            "call" => OptionType.Call,
            "put" => OptionType.Put,
            _ => throw new LedgerFormatException($"stored option type '{option.Type}' is neither call nor put"),
        };
        var expiry = LocalDateTimePattern.ExtendedIso.Parse(option.Expiry);
        if (!expiry.Success)
            throw new LedgerFormatException($"stored expiry '{option.Expiry}' is not a civil time such as 2026-02-20T16:00:00");
        return new EuropeanOption(
            option.Root, FactorName.Parse(option.Underlying), option.ZeroCurve, type, option.Strike, expiry.Value,
            Currency.Parse(option.Currency), option.Multiplier);
    }

    /// <summary>Says what is wrong with a payload that format 1 can't hold. Off the good path, so that it may parse again.</summary>
    private static LedgerFormatException Explain(ReadOnlySpan<byte> payload, JsonException broken)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                if (root.TryGetProperty("format", out var format) && format.TryGetInt32(out var number) && number != Format)
                    return UnknownFormat(number);
                if (root.TryGetProperty("instrument", out var instrument) && instrument.ValueKind == JsonValueKind.Object)
                {
                    foreach (var kind in instrument.EnumerateObject())
                    {
                        if (!string.Equals(kind.Name, "european_option", StringComparison.Ordinal))
                        {
                            return new LedgerFormatException(
                                $"instrument kind '{kind.Name}' is not known to this build (it knows european_option); use a newer one", broken);
                        }
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON at all: the first exception says where.
        }

        return new LedgerFormatException($"stored trade terms can't be read: {broken.Message}", broken);
    }

    private static LedgerFormatException UnknownFormat(int format) =>
        new($"trade terms are stored in format {format}; this build knows format {Format}: use a newer one");
}
