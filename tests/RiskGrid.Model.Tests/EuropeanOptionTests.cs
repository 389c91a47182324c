using NodaTime;

namespace RiskGrid.Model.Tests;

public sealed class EuropeanOptionTests
{
    private static readonly DateTimeZone NewYork = DateTimeZoneProviders.Tzdb["America/New_York"];

    [Fact]
    public void An_option_names_its_own_factors()
    {
        var option = Option();
        Assert.Equal("SPXW.2026-02-20", option.SliceName);
        Assert.Equal("VOL.SPXW.2026-02-20.6900C", option.VolatilityFactor.Value);
        Assert.Equal("HALF.SPXW.2026-02-20.6900C", option.HalfSpreadFactor.Value);
        Assert.Equal("DIV.SPXW.2026-02-20", option.DividendYieldFactor.Value);
        Assert.Equal("SKEW.SPXW.2026-02-20", option.SkewFactor.Value);
        Assert.Equal("VOL.SPXW.2026-02-20.99.96P", Option(type: OptionType.Put, strike: 99.96).VolatilityFactor.Value);
    }

    [Fact]
    public void Each_field_that_breaks_its_rule_is_named()
    {
        Refused("root", () => Option(root: "S.PX"));
        Refused("root", () => Option(root: string.Empty));
        Refused("root", () => Option(root: new string('R', 25)));
        Refused("underlying", () => Option(underlying: default(FactorName)));
        Refused("underlying", () => Option(underlying: FactorName.Parse("ZC.USD.5Y")));
        Refused("zero_curve", () => Option(zeroCurve: "ZC.USD"));
        Refused("zero_curve", () => Option(zeroCurve: null!));
        Refused("option_type", () => Option(type: (OptionType)7));
        Refused("strike", () => Option(strike: double.NaN));
        Refused("strike", () => Option(strike: double.PositiveInfinity));
        Refused("strike", () => Option(strike: 0));
        Refused("strike", () => Option(strike: -6900));
        Refused("strike", () => Option(strike: 1e15));
        Refused("strike", () => Option(strike: 1e-5));
        Refused("currency", () => Option(currency: default(Currency)));
        Refused("multiplier", () => Option(multiplier: 0));
        Refused("multiplier", () => Option(multiplier: double.NaN));
    }

    [Fact]
    public void The_longest_root_and_the_longest_strike_still_name_a_factor()
    {
        var option = Option(root: new string('R', 24), strike: 12345.678901234567);
        Assert.Equal(FactorClass.Volatility, option.VolatilityFactor.Class);
        Assert.Equal(FactorClass.HalfSpread, Option(root: new string('R', 24), strike: 0.00012345678901234567).HalfSpreadFactor.Class);
    }

    [Fact]
    public void Years_to_expiry_are_civil_days_plus_the_difference_of_the_clocks()
    {
        var valuation = At(2026, 1, 30, 16, 15);
        Assert.Equal((21 - (0.25 / 24)) / 365, EuropeanOption.YearsBetween(valuation, new LocalDateTime(2026, 2, 20, 16, 0)), 15);
        Assert.Equal((21 - (6.75 / 24)) / 365, EuropeanOption.YearsBetween(valuation, new LocalDateTime(2026, 2, 20, 9, 30)), 15);
        Assert.Equal(0.0, EuropeanOption.YearsBetween(valuation, new LocalDateTime(2026, 1, 30, 16, 15)));
        Assert.Equal(-0.25 / 24 / 365, EuropeanOption.YearsBetween(valuation, new LocalDateTime(2026, 1, 30, 16, 0)), 15);
    }

    [Fact]
    public void A_change_of_the_clocks_between_valuation_and_expiry_does_not_count()
    {
        // Clocks went forward on 2026-03-08 and go back on 2026-11-01 in New York.
        Assert.Equal(2 / 365.0, EuropeanOption.YearsBetween(At(2026, 3, 7, 16, 0), new LocalDateTime(2026, 3, 9, 16, 0)));
        Assert.Equal(2 / 365.0, EuropeanOption.YearsBetween(At(2026, 10, 31, 16, 0), new LocalDateTime(2026, 11, 2, 16, 0)));
        Assert.Equal(47, (At(2026, 3, 9, 16, 0) - At(2026, 3, 7, 16, 0)).TotalHours);
    }

    [Fact]
    public void Terms_refuse_a_quantity_that_is_not_finite_a_missing_book_and_an_unfit_counterparty()
    {
        var book = NodeId.Parse("SPX-2026-02-20");
        Refused("quantity", () => new TradeTerms(Option(), double.NaN, book, string.Empty));
        Refused("quantity", () => new TradeTerms(Option(), double.NegativeInfinity, book, string.Empty));
        Refused("quantity", () => new TradeTerms(Option(), Math.BitIncrement(TradeTerms.MaxQuantity), book, string.Empty));
        Refused("book", () => new TradeTerms(Option(), 1, default, string.Empty));
        Refused("counterparty", () => new TradeTerms(Option(), 1, book, "half \uD83D of a smile"));
        Refused("counterparty", () => new TradeTerms(Option(), 1, book, "a\tb"));
        Refused("counterparty", () => new TradeTerms(Option(), 1, book, new string('c', 65)));
        Assert.Equal(0, new TradeTerms(Option(), 0, book, "Bank & Söhne 😀").Quantity);
    }

    private static Instant At(int year, int month, int day, int hour, int minute) =>
        new LocalDateTime(year, month, day, hour, minute).InZoneStrictly(NewYork).ToInstant();

    private static void Refused(string field, Func<object> create) =>
        Assert.Equal(field, Assert.Throws<ValidationException>(create).Field);

    private static EuropeanOption Option(
        string root = "SPXW",
        FactorName? underlying = null,
        string zeroCurve = "USD-SPX",
        OptionType type = OptionType.Call,
        double strike = 6900,
        Currency? currency = null,
        double multiplier = 100) => new(
            root,
            underlying ?? FactorName.Parse("IDX.SP500"),
            zeroCurve,
            type,
            strike,
            new LocalDateTime(2026, 2, 20, 16, 0),
            currency ?? Currency.Usd,
            multiplier);
}
