namespace RiskGrid.Model.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("é")]
    [InlineData("a\n")]
    public void A_text_that_needs_escaping_is_no_identifier(string text)
    {
        Assert.Equal("trade_id", Assert.Throws<ValidationException>(() => TradeId.Parse(text)).Field);
        Assert.Equal("node_id", Assert.Throws<ValidationException>(() => NodeId.Parse(text)).Field);
        Assert.Equal("command_id", Assert.Throws<ValidationException>(() => CommandId.Parse(text)).Field);
    }

    [Fact]
    public void An_identifier_holds_64_characters_and_no_more()
    {
        Assert.Equal(64, TradeId.Parse(new string('x', 64)).Value.Length);
        var refusal = Assert.Throws<ValidationException>(() => TradeId.Parse(new string('x', 65)));
        Assert.Contains("65 characters", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Trades_and_nodes_are_ordered_by_the_bytes_of_their_ids()
    {
        string[] ids = ["b", "a", "B", "a-1", "a.1", "A"];
        Assert.Equal(["A", "B", "a", "a-1", "a.1", "b"], ids.Select(TradeId.Parse).Order().Select(i => i.Value));
        Assert.Equal(["A", "B", "a", "a-1", "a.1", "b"], ids.Select(NodeId.Parse).Order().Select(i => i.Value));
    }

    [Theory]
    [InlineData("usd")]
    [InlineData("US")]
    [InlineData("USDX")]
    [InlineData("U1D")]
    public void A_currency_is_three_capital_letters(string code) =>
        Assert.Equal("currency", Assert.Throws<ValidationException>(() => Currency.Parse(code)).Field);

    [Fact]
    public void A_parsed_currency_equals_its_constant() => Assert.Equal(Currency.Usd, Currency.Parse("USD"));

    [Theory]
    [InlineData("EQ.AAPL", FactorClass.Equity)]
    [InlineData("IDX.SP500", FactorClass.Index)]
    [InlineData("CMD.WTI", FactorClass.Commodity)]
    [InlineData("FX.EURUSD", FactorClass.Fx)]
    [InlineData("ZC.USD-SPX.5Y", FactorClass.Zero)]
    [InlineData("DIV.SPXW.2026-02-20", FactorClass.DividendYield)]
    [InlineData("VOL.SPXW.2026-02-20.6900C", FactorClass.Volatility)]
    [InlineData("SKEW.SPXW.2026-02-20", FactorClass.Skew)]
    [InlineData("HALF.SPXW.2026-02-20.6900C", FactorClass.HalfSpread)]
    public void A_factor_has_the_class_of_its_prefix(string name, FactorClass expected) =>
        Assert.Equal(expected, FactorName.Parse(name).Class);

    [Theory]
    [InlineData("EQ.")]
    [InlineData("EQ")]
    [InlineData("AAPL")]
    [InlineData("EQ.A..B")]
    [InlineData("EQ.A.")]
    [InlineData("eq.AAPL")]
    public void A_name_without_a_class_or_with_an_empty_part_is_no_factor(string name) =>
        Assert.Equal("factor", Assert.Throws<ValidationException>(() => FactorName.Parse(name)).Field);

    [Theory]
    [InlineData("5Y", 5.0)]
    [InlineData("18M", 1.5)]
    [InlineData("2W", 14 / 365.0)]
    [InlineData("10D", 10 / 365.0)]
    public void A_tenor_is_a_number_of_years(string tenor, double years) => Assert.Equal(years, Tenor.Years(tenor));

    [Theory]
    [InlineData("")]
    [InlineData("Y")]
    [InlineData("0Y")]
    [InlineData("-1Y")]
    [InlineData("1.5Y")]
    [InlineData("5y")]
    [InlineData("99999M")]
    public void What_is_no_whole_number_of_days_weeks_months_or_years_is_no_tenor(string tenor) =>
        Assert.Equal("tenor", Assert.Throws<ValidationException>(() => Tenor.Years(tenor)).Field);
}
