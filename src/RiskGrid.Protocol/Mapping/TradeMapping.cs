using System.Globalization;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Protocol.Mapping;

/// <summary>Between the model's trades and their wire messages. From the wire everything is checked by the model's own constructors, so a
/// message that maps is valid.</summary>
public static class TradeMapping
{
    private static readonly LocalTimePattern ExpiryTime = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <summary>Wire form of a trade's terms.</summary>
    public static Wire.TradeTerms ToWire(TradeTerms terms) => new()
    {
        Instrument = ToWire(terms.Instrument),
        Quantity = terms.Quantity,
        Book = terms.Book.Value,
        Counterparty = terms.Counterparty,
    };

    /// <summary>Wire form of an instrument.</summary>
    public static Wire.Instrument ToWire(Instrument instrument) => instrument switch
    {
        EuropeanOption option => new Wire.Instrument
        {
            EuropeanOption = new Wire.EuropeanOption
            {
                Root = option.Root,
                Underlying = option.Underlying.Value,
                ZeroCurve = option.ZeroCurve,
                Type = option.Type == OptionType.Call ? Wire.OptionType.Call : Wire.OptionType.Put,
                Strike = option.Strike,
                ExpiryDate = LocalDatePattern.Iso.Format(option.Expiry.Date),
                ExpiryTime = ExpiryTime.Format(option.Expiry.TimeOfDay),
                Currency = option.Currency.Code,
                Multiplier = option.Multiplier,
            },
        },
        _ => throw new ArgumentException($"No wire form is defined for {instrument.GetType().Name}.", nameof(instrument)),
    };

    /// <summary>A valid command from its wire form.</summary>
    /// <exception cref="ValidationException">A field is missing or breaks its rule.</exception>
    public static TradeCommand FromWire(Wire.TradeCommand command)
    {
        var commandId = CommandId.Parse(command.CommandId);
        var tradeId = TradeId.Parse(command.TradeId);
        return command.ActionCase switch
        {
            Wire.TradeCommand.ActionOneofCase.Book => new BookCommand(commandId, tradeId, FromWire(command.Book)),
            Wire.TradeCommand.ActionOneofCase.Amend => new AmendCommand(
                commandId, tradeId, Positive(command.Amend.ExpectedVersion), FromWire(command.Amend.Terms)),
            Wire.TradeCommand.ActionOneofCase.Cancel => new CancelCommand(commandId, tradeId, Positive(command.Cancel.ExpectedVersion)),
            _ => throw new ValidationException("action", "a command books, amends or cancels"),
        };
    }

    /// <summary>Valid terms from their wire form.</summary>
    /// <exception cref="ValidationException">A field is missing or breaks its rule.</exception>
    public static TradeTerms FromWire(Wire.TradeTerms? terms)
    {
        if (terms is null)
            throw new ValidationException("terms", "terms are missing");
        return new TradeTerms(FromWire(terms.Instrument), terms.Quantity, NodeId.Parse(terms.Book, "book"), terms.Counterparty);
    }

    /// <summary>A valid instrument from its wire form.</summary>
    /// <exception cref="ValidationException">A field is missing or breaks its rule.</exception>
    public static Instrument FromWire(Wire.Instrument? instrument) => instrument?.KindCase switch
    {
        Wire.Instrument.KindOneofCase.EuropeanOption => FromWire(instrument.EuropeanOption),
        _ => throw new ValidationException("instrument", "instrument is missing or of an unknown kind"),
    };

    private static EuropeanOption FromWire(Wire.EuropeanOption option) => new(
        option.Root,
        FactorName.Parse(option.Underlying, "underlying"),
        option.ZeroCurve,
        option.Type switch
        {
            Wire.OptionType.Call => OptionType.Call,
            Wire.OptionType.Put => OptionType.Put,
            _ => throw new ValidationException("option_type", "an option is a call or a put"),
        },
        option.Strike,
        ParseExpiry(option.ExpiryDate, option.ExpiryTime),
        Currency.Parse(option.Currency),
        option.Multiplier);

    /// <summary>A civil expiry from <c>2026-02-20</c> and <c>16:00</c>.</summary>
    /// <exception cref="ValidationException">One of the two is not in that form.</exception>
    public static LocalDateTime ParseExpiry(string date, string time)
    {
        if (!LocalDatePattern.Iso.Parse(date).TryGetValue(default, out var day))
            throw new ValidationException("expiry_date", $"'{Shown(date)}' is not a date such as 2026-02-20");
        if (!ExpiryTime.Parse(time).TryGetValue(default, out var clock))
            throw new ValidationException("expiry_time", $"'{Shown(time)}' is not a time such as 16:00");
        return day + clock;
    }

    private static long Positive(long version) =>
        version > 0 ? version : throw new ValidationException("expected_version", "the version to change must be named, 1 or more");

    private static string Shown(string text) =>
        text.Length <= 40 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 40)}…");
}
