using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Tests;

public sealed class SheetTests
{
    private const int Seed = 20260130;

    [Fact]
    public void Trades_stand_in_ordinal_order_of_their_ids_whatever_order_they_came_in()
    {
        var (_, trades) = SampleMarket.Portfolio(200, Seed);
        var straight = Sheet.Build(SampleMarket.Book, trades);
        var shuffled = trades.ToArray();
        new Random(Seed).Shuffle(shuffled);
        var mixed = Sheet.Build(SampleMarket.Book, shuffled);

        Assert.Equal(straight.Hash, mixed.Hash);
        Assert.Equal(straight.Trades.AsEnumerable(), mixed.Trades);
        Assert.Equal(straight.Factors.AsEnumerable(), mixed.Factors);
        Assert.Equal(mixed.Trades, mixed.Trades.Order());
        Assert.Equal(straight.Europeans.Strike, mixed.Europeans.Strike);
    }

    [Fact]
    public void Every_factor_that_a_trade_names_is_in_the_list_once_and_in_order()
    {
        var (_, trades) = SampleMarket.Portfolio(50, Seed);
        var sheet = Sheet.Build(SampleMarket.Book, trades);
        var expected = trades.Select(t => (EuropeanOption)t.Terms.Instrument)
            .SelectMany(o => new[] { o.Underlying, o.DividendYieldFactor, o.SkewFactor, o.VolatilityFactor, o.HalfSpreadFactor })
            .Distinct().Order();
        Assert.Equal(expected, sheet.Factors.AsEnumerable());
        for (var i = 0; i < sheet.Count; i++)
        {
            var option = (EuropeanOption)trades[i].Terms.Instrument;
            var slice = sheet.Europeans.Slices[sheet.Europeans.Slice[i]];
            Assert.Equal(option.VolatilityFactor, sheet.Factors[sheet.Europeans.VolatilityFactor[i]]);
            Assert.Equal(option.HalfSpreadFactor, sheet.Factors[sheet.Europeans.HalfSpreadFactor[i]]);
            Assert.Equal(option.Underlying, sheet.Factors[slice.UnderlyingFactor]);
            Assert.Equal(option.DividendYieldFactor, sheet.Factors[slice.DividendFactor]);
            Assert.Equal(option.SkewFactor, sheet.Factors[slice.SkewFactor]);
            Assert.Equal(option.Type == OptionType.Call ? OptionSide.Call : OptionSide.Put, sheet.Europeans.Side[i]);
            Assert.Equal(i, sheet.IndexOf(trades[i].Id));
        }

        Assert.True(sheet.IndexOf(TradeId.Parse("NOT-THERE")) < 0);
    }

    [Fact]
    public void Every_term_that_prices_changes_the_hash_and_nothing_else_does()
    {
        var option = SampleMarket.Option(OptionType.Call, 100, 0.5);
        var trade = SampleMarket.Trade("T1", option, 3);
        string Hash(params Trade[] trades) => Sheet.Build(trades[0].Terms.Book, trades).Hash;
        Trade With(EuropeanOption changed) => SampleMarket.Trade("T1", changed, 3);
        var other = NodeId.Parse("OTHER");

        var hash = Hash(trade);
        string[] different =
        [
            hash,
            Hash(SampleMarket.Trade("T2", option, 3)),
            Hash(SampleMarket.Trade("T1", option, -3)),
            Hash(With(SampleMarket.Option(OptionType.Put, 100, 0.5))),
            Hash(With(SampleMarket.Option(OptionType.Call, Math.BitIncrement(100.0), 0.5))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.75))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.5, root: "SPX"))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.5, underlying: "EQ.A"))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.5, curve: "EUR"))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.5, currency: "EUR"))),
            Hash(With(SampleMarket.Option(OptionType.Call, 100, 0.5, multiplier: 10))),
            Hash(trade with { Terms = new TradeTerms(option, 3, other, string.Empty) }),
            Hash(trade, SampleMarket.Trade("T2", option, 3)),
            Sheet.Build(SampleMarket.Book, []).Hash,
        ];
        Assert.Equal(different.Length, different.Distinct().Count());
        Assert.Equal(hash, Hash(trade with { Version = 7 }));
        Assert.Equal(hash, Hash(trade with { Terms = new TradeTerms(option, 3, SampleMarket.Book, "someone") }));
        Assert.Equal(hash, Hash(trade, SampleMarket.Trade("T9", option) with { Lifecycle = TradeLifecycle.Cancelled }));
    }

    [Fact]
    public void A_trade_that_comes_twice_or_belongs_elsewhere_is_refused_by_name()
    {
        var trade = SampleMarket.Trade("T1", SampleMarket.Option(OptionType.Call, 100, 0.5));
        var twice = Assert.Throws<ValidationException>(() => Sheet.Build(SampleMarket.Book, [trade, trade]));
        Assert.Equal(("trade_id", true), (twice.Field, twice.Reason.Contains("T1", StringComparison.Ordinal)));
        Assert.Equal("book", Assert.Throws<ValidationException>(() => Sheet.Build(NodeId.Parse("OTHER"), [trade])).Field);
    }
}
