using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing.Chains;

namespace RiskGrid.Pricing.Tests.Chains;

public sealed class OptionChainTests
{
    private const string Header =
        "contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,change,percentChange,volume,openInterest,impliedVolatility,inTheMoney,contractSize,currency,option_type,expiration";

    private const string GoodRow =
        "SPXW260220C06900000,2026-01-30 20:15:00+00:00,6900.0,120.5,119.9,121.3,-1.0,-0.5,7.0,42.0,0.1,True,REGULAR,USD,call,2026-02-20";

    [Fact]
    public void A_row_is_read_with_its_roots_settlement_time()
    {
        var chain = Read(GoodRow, GoodRow.Replace("SPXW260220C", "SPX260220C", StringComparison.Ordinal));

        var (afternoon, morning) = (chain.Quotes[0], chain.Quotes[1]);
        Assert.Equal(new LocalDateTime(2026, 2, 20, 16, 0), afternoon.Option.Expiry);
        Assert.Equal(new LocalDateTime(2026, 2, 20, 9, 30), morning.Option.Expiry);
        Assert.Equal("SPXW.2026-02-20", afternoon.Option.SliceName);
        Assert.Equal("SPX.2026-02-20", morning.Option.SliceName);
        Assert.Equal((119.9, 121.3, 42.0), (afternoon.Bid, afternoon.Ask, afternoon.OpenInterest!.Value));
        Assert.Equal(Instant.FromUtc(2026, 1, 30, 20, 15), afternoon.LastTrade);
        Assert.Equal(("IDX.SP500", "USD-SPX", 100.0), (afternoon.Option.Underlying.Value, afternoon.Option.ZeroCurve, afternoon.Option.Multiplier));
        Assert.Equal(2, afternoon.Line);
        Assert.Empty(chain.Quarantined);
    }

    [Fact]
    public void Blank_sizes_are_no_fault_and_stay_blank()
    {
        var quote = Assert.Single(Read(GoodRow.Replace("119.9,121.3", ",", StringComparison.Ordinal).Replace(",42.0,", ",,", StringComparison.Ordinal)).Quotes);

        Assert.Equal((0.0, 0.0), (quote.Bid, quote.Ask));
        Assert.Null(quote.OpenInterest);
    }

    [Theory]
    [InlineData("SPXW260220C06900000", "AAPL260220C06900000", "contractSymbol")]
    [InlineData("SPXW260220C06900000", "SPXW", "contractSymbol")]
    [InlineData("SPXW260220C06900000", "SPXW260221C06900000", "contractSymbol")]
    [InlineData("SPXW260220C06900000", "SPXW260220P06900000", "contractSymbol")]
    [InlineData(",6900.0,", ",6901.0,", "contractSymbol")]
    [InlineData(",6900.0,", ",,", "strike")]
    [InlineData(",6900.0,", ",NaN,", "strike")]
    [InlineData(",119.9,", ",-1,", "bid")]
    [InlineData(",121.3,", ",Infinity,", "ask")]
    [InlineData(",121.3,", ",a lot,", "ask")]
    [InlineData(",42.0,", ",-42,", "openInterest")]
    [InlineData("REGULAR", "MINI", "contractSize")]
    [InlineData("USD", "EUR", "currency")]
    [InlineData(",call,", ",straddle,", "option_type")]
    [InlineData("2026-02-20", "20/02/2026", "expiration")]
    [InlineData("2026-01-30 20:15:00+00:00", "yesterday", "lastTradeDate")]
    [InlineData(",USD,call,2026-02-20", "", "row")]
    [InlineData(",120.5,", ",\"120\"5,", "row")]
    public void A_bad_row_is_quarantined_by_line_and_field_and_its_neighbours_load(string good, string bad, string field)
    {
        var other = GoodRow.Replace("06900000", "06905000", StringComparison.Ordinal).Replace("6900.0", "6905.0", StringComparison.Ordinal);
        var chain = Read(GoodRow.Replace(good, bad, StringComparison.Ordinal), other);

        var row = Assert.Single(chain.Quarantined);
        Assert.Equal((2, field), (row.Line, row.Field));
        Assert.NotEmpty(row.Reason);
        Assert.Equal(3, Assert.Single(chain.Quotes).Line);
    }

    [Fact]
    public void A_contract_counts_once()
    {
        var chain = Read(GoodRow, GoodRow);

        Assert.Single(chain.Quotes);
        Assert.Equal((3, "contractSymbol"), (chain.Quarantined[0].Line, chain.Quarantined[0].Field));
    }

    [Fact]
    public void A_very_long_line_and_broken_text_are_quarantined_and_the_rest_loads()
    {
        var chain = Read(new string('x', 2_000_000), "SPXW\uFFFD,\"", GoodRow);

        Assert.Equal([2, 3], chain.Quarantined.Select(q => q.Line));
        Assert.Single(chain.Quotes);
    }

    [Fact]
    public void A_file_without_the_needed_columns_is_refused_as_a_whole()
    {
        var refusal = Assert.Throws<ValidationException>(() => OptionChain.Read(new StringReader(Header.Replace(",bid,", ",offer,", StringComparison.Ordinal)), "chain.csv"));
        Assert.Contains("chain.csv has no column 'bid'", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ValidationException>(() => OptionChain.Read(new StringReader(string.Empty), "chain.csv"));
    }

    [Fact]
    public void The_real_chain_reads_whole()
    {
        Assert.Empty(SpxChain.Chain.Quarantined);
        Assert.Equal(17_107, SpxChain.Chain.Quotes.Length);
        Assert.Equal(91, SpxChain.Chain.Quotes.Count(q => q.OpenInterest is null));
        Assert.Equal(421, SpxChain.Chain.Quotes.Count(q => q.OpenInterest == 0));
        Assert.Equal(16_185, SpxChain.Chain.Quotes.Count(q => q.Bid > 0 && q.Ask > 0));
        Assert.Equal(1, SpxChain.Chain.Quotes.Count(q => q.Ask > 0 && q.Bid > q.Ask));
    }

    private static OptionChain Read(params string[] rows) =>
        OptionChain.Read(new StringReader(string.Join('\n', rows.Prepend(Header)) + "\n"), "chain.csv");
}
