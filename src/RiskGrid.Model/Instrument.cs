using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace RiskGrid.Model;

/// <summary>Right to buy or right to sell.</summary>
public enum OptionType
{
    /// <summary>The right to sell.</summary>
    Put,

    /// <summary>The right to buy.</summary>
    Call,
}

/// <summary>What is traded. Immutable and valid by construction; each kind names the market factors that price it.</summary>
public abstract record Instrument
{
    /// <summary>Largest multiplier.</summary>
    public const double MaxMultiplier = 1e9;

    private protected Instrument(Currency currency, double multiplier)
    {
        if (currency == default)
            throw new ValidationException("currency", "currency is missing");
        if (!(multiplier > 0 && multiplier <= MaxMultiplier))
            throw new ValidationException("multiplier", $"multiplier must be above zero and at most {MaxMultiplier:E0}");
        Currency = currency;
        Multiplier = multiplier;
    }

    /// <summary>The currency in which the instrument is quoted and settled.</summary>
    public Currency Currency { get; }

    /// <summary>Currency units per price point and unit of quantity.</summary>
    public double Multiplier { get; }
}

/// <summary>A European call or put, cash settled at expiry against its underlying.</summary>
/// <remarks>
/// A <em>slice</em> is one (root, expiry date): all contracts of a slice expire at the same instant and share one forward.
/// Expiry is a civil time at the exchange (New York); time to expiry is (civil days + clock difference) / 365, see
/// <see cref="YearsToExpiry"/>.
/// </remarks>
public sealed record EuropeanOption : Instrument
{
    // A contract's factor names spell root, expiry and strike: with these limits they stay valid identifiers, without an exponent.
    private const int LongestPart = 24;
    private const double LeastStrike = 1e-4;
    private const double StrikeLimit = 1e15;

    private static readonly DateTimeZone Exchange = DateTimeZoneProviders.Tzdb["America/New_York"];

    /// <summary>Creates a valid option.</summary>
    /// <param name="root">The class of contracts: <c>SPX</c>, <c>SPXW</c>, <c>AAPL</c>; at most 24 characters, no dot.</param>
    /// <param name="underlying">The factor whose level the option is written on: <c>IDX.SP500</c>, <c>EQ.AAPL</c>.</param>
    /// <param name="zeroCurve">The zero curve that discounts it, the name between <c>ZC.</c> and the tenor: <c>USD</c>; at most 24
    /// characters, no dot.</param>
    /// <param name="type">Call or put.</param>
    /// <param name="strike">Strike in price points of the underlying, from 0.0001 to below 1e15.</param>
    /// <param name="expiry">Civil date and time of expiry in New York.</param>
    /// <param name="currency">Quotation and settlement currency.</param>
    /// <param name="multiplier">Currency units per price point.</param>
    /// <exception cref="ValidationException">A field breaks its rule.</exception>
    public EuropeanOption(
        string root, FactorName underlying, string zeroCurve, OptionType type, double strike, LocalDateTime expiry, Currency currency, double multiplier)
        : base(currency, multiplier)
    {
        if (PartViolation(root, "root") is { } badRoot)
            throw new ValidationException("root", badRoot);
        if (PartViolation(zeroCurve, "zero curve") is { } badCurve)
            throw new ValidationException("zero_curve", badCurve);
        if (underlying == default)
            throw new ValidationException("underlying", "underlying is missing");
        if (underlying.Class is not (FactorClass.Equity or FactorClass.Index or FactorClass.Commodity or FactorClass.Fx))
            throw new ValidationException("underlying", $"'{underlying}' is not a price");
        if (!Enum.IsDefined(type))
            throw new ValidationException("option_type", "an option is a call or a put");
        if (!double.IsFinite(strike) || strike <= 0)
            throw new ValidationException("strike", "strike must be a finite number above zero");
        if (strike is < LeastStrike or >= StrikeLimit)
            throw new ValidationException("strike", "strike must lie from 0.0001 to below 1e15 price points");
        Root = root;
        Underlying = underlying;
        ZeroCurve = zeroCurve;
        Type = type;
        Strike = strike;
        Expiry = expiry;
        (SliceName, DividendYieldFactor, SkewFactor) = SliceNames.Of(root, expiry.Date);
        var contract = $"{SliceName}.{strike.ToString("R", CultureInfo.InvariantCulture)}{(type == OptionType.Call ? 'C' : 'P')}";
        VolatilityFactor = FactorName.Parse($"VOL.{contract}");
        HalfSpreadFactor = FactorName.Parse($"HALF.{contract}");
    }

