using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class TradeGrainTests
{
    private static readonly Wire.PriceTradeRequest WithHistory = new() { IncludeHistory = true };

    [Fact]
    public async Task A_trade_prices_itself_to_the_bits_that_it_adds_to_its_book()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(71) });
        var settled = await silo.SettleAsync();
        var snapshot = FirmModel.Snapshot(await silo.MarketAsync());
        foreach (var book in SmallFirm.Books)
        {
            var market = SheetMarket.From(
                Sheet.Build(NodeId.Parse(book), SmallFirm.LiveTrades.Where(t => t.Terms.Book.Value == book)), snapshot, SmallFirm.Options);
            var valuation = SheetPricer.Price(market);
            for (var i = 0; i < market.Sheet.Count; i++)
            {
                var (quote, priced) = (SheetPricer.PriceTrade(market, i), await silo.Trade(market.Sheet.Trades[i].Value).PriceTrade(new()).Within("it answers"));
                Assert.Equal("", priced.Failure);
                Assert.Equal(Bits.Of(Measures.Zero + valuation.Trades[i]), Bits.Of(priced.Measures));
                var (inputs, greeks) = (priced.Inputs, priced.Greeks);
                Assert.Equal(
                    (quote.Inputs.Spot, quote.Inputs.Forward, quote.Inputs.Strike, quote.Inputs.Time, quote.Inputs.Volatility),
                    (inputs.Spot, inputs.Forward, inputs.Strike, inputs.Time, inputs.Volatility));
                Assert.Equal(
                    (quote.Inputs.ZeroRate, quote.Inputs.DividendYield, quote.Inputs.Discount), (inputs.ZeroRate, inputs.DividendYield, inputs.Discount));
                Assert.Equal(
                    (quote.Greeks.Price, quote.Greeks.Delta, quote.Greeks.Gamma, quote.Greeks.Vega, quote.Greeks.Theta, quote.Greeks.Rho),
                    (greeks.Price, greeks.Delta, greeks.Gamma, greeks.Vega, greeks.Theta, greeks.Rho));
                Assert.Equal(("ok", SmallFirm.Valuation.ToTimestamp(), false), (priced.QuoteStatus, priced.QuoteAsOf, priced.Stale));
                Assert.Equal(settled[book].Rollup.Path, priced.BookPath);
            }
        }
    }

    [Fact]
    public async Task A_trade_tells_its_history_in_the_order_of_its_versions()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);

        // The quotes have come to the board.
        await silo.SettleAsync();
        var terms = SmallFirm.Terms(SmallFirm.Near, 1, 3);
        await silo.BookAsync(Commands.Book("c1", "t", terms));
        await silo.BookAsync(Commands.Amend("c2", "t", 1, terms.Of(4)));
        await silo.BookAsync(Commands.Amend("c3", "t", 2, terms.Of(4).In(SmallFirm.Far)));
        var live = await silo.Trade("t").PriceTrade(WithHistory);
        Assert.Equal(("live", 3L, "/INDEX/FAR", 4.0), (live.Lifecycle, live.Version, live.BookPath, live.Terms.Quantity));
        Assert.True(live.Measures.Mtm > 0);
        await silo.BookAsync(Commands.Cancel("c4", "t", 3));
        var gone = await silo.Trade("t").PriceTrade(WithHistory);
        Assert.Equal(("cancelled", 4L), (gone.Lifecycle, gone.Version));
        Assert.Contains("cancelled", gone.Failure, StringComparison.Ordinal);
        Assert.Null(gone.Measures);
        Assert.Equal(
            [(1L, "booked", SmallFirm.Near, "c1"), (2L, "amended", SmallFirm.Near, "c2"), (3L, "amended", SmallFirm.Far, "c3"), (4L, "cancelled", SmallFirm.Far, "c4")],
            gone.History.Select(h => (h.Version, h.Event, h.Book, h.CommandId)));
        Assert.All(gone.History, h => Assert.Equal("tester", h.Author));
        Assert.Empty((await silo.Trade("t").PriceTrade(new())).History);
    }

    [Fact]
    public async Task An_unknown_trade_is_not_found_and_lies_nowhere()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        var refusal = await Assert.ThrowsAsync<GrainCallException>(() => silo.Trade("nobody").PriceTrade(new()));
        Assert.Equal(GridErrorCode.NotFound, refusal.Code);
        Assert.Equal("", (await silo.Trade("nobody").Locate()).Book);
    }

    [Fact]
    public async Task A_trade_without_a_price_says_why()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Nodes);
        await silo.BookAsync(Commands.Book("c1", "t", SmallFirm.Terms(SmallFirm.Near, 1, 3)));
        Assert.Contains("no valuation instant", (await silo.Trade("t").PriceTrade(new())).Failure, StringComparison.Ordinal);
        await silo.PublishAsync([], SmallFirm.Valuation);
        await silo.SettleAsync();
        Assert.Contains("no quote for", (await silo.Trade("t").PriceTrade(new())).Failure, StringComparison.Ordinal);
    }
}
