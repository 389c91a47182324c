using RiskGrid.Grains.Nodes;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class RollupTests
{
    private static readonly (string Name, Func<Wire.Measures, double> Of, Func<Measures, double> OfTrade)[] Additive =
    [
        ("mtm", m => m.Mtm, m => m.Mtm),
        ("delta_cash", m => m.DeltaCash, m => m.DeltaCash),
        ("gamma_cash_1pct", m => m.GammaCash1Pct, m => m.GammaCash1Pct),
        ("vega_1pt", m => m.Vega1Pt, m => m.Vega1Pt),
        ("theta_1d", m => m.Theta1D, m => m.Theta1D),
        ("rho_1bp", m => m.Rho1Bp, m => m.Rho1Bp),
        ("bid_ask_reserve", m => m.BidAskReserve, m => m.BidAskReserve),
        ("fx_delta", m => m.FxDelta, m => m.FxDelta),
    ];

    [Fact]
    public async Task The_firm_is_the_sum_of_its_desks_of_its_books_and_of_its_trades()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(1) });
        var settled = await silo.SettleAsync();
        var snapshot = FirmModel.Snapshot(await silo.MarketAsync());
        var trades = SmallFirm.Trades.Select(t => SheetPricer.PriceTrade(
            new Trade(TradeId.Parse(t.Key), 1, t.Value, TradeLifecycle.Live), snapshot, SmallFirm.Options)).ToList();
        var books = settled.Nodes.Values.Where(n => n.Rollup.Kind == NodeKinds.Book).ToList();
        var desks = settled.Hierarchy.Children(HierarchyGrain.Firm).Select(c => settled[c.Id.Value]).ToList();
        Assert.Equal((200, 5, 2), (trades.Count, books.Count, desks.Count));
        Assert.All(trades, t => Assert.Null(t.Failure));

        foreach (var (name, of, ofTrade) in Additive)
        {
            var firm = of(settled.Firm.Rollup.Measures);
            var gross = trades.Sum(t => Math.Abs(ofTrade(t.Measures)));
            Assert.True(gross > 0 && firm != 0, $"{name} of the sample is zero and shows nothing");
            foreach (var (level, sum) in new[]
            {
                ("desks", desks.Sum(d => of(d.Rollup.Measures))),
                ("books", books.Sum(b => of(b.Rollup.Measures))),
                ("trades", trades.Sum(t => ofTrade(t.Measures))),
            })
                Assert.True(Math.Abs(firm - sum) <= 1e-12 * gross, $"{name} of the firm is {firm:R}, the sum of its {level} {sum:R}");
        }
    }

    [Fact]
    public async Task The_P_and_L_vector_of_a_node_is_the_sum_of_its_childrens_in_name_order_to_the_bit()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(2) });
        var settled = await silo.SettleAsync();
        var inIdOrder = false;
        foreach (var desk in settled.Hierarchy.Nodes.Values.Where(n => n.Kind == NodeKind.Desk))
        {
            var children = settled.Hierarchy.Children(desk.Id);
            var sum = PnlVectors.Sum([.. children.Select(c => settled[c.Id.Value].Pnl)], SmallFirm.Scenarios.Count);
            Assert.Equal(sum.Select(Bits.Of), Bits.Vector(settled[desk.Id.Value]).Select(Bits.Of));
            inIdOrder |= !children.SequenceEqual(children.OrderBy(c => c.Id));
        }

        Assert.True(inIdOrder, "the sample does not tell name order from id order");
        new FirmModel(settled.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(settled, "the model's numbers");
    }

    [Fact]
    public async Task VaR_and_ES_are_taken_from_each_nodes_own_vector_and_do_not_add_up()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var settled = await silo.SettleAsync();
        foreach (var (path, node) in settled.Nodes)
        {
            var (var99, es975) = TailMeasures.Both(Bits.Vector(node), 0.99m, 0.975m);
            var tail = node.Rollup.Tail;
            Assert.True((var99, es975) == (tail.Var991D, tail.Es9751D), $"{path}: the tail is not that of the node's vector");
            Assert.Equal((60u, SmallFirm.Scenarios.Hash, 0u), (tail.Scenarios, tail.ScenarioSetHash, tail.TradesMissing));
        }

        var books = settled.Nodes.Values.Where(n => n.Rollup.Kind == NodeKinds.Book).Sum(n => n.Rollup.Tail.Var991D);
        var firm = settled.Firm.Rollup.Tail.Var991D;
        Assert.True(Math.Abs(firm - books) > 1e-3 * Math.Abs(books), $"the firm's VaR {firm:R} is the sum of its books' {books:R}");
    }

    [Fact]
    public async Task Foreign_trades_show_in_their_own_currency_and_in_the_firms()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var settled = await silo.SettleAsync();
        var native = settled.Firm.Rollup.Native;
        Assert.Equal(["EUR", "GBP", "USD"], native.Keys.Order(StringComparer.Ordinal));
        var eurusd = SmallFirm.Market["FX.EURUSD"];
        var gbpusd = eurusd / SmallFirm.Market["FX.EURGBP"];
        var foreign = (native["EUR"].Mtm * eurusd) + (native["GBP"].Mtm * gbpusd);
        var total = settled.Firm.Rollup.Measures;
        Assert.Equal(total.Mtm, native["USD"].Mtm + foreign, Math.Abs(total.Mtm) * 1e-12);
        Assert.Equal(total.FxDelta, foreign, Math.Abs(foreign) * 1e-12);
        Assert.Equal(native["EUR"].Mtm, settled[SmallFirm.Sap].Rollup.Native["EUR"].Mtm);
    }
}
