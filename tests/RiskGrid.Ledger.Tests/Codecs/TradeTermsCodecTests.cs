using System.Text;
using NodaTime;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Codecs;

public sealed class TradeTermsCodecTests
{
    private const string Stored =
        """{"format":1,"book":"B1","quantity":10,"counterparty":"ACME","instrument":{"european_option":{"root":"SPXW","underlying":"IDX.SP500","zero_curve":"USD","type":"call","strike":6900,"expiry":"2026-02-20T16:00:00","currency":"USD","multiplier":100}}}""";

    [Fact]
    public void The_stored_form_is_the_documented_one() =>
        Assert.Equal(Stored, Encoding.UTF8.GetString(TradeTermsCodec.Encode(Make.Terms("B1"))));

    [Fact]
    public void Any_terms_come_back_to_the_bit()
    {
        var random = new Random(99);
        double[] edges = [0.0, -0.0, double.Epsilon, -double.Epsilon, TradeTerms.MaxQuantity, -TradeTerms.MaxQuantity, 0.1, 1.0 / 3, 2.2250738585072014e-308];
        for (var i = 0; i < 5_000; i++)
        {
            var (quantity, multiplier) = (Within(TradeTerms.MaxQuantity, i), Math.Abs(Within(Instrument.MaxMultiplier, i + 5)));

            // Any bits between the least and the greatest strike.
            var strike = BitConverter.Int64BitsToDouble(
                random.NextInt64(BitConverter.DoubleToInt64Bits(0.0001), BitConverter.DoubleToInt64Bits(1e15)));
            var expiry = new LocalDateTime(2026, 1, 1, 0, 0).PlusNanoseconds(random.NextInt64(1L << 60));
            var terms = new TradeTerms(
                new EuropeanOption(
                    "AAPL", FactorName.Parse("EQ.AAPL"), "EUR", i % 2 == 0 ? OptionType.Put : OptionType.Call, strike, expiry,
                    Currency.Parse("EUR"), multiplier > 0 ? multiplier : 1),
                quantity, NodeId.Parse("B1"), i % 3 == 0 ? "" : "Müller \"& Söhne\" \\ 😀");
            var read = TradeTermsCodec.Decode(TradeTermsCodec.Encode(terms));

            Assert.Equal(terms, read);
            var (option, readOption) = ((EuropeanOption)terms.Instrument, (EuropeanOption)read.Instrument);
            Assert.Equal(BitConverter.DoubleToInt64Bits(quantity), BitConverter.DoubleToInt64Bits(read.Quantity));
            Assert.Equal(BitConverter.DoubleToInt64Bits(option.Strike), BitConverter.DoubleToInt64Bits(readOption.Strike));
            Assert.Equal(BitConverter.DoubleToInt64Bits(option.Multiplier), BitConverter.DoubleToInt64Bits(readOption.Multiplier));
        }

        // Any bits between the bounds, edges among them.
        double Within(double bound, int i)
        {
            if (i % 4 == 0 && Math.Abs(edges[i / 4 % edges.Length]) <= bound)
                return edges[i / 4 % edges.Length];
            var magnitude = BitConverter.Int64BitsToDouble(random.NextInt64(0, BitConverter.DoubleToInt64Bits(bound)));
            return random.Next(2) == 0 ? magnitude : -magnitude;
        }
    }

    [Theory]
    [InlineData("\"european_option\"", "\"swap\"", "instrument kind 'swap'")]
    [InlineData("\"format\":1", "\"format\":2", "format 2")]
    [InlineData("\"format\":1,", "", "format")]
    [InlineData("\"quantity\"", "\"amount\":1,\"quantity\"", "amount")]
    [InlineData("\"strike\":6900,", "", "strike")]
    [InlineData("\"strike\":6900", "\"strike\":-1", "strike")]
    [InlineData("\"strike\":6900", "\"strike\":\"NaN\"", "strike")]
    [InlineData("\"quantity\":10", "\"quantity\":1e999", "quantity")]
    [InlineData("\"call\"", "\"straddle\"", "straddle")]
    [InlineData("\"IDX.SP500\"", "\"ZC.USD.5Y\"", "underlying")]
    [InlineData("\"IDX.SP500\"", "null", "underlying")]
    [InlineData("2026-02-20T16:00:00", "2026-02-30T16:00:00", "2026-02-30")]
    [InlineData("{\"format\"", "[{\"format\"", "can't be read")]
    [InlineData("}}}", "}}", "can't be read")]
    [InlineData("\"instrument\":{", "\"instrument\":{\"swap\":{},", "instrument kind 'swap'")]
    public void What_this_build_can_t_read_is_refused_with_the_reason(string part, string replacement, string reason)
    {
        var damaged = Stored.Replace(part, replacement, StringComparison.Ordinal);
        Assert.NotEqual(Stored, damaged);
        var refused = Assert.Throws<LedgerFormatException>(() => TradeTermsCodec.Decode(Encoding.UTF8.GetBytes(damaged)));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Terms_without_an_instrument_are_refused()
    {
        var start = Stored.IndexOf("{\"european_option\"", StringComparison.Ordinal);
        Assert.Throws<LedgerFormatException>(() => TradeTermsCodec.Decode(Encoding.UTF8.GetBytes(Stored[..start] + "{}}")));
        Assert.Throws<LedgerFormatException>(() => TradeTermsCodec.Decode("null"u8));
        Assert.Throws<LedgerFormatException>(() => TradeTermsCodec.Decode([]));
    }
}
