using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

public sealed class CoverageTests
{
    private static readonly EuropeanOption Option = SampleMarket.Option(OptionType.Call, 100, 1);

    [Theory]
    [InlineData("IDX.SP500")]
    [InlineData("DIV")]
    [InlineData("VOL")]
    [InlineData("HALF")]
    public void A_trade_whose_factor_has_no_quote_fails_by_name_and_adds_nothing(string missing)
    {
        var market = Sound();
        var factor = market.Quotes.Keys.Single(k => k.Value.StartsWith(missing, StringComparison.Ordinal));
        market.Quotes.Remove(factor);
        Assert.Equal($"no quote for {factor}", FailureIn(market));
    }

    [Fact]
    public void A_trade_without_a_zero_curve_fails_by_name()
    {
        var market = Sound();
        market.Quotes.Remove(FactorName.Parse("ZC.USD.1Y"));
        Assert.Contains("ZC.USD", FailureIn(market), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ZC.USD.ONEYEAR")]
    [InlineData("ZC.USD.12M")]
    public void A_curve_whose_pillars_make_no_sense_fails_its_trades_and_names_the_pillar(string pillar) =>
        Assert.Contains(pillar, FailureIn(Sound().Set(pillar, 0.03)), StringComparison.Ordinal);

    [Fact]
    public void A_curve_pillar_that_loses_its_quote_fails_the_trades_that_need_it()
    {
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        var market = Sound().Set("ZC.USD.5Y", 0.04);
        var binding = new SheetBinding(sheet, new FactorDirectory(market.Quotes.Keys), SampleMarket.Options);
        var quotes = binding.Factors.Select(f => f.Value == "ZC.USD.5Y" ? default : market.Quotes[f]).ToArray();
        var valuation = SheetPricer.Price(new SheetMarket(binding, SampleMarket.Valuation, quotes));
        Assert.Equal("no quote for ZC.USD.5Y", Assert.Single(valuation.Coverage.Failures).Reason);
    }

    [Theory]
    [InlineData("IDX.SP500", 0.0)]
    [InlineData("IDX.SP500", -100.0)]
    [InlineData("VOL", -0.2)]
    [InlineData("HALF", -0.1)]
    [InlineData("IDX.SP500", double.NaN)]
    [InlineData("VOL", double.NaN)]
    [InlineData("DIV", double.PositiveInfinity)]
    [InlineData("ZC.USD.1Y", double.NaN)]
    public void A_number_outside_its_domain_fails_the_trade_by_name_and_never_comes_out_as_NaN(string prefix, double value)
    {
        var market = Sound();
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        var binding = new SheetBinding(sheet, new FactorDirectory(market.Quotes.Keys), SampleMarket.Options);
        var quotes = binding.Factors
            .Select(f => f.Value.StartsWith(prefix, StringComparison.Ordinal) ? market.Quotes[f] with { Value = value } : market.Quotes[f])
            .ToArray();
        var sheetMarket = new SheetMarket(binding, SampleMarket.Valuation, quotes);
        var valuation = SheetPricer.Price(sheetMarket);
        Assert.Equal(Measures.Zero, valuation.Total);
        Assert.Contains(prefix, Assert.Single(valuation.Coverage.Failures).Reason, StringComparison.Ordinal);
        Assert.Equal(valuation.Coverage.Failures[0].Reason, SheetPricer.PriceTrade(sheetMarket, 0).Failure);
    }

    [Fact]
    public void An_expired_trade_fails_and_says_when_it_expired()
    {
        var snapshot = Sound().Snapshot(SampleMarket.Valuation + Duration.FromDays(366));
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        var coverage = SheetPricer.Price(SheetMarket.From(sheet, snapshot, SampleMarket.Options)).Coverage;
        Assert.Equal((1, 0, 1), (coverage.Trades, coverage.Priced, coverage.Failed));
        Assert.StartsWith("expired at 2027-01-30T12:00:00 New York", coverage.Failures[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_position_beyond_double_precision_fails_instead_of_making_the_total_infinite()
    {
        var wide = SampleMarket.Option(OptionType.Call, 110, 1);
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("BIG", wide, TradeTerms.MaxQuantity), SampleMarket.Trade("ONE", Option)]);
        var valuation = SheetPricer.Price(Sound().QuoteContract(wide, 0.2).Set(wide.HalfSpreadFactor.Value, 1e300).For(sheet));
        Assert.True(valuation.Total.IsFinite);
        Assert.Equal("BIG", Assert.Single(valuation.Coverage.Failures).Trade.Value);
        Assert.Equal(1, valuation.Coverage.Priced);
    }

    [Theory]
    [InlineData("FX.EURUSD", 1.25, 1.25)]
    [InlineData("FX.USDEUR", 0.8, 1.25)]
    public void A_foreign_price_converts_at_the_direct_rate_or_its_inverse(string pair, double rate, double expected)
    {
        var option = SampleMarket.Option(OptionType.Call, 100, 1, root: "SAP", underlying: "EQ.SAP", currency: "EUR");
        var market = new SampleMarket().Set("EQ.SAP", 100).Set("ZC.USD.1Y", 0.03).Set(pair, rate).QuoteContract(option, 0.2);
        var quote = SheetPricer.PriceTrade(SampleMarket.Trade("T", option), market.Snapshot(), SampleMarket.Options);
        Assert.Equal(expected, quote.Inputs.FxRate, 15);
        Assert.Equal(quote.Native.Mtm * expected, quote.Measures.Mtm, 12);
        Assert.Equal(quote.Measures.Mtm, quote.Measures.FxDelta);
    }

    [Fact]
    public void A_foreign_price_without_a_way_to_the_reporting_currency_fails_and_says_what_to_quote()
    {
        var option = SampleMarket.Option(OptionType.Call, 100, 1, root: "HSBA", underlying: "EQ.HSBA", currency: "GBP");
        var market = new SampleMarket().Set("EQ.HSBA", 100).Set("ZC.USD.1Y", 0.03).Set("FX.EURGBP", 0.86).QuoteContract(option, 0.2);
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", option)]);
        var reason = Assert.Single(SheetPricer.Price(market.For(sheet)).Coverage.Failures).Reason;
        Assert.Contains("FX.GBPUSD", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IDX.SP500", true)]
    [InlineData("ZC.USD.1Y", true)]
    [InlineData("VOL", true)]
    [InlineData("DIV", false)]
    [InlineData("HALF", false)]
    [InlineData("SKEW", false)]
    public void A_trade_is_stale_when_a_quote_that_moves_is_old_and_not_when_a_frozen_one_is(string prefix, bool stale)
    {
        var market = Sound();
        var factor = market.Quotes.Keys.Single(k => k.Value.StartsWith(prefix, StringComparison.Ordinal));
        var old = SampleMarket.Valuation - Duration.FromDays(8);
        market.Set(factor.Value, market.Quotes[factor].Value, old);
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        var coverage = SheetPricer.Price(market.For(sheet)).Coverage;

        Assert.Equal((1, stale ? 1 : 0), (coverage.Priced, coverage.Stale));
        Assert.Equal(stale ? old : SampleMarket.Valuation, coverage.OldestQuote);
        Assert.Equal(SampleMarket.Valuation, coverage.NewestQuote);
        if (stale)
            Assert.Equal(new StaleGroup(old, 1, 8), Assert.Single(coverage.StaleGroups));
    }

    [Fact]
    public void A_quote_exactly_as_old_as_the_limit_is_not_stale()
    {
        var market = Sound().Set("IDX.SP500", 100, SampleMarket.Valuation - SampleMarket.Options.StaleAfter);
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        Assert.Equal(0, SheetPricer.Price(market.For(sheet)).Coverage.Stale);
    }

    [Fact]
    public void Priced_trades_are_counted_by_the_status_of_their_volatility()
    {
        var other = SampleMarket.Option(OptionType.Put, 100, 1);
        var market = Sound().QuoteContract(other, 0.2).Set(other.VolatilityFactor.Value, 0.3, status: QuoteStatus.OffSmile);
        var sheet = Sheet.Build(
            SampleMarket.Book, [SampleMarket.Trade("A", Option), SampleMarket.Trade("B", other), SampleMarket.Trade("C", other)]);
        var counts = SheetPricer.Price(market.For(sheet)).Coverage.QuoteStatus;
        Assert.Equal([new("off_smile", 2), new("ok", 1)], counts);
    }

    [Fact]
    public void A_parent_covers_what_its_children_cover_whatever_their_order()
    {
        var (market, trades) = SampleMarket.Portfolio(60, 7);
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Volatility).Take(25).ToList())
            market.Quotes.Remove(name);
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Volatility).Take(10).ToList())
            market.Set(name.Value, 0.2, SampleMarket.Valuation - Duration.FromDays(10 + name.Value.Length), QuoteStatus.ZeroBid);
        var whole = SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, trades))).Coverage;
        var parts = trades.Chunk(17).Select(c => SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, c))).Coverage).ToList();
        foreach (var combined in new[] { Coverage.Combine(parts), Coverage.Combine(parts.AsEnumerable().Reverse()) })
        {
            Assert.Equal((60, whole.Priced, whole.Failed, whole.Stale), (combined.Trades, combined.Priced, combined.Failed, combined.Stale));
            Assert.Equal(whole.Failures.AsEnumerable(), combined.Failures);
            Assert.Equal(whole.QuoteStatus, combined.QuoteStatus);
            Assert.Equal(whole.StaleGroups.AsEnumerable(), combined.StaleGroups);
            Assert.Equal((whole.OldestQuote, whole.NewestQuote), (combined.OldestQuote, combined.NewestQuote));
        }

        Assert.Equal(20, whole.Failures.Length);
        Assert.True(whole.Failed > 20 && whole.Stale > 0, "the sample does not show what it should");
    }

    [Fact]
    public void Many_groups_of_stale_trades_are_cut_to_the_oldest_and_none_is_lost()
    {
        var (market, trades) = SampleMarket.Portfolio(60, 8);
        var day = 8;
        foreach (var name in market.Quotes.Keys.Where(k => k.Class == FactorClass.Volatility).ToList())
            market.Set(name.Value, 0.2, SampleMarket.Valuation - Duration.FromDays(day++));
        var coverage = SheetPricer.Price(market.For(Sheet.Build(SampleMarket.Book, trades))).Coverage;
        Assert.Equal(60, coverage.Stale);
        Assert.Equal(Coverage.StaleGroupsKept, coverage.StaleGroups.Length);
        Assert.Equal(60, coverage.StaleGroups.Sum(g => g.Trades));
        Assert.Equal(coverage.OldestQuote, coverage.StaleGroups[0].AsOf);
    }

    private static SampleMarket Sound() => new SampleMarket().Set("IDX.SP500", 100).Set("ZC.USD.1Y", 0.03).QuoteContract(Option, 0.2);

    private static string FailureIn(SampleMarket market)
    {
        var sheet = Sheet.Build(SampleMarket.Book, [SampleMarket.Trade("T1", Option)]);
        var valuation = SheetPricer.Price(market.For(sheet));
        Assert.Equal((1, 0, 1), (valuation.Coverage.Trades, valuation.Coverage.Priced, valuation.Coverage.Failed));
        Assert.Equal(Measures.Zero, valuation.Total);
        var failure = Assert.Single(valuation.Coverage.Failures);
        Assert.Equal("T1", failure.Trade.Value);
        return failure.Reason;
    }
}
