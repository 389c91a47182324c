using NodaTime;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Grid.Tests;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Tests;

public sealed class CoverageTests
{
    private static readonly KeyValuePair<string, TradeTerms> Some = SmallFirm.Trades.First(t => t.Value.Book.Value == SmallFirm.Apple);

    [Fact]
    public async Task Before_the_first_quote_every_trade_is_named_with_that_reason()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Nodes);
        await silo.BookAsync(SmallFirm.Bookings());
        var coverage = (await silo.SettleAsync()).Firm.Rollup.Coverage;
        Assert.Equal((200u, 0u, 200u), (coverage.Trades, coverage.Priced, coverage.Failed));
        Assert.Equal(20, coverage.Failures.Count);
        Assert.All(coverage.Failures, f => Assert.Contains("no valuation instant", f.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_book_that_has_just_been_loaded_says_so_and_does_not_blame_the_market()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Threads = 1 });
        await silo.SettleAsync();
        using var busy = new BusyPool(silo.Services.Pool);
        await busy.Started.Within("the compute threads are busy");
        engine.LoseOwnership("book", SmallFirm.Apple);
        var coverage = (await silo.Book(SmallFirm.Apple).GetReport().Within("the book answers")).Rollup.Coverage;
        Assert.Equal((40u, 40u), (coverage.Trades, coverage.Failed));
        Assert.All(coverage.Failures, f => Assert.Contains("not priced yet", f.Reason, StringComparison.Ordinal));
        busy.Dispose();
        Assert.Equal(40u, (await silo.SettleAsync())[SmallFirm.Apple].Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_trade_that_cannot_be_priced_is_named_with_its_reason_up_to_the_firm()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(51) });
        var option = (EuropeanOption)SmallFirm.Terms(SmallFirm.Near, 1, 1).Instrument;
        var noVolatility = new TradeTerms(With(option, strike: 12345), 1, NodeId.Parse(SmallFirm.Near), "");
        var expired = new TradeTerms(With(option, expiry: new LocalDateTime(2026, 1, 30, 16, 0)), 1, NodeId.Parse(SmallFirm.Near), "");
        var noCurve = new TradeTerms(
            new EuropeanOption("AAPL", FactorName.Parse("EQ.AAPL"), "JPY", OptionType.Call, 300, new LocalDateTime(2026, 6, 19, 16, 0), Currency.Usd, 1), 1,
            NodeId.Parse(SmallFirm.Apple), "");
        await silo.BookAsync(Commands.Book("1", "X-NOVOL", noVolatility), Commands.Book("2", "X-EXPIRED", expired), Commands.Book("3", "X-NOCURVE", noCurve));
        var settled = await silo.SettleAsync();
        var failures = settled.Firm.Rollup.Coverage.Failures.ToDictionary(f => f.TradeId, f => f.Reason, StringComparer.Ordinal);
        Assert.Equal(["X-EXPIRED", "X-NOCURVE", "X-NOVOL"], failures.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("expired at 2026-01-30T16:00:00", failures["X-EXPIRED"], StringComparison.Ordinal);
        Assert.Contains("VOL.SPXW.2026-02-20.12345C", failures["X-NOVOL"], StringComparison.Ordinal);
        Assert.Contains("ZC.JPY", failures["X-NOCURVE"], StringComparison.Ordinal);
        var coverage = settled.Firm.Rollup.Coverage;
        Assert.Equal((203u, 200u, 3u, 3u), (coverage.Trades, coverage.Priced, coverage.Failed, settled.Firm.Rollup.Tail.TradesMissing));
        Assert.Equal(2u, settled[SmallFirm.Near].Rollup.Coverage.Failed);

        // Once the quotes come, it has its price.
        var needs = SmallFirm.ContractQuotes((EuropeanOption)noVolatility.Instrument, SmallFirm.Market);
        await silo.PublishAsync(needs.Select(q => SmallFirm.Quote(q.Key, q.Value)));
        Assert.Equal(201u, (await silo.SettleAsync()).Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task Stale_trades_are_counted_with_their_ages_and_quotes_by_status()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var vol = ((EuropeanOption)Some.Value.Instrument).VolatilityFactor.Value;
        var old = SmallFirm.Valuation - Duration.FromDays(3);
        await silo.PublishAsync(SmallFirm.Quote(vol, 0.25, old, QuoteStatus.OffSmile), SmallFirm.Quote("EQ.BP", 4.7, old - Duration.FromDays(4)));
        var affected = (uint)SmallFirm.Trades.Values.Count(t => ((EuropeanOption)t.Instrument).VolatilityFactor.Value == vol);
        var coverage = (await silo.SettleAsync()).Firm.Rollup.Coverage;
        Assert.Equal(40 + affected, coverage.Stale);
        Assert.Equal([(40u, 7.0), (affected, 3.0)], coverage.StaleGroups.Select(g => (g.Trades, g.AgeDays)));
        Assert.Equal((old - Duration.FromDays(4)).ToTimestamp(), coverage.OldestQuote);
        Assert.Equal((affected, 200 - affected), (coverage.QuoteStatus["off_smile"], coverage.QuoteStatus["ok"]));

        // A feed stops, time goes on: everything grows old and keeps its number.
        await silo.PublishAsync([], SmallFirm.Valuation + Duration.FromDays(2));
        coverage = (await silo.SettleAsync()).Firm.Rollup.Coverage;
        Assert.Equal((200u, 200u), (coverage.Priced, coverage.Stale));
        Assert.Equal([9.0, 5.0, 2.0], coverage.StaleGroups.Select(g => g.AgeDays));
    }

    [Fact]
    public async Task Trades_outside_the_scenario_drivers_are_counted_and_named_and_the_others_have_their_tail()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var drivers = SmallFirm.Panel.Factors.Where(f => f.Value != "EQ.SAP");
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Scenarios = ScenarioSet.Historical(SmallFirm.Panel, drivers) });
        var settled = await silo.SettleAsync();
        Assert.Equal((200u, 40u), (settled.Firm.Rollup.Coverage.Priced, settled.Firm.Rollup.Tail.TradesMissing));
        Assert.Equal((40u, 0u), (settled[SmallFirm.Sap].Rollup.Tail.TradesMissing, settled[SmallFirm.Near].Rollup.Tail.TradesMissing));
        Assert.Equal(20, settled.Firm.Rollup.Coverage.Failures.Count);
        Assert.All(settled.Firm.Rollup.Coverage.Failures, f => Assert.Contains("EQ.SAP is not a driver", f.Reason, StringComparison.Ordinal));
        Assert.True(settled.Firm.Rollup.Tail.Var991D > 0);
    }

    [Fact]
    public async Task Without_scenarios_there_are_prices_and_no_tail()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Scenarios = null });
        var firm = (await silo.SettleAsync()).Firm;
        Assert.Equal((200u, true, true), (firm.Rollup.Coverage.Priced, firm.Rollup.Tail is null, firm.Pnl.IsEmpty));
    }

    [Fact]
    public async Task Late_children_are_named_and_gone_when_they_report()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (engine, time) = (new ControlledEngine(), new ManualTime());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        await silo.SettleAsync();
        await Late(silo, time, []);
        engine.Loses = call => call.Sender.Contains(SmallFirm.Far, StringComparison.Ordinal);
        await Late(silo, time, ["/INDEX/FAR"]);
        engine.Loses = call => call.Sender.Contains(SmallFirm.Near, StringComparison.Ordinal) || call.Sender.Contains("D-EURO", StringComparison.Ordinal);
        await Late(silo, time, ["/INDEX/NEAR", "/STOCK/EURO"]);
        Assert.Equal(200u, (await silo.Grains.Get<IDeskGrain>("FIRM").GetReport()).Rollup.Coverage.Trades);
        engine.Loses = _ => false;
        await Late(silo, time, []);
        Assert.NotEmpty(silo.Log.Of("ChildrenLate"));
    }

    [Fact]
    public async Task A_child_that_cannot_be_reached_now_holds_up_no_other_and_no_settling()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (engine, time) = (new ControlledEngine(), new ManualTime());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        await silo.SettleAsync();

        // The first child of the desk is full; its sibling, and a new one, hear from the desk all the same.
        engine.Refuses = call => call.Method.Name == nameof(INodeGrain.Ping) && call.Key == SmallFirm.Far ? new GrainOverloadedException("full") : null;
        engine.Loses = call => call.Request is Protocol.Grid.NodeReport && call.Sender.Contains(SmallFirm.Far, StringComparison.Ordinal);
        await Late(silo, time, ["/INDEX/FAR"]);
        await silo.PutAsync(SmallFirm.Book("NEW", "NEW", "D-INDEX"));
        Assert.Equal(200u, (await silo.SettleAsync()).Firm.Rollup.Coverage.Trades);
        engine.Refuses = _ => null;
        engine.Loses = _ => false;
        await Late(silo, time, []);
    }

    [Fact]
    public async Task A_desk_without_children_holds_the_firms_market_point_back_by_nothing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Desk("D-EMPTY", "EMPTY", HierarchyGrain.Firm.Value));
        var market = (await silo.MarketAsync()).Point;
        var settled = await silo.SettleAsync();
        Assert.Equal(market, settled.Firm.Rollup.AsOf);
        Assert.Equal((0u, true), (settled["D-EMPTY"].Rollup.Coverage.Trades, settled["D-EMPTY"].Rollup.Tail is null));
        Assert.Equal(0u, settled.Firm.Rollup.Tail.TradesMissing);
    }

    [Fact]
    public async Task What_could_carry_a_sum_beyond_double_precision_is_refused_where_it_comes_in()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var command = Commands.Book("big", "BIG", SmallFirm.Terms(SmallFirm.Far, 0.8, 1));
        command.Book.Quantity = 2.5e302;
        var reply = await silo.Grains.Get<IBookGrain>(SmallFirm.Far).BookTrades(new Protocol.V1.BookTradesRequest { Commands = { command } });
        Assert.Equal((Protocol.V1.TradeResult.Types.Outcome.Refused, "quantity"), (reply.Results[0].Outcome, reply.Results[0].Field));

        var skew = SmallFirm.Quote("SKEW.SPXW.2026-02-20", 1e6);
        Assert.Equal(1ul, (await silo.Grains.Get<IMarketGrain>(SiloServices.DefaultMarket).Publish(new Protocol.V1.QuoteBatch { Quotes = { skew } })).Refused);
        var settled = await silo.SettleAsync();
        Assert.All(settled.Nodes.Values, n => Assert.Equal(string.Empty, n.Rollup.TailFailure));
        Assert.True(double.IsFinite(settled.Firm.Rollup.Tail.Var991D));
    }

    [Fact]
    public async Task A_rollup_keeps_every_bit_over_the_wire()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Book("FLAT", "FLAT", "D-INDEX"));
        await silo.BookAsync(Commands.Book("flat", "flat", SmallFirm.Terms(SmallFirm.Near, 1, 0).In("FLAT")));
        var settled = await silo.SettleAsync();
        foreach (var report in settled.Nodes.Values)
        {
            var bytes = Google.Protobuf.MessageExtensions.ToByteArray(report);
            Assert.Equal(Bits.Of(report), Bits.Of(Protocol.Grid.NodeReport.Parser.ParseFrom(bytes)));
        }
    }

    private static EuropeanOption With(EuropeanOption option, double? strike = null, LocalDateTime? expiry = null) => new(
        option.Root, option.Underlying, option.ZeroCurve, option.Type, strike ?? option.Strike, expiry ?? option.Expiry, option.Currency, option.Multiplier);

    private static Task Late(TestSilo silo, ManualTime time, string[] paths) => Patience.Eventually($"[{string.Join(' ', paths)}] are late", async () =>
    {
        time.Advance(TimeSpan.FromSeconds(1));

        // Who is not to be late gets the time to answer before the clock goes on.
        await Task.Delay(20);
        return (await silo.Grains.Get<IDeskGrain>("FIRM").GetReport()).Rollup.Coverage.LateChildren.SequenceEqual(paths, StringComparer.Ordinal);
    });
}