    /// <summary>The class of contracts that shares settlement rules.</summary>
    public string Root { get; }

    /// <summary>The factor whose level the option is written on.</summary>
    public FactorName Underlying { get; }

    /// <summary>The zero curve that discounts it.</summary>
    public string ZeroCurve { get; }

    /// <summary>Call or put.</summary>
    public OptionType Type { get; }

    /// <summary>Strike in price points of the underlying.</summary>
    public double Strike { get; }

    /// <summary>Civil date and time of expiry in New York.</summary>
    public LocalDateTime Expiry { get; }

    /// <summary>Names the slice: <c>SPXW.2026-02-20</c>.</summary>
    public string SliceName { get; }

    /// <summary>The contract's own Black volatility.</summary>
    public FactorName VolatilityFactor { get; }

    /// <summary>The contract's half bid-ask spread.</summary>
    public FactorName HalfSpreadFactor { get; }

    /// <summary>The slice's continuous dividend yield: forward = spot · exp((zero − yield) · t).</summary>
    public FactorName DividendYieldFactor { get; }

    /// <summary>The slice's smile slope at the forward.</summary>
    public FactorName SkewFactor { get; }

    /// <summary>Years from <paramref name="valuation"/> to expiry: (civil days + clock difference) / 365 at the exchange's clock;
    /// negative after expiry.</summary>
    public double YearsToExpiry(Instant valuation) => YearsBetween(valuation, Expiry);

    /// <summary>Years from an instant to a civil time in New York: (civil days + clock difference) / 365. Civil: a change of the
    /// clocks between the two does not count.</summary>
    public static double YearsBetween(Instant valuation, LocalDateTime expiry)
    {
        var now = valuation.InZone(Exchange).LocalDateTime;
        var days = Period.DaysBetween(now.Date, expiry.Date);
        var clock = (double)(expiry.TimeOfDay.NanosecondOfDay - now.TimeOfDay.NanosecondOfDay) / NodaConstants.NanosecondsPerDay;
        return (days + clock) / 365.0;
    }

    private static string? PartViolation(string text, string what)
    {
        if (IdentifierRule.Violation(text, what) is { } reason)
            return reason;
        if (text.Contains('.', StringComparison.Ordinal))
            return $"{what} holds no dot";
        return text.Length > LongestPart ? $"{what} has {text.Length} characters, at most {LongestPart} are allowed" : null;
    }

    private sealed record SliceNames(string Root, LocalDate Expiry, string Name, FactorName DividendYield, FactorName Skew)
    {
        // Books hold a slice's contracts by the hundred: they share its names.
        [ThreadStatic]
        private static SliceNames? _last;

        public static (string Name, FactorName DividendYield, FactorName Skew) Of(string root, LocalDate expiry)
        {
            if (_last is not { } names || names.Expiry != expiry || !string.Equals(names.Root, root, StringComparison.Ordinal))
            {
                var name = $"{root}.{LocalDatePattern.Iso.Format(expiry)}";
                _last = names = new SliceNames(root, expiry, name, FactorName.Parse($"DIV.{name}"), FactorName.Parse($"SKEW.{name}"));
            }

            return (names.Name, names.DividendYield, names.Skew);
        }
    }
}
