using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Grid.Tests;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class OwnershipTests
{
    private static readonly string SomeTrade = SmallFirm.Trades.First(t => t.Value.Book.Value == SmallFirm.Near).Key;

    [Fact]
    public async Task Who_waits_for_a_desk_to_settle_is_answered_when_the_desk_is_lost_meanwhile()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        await silo.SettleAsync();

        // The desk has asked its children, then a turn of its own stands at a ping that is not handed over: what the children answer
        // waits behind it. Then the desk is lost.
        var (asked, asking) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (pinging, handedOver) = (new TaskCompletionSource(), new TaskCompletionSource());
        engine.Holds = call =>
        {
            if (call.Sender != "desk/D-INDEX" || handedOver.Task.IsCompleted)
                return Task.CompletedTask;
            if (call.Method.Name == nameof(INodeGrain.Settle))
            {
                asking.TrySetResult();
                return asked.Task;
            }

            if (!asking.Task.IsCompleted)
                return Task.CompletedTask;
            pinging.TrySetResult();
            return handedOver.Task;
        };
        var settling = silo.SettleAsync();
        await asking.Task.Within("the desk asks its children");
        await pinging.Task.Within("the desk pings its children");
        asked.SetResult();
        for (var i = 0; i < 5000; i++)
            await Task.Yield();
        engine.LoseOwnership("desk", "D-INDEX");
        handedOver.SetResult();
        Assert.Equal(200u, (await settling.Within("the firm settles although a desk was lost")).Firm.Rollup.Coverage.Trades);
    }

    [Fact]
    public async Task Numbers_go_on_when_the_market_moves_to_another_owner()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var before = await silo.MarketAsync();
        await silo.SettleAsync();
        engine.LoseOwnership("market", SiloServices.DefaultMarket);
        await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 7000));
        var after = await silo.MarketAsync();
        Assert.True(after.Point.Epoch > before.Point.Epoch, "a new owner takes a new epoch");
        Assert.Equal(before.Point.Valuation, after.Point.Valuation);
        Assert.Equal(before.Quotes.Count, after.Quotes.Count);
        Assert.Equal(200u, (await silo.SettleAsync()).Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_market_that_nobody_touches_for_hours_keeps_its_quotes()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var time = new ManualTime();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Time = time });
        await SettleAsync(silo, time);
        var before = await silo.MarketAsync();
        for (var minute = 0; minute < 240; minute += 10)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            Assert.Equal(before.Quotes.Count, (await silo.MarketAsync()).Quotes.Count);
        }

        Assert.Equal(200u, (await SettleAsync(silo, time)).Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_process_that_starts_anew_goes_on_from_the_market_that_the_ledger_keeps()
    {
        await using var ledger = await TestLedger.OpenAsync();
        Wire.GetMarketResponse before;
        await using (var first = await TestSilo.StartFirmAsync(ledger.Store))
            before = await first.MarketAsync();
        await using var second = await TestSilo.StartAsync(ledger.Store);
        var after = await second.MarketAsync();
        Assert.Equal(before.SnapshotHash, after.SnapshotHash);
        Assert.True(after.Point.Epoch > before.Point.Epoch, "the new process takes a new epoch");
        Assert.Equal(200u, (await second.SettleAsync()).Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_market_that_moved_and_is_not_quoted_again_survives_the_stop_of_the_cluster()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        Wire.GetMarketResponse before;
        await using (var first = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = new ManualTime() }))
        {
            await BoardHasMarketAsync(first);
            engine.LoseOwnership("market", SiloServices.DefaultMarket);
            before = await first.MarketAsync();
        }

        await using var second = await TestSilo.StartAsync(ledger.Store);
        Assert.Equal(before.SnapshotHash, (await second.MarketAsync()).SnapshotHash);
    }

    [Fact]
    public async Task A_market_that_moved_and_is_not_quoted_again_is_kept_in_the_ledger_before_long()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (engine, time) = (new ControlledEngine(), new ManualTime());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        await BoardHasMarketAsync(silo);
        engine.LoseOwnership("market", SiloServices.DefaultMarket);
        var market = await silo.MarketAsync();
        time.Advance(MarketGrain.KeepPeriod);
        await Patience.Eventually("the ledger keeps the market", async () =>
            (await ledger.Store.ReadMarketAsync(Model.NodeId.Parse("market:" + SiloServices.DefaultMarket), CancellationToken.None))?.Hash == market.SnapshotHash);
    }

    [Theory]
    [InlineData("book", SmallFirm.Near)]
    [InlineData("desk", "D-INDEX")]
    public async Task Reports_of_the_next_activation_count_even_if_the_clock_stood_still(string kind, string key)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (time, engine) = (new ManualTime(), new ControlledEngine());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Time = time, Engine = engine });
        for (var i = 0; i < 10; i++)
        {
            await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 6900 + i));
            await SettleAsync(silo, time);
        }

        engine.LoseOwnership(kind, key);
        await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 7000));
        var settled = await SettleAsync(silo, time);
        new FirmModel(settled.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios)
            .Check(settled, $"after {kind} {key} was lost");
        await Patience.Eventually("the newest of every book is heard", () =>
            SmallFirm.Books.All(b => silo.Services.Views.Rollups.Latest(b)?.Version == settled[b].Rollup.Version));
    }

    [Fact]
    public async Task Two_silos_on_one_ledger_fence_each_other_and_nothing_is_lost_or_doubled()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var one = await TestSilo.StartFirmAsync(ledger.Store);
        await one.SettleAsync();
        await using var two = await TestSilo.StartAsync(ledger.Store);
        await two.PublishAsync(SmallFirm.Quotes(), SmallFirm.Valuation);
        var terms = SmallFirm.Terms(SmallFirm.Near, 1, 3);
        var acknowledged = 0;
        for (var round = 0; round < 10; round++)
        {
            foreach (var (silo, name) in new[] { (one, "one"), (two, "two") })
            {
                var result = Assert.Single(await silo.BookAsync(Commands.Book($"{name}-{round}", $"{name}-{round}", terms)));
                Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, result.Outcome);
                acknowledged++;
            }
        }

        // The other silo's commands, retried here, were applied already.
        var again = await one.BookAsync(Enumerable.Range(0, 10).Select(r => Commands.Book($"two-{r}", $"two-{r}", terms)));
        Assert.All(again, r => Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, r.Outcome));
        Assert.NotEmpty(one.Log.Of("EpochLost"));
        Assert.Equal(40u + (uint)acknowledged, (await one.SettleAsync())[SmallFirm.Near].Rollup.Coverage.Trades);
        Assert.Equal(40u + (uint)acknowledged, (await two.SettleAsync())[SmallFirm.Near].Rollup.Coverage.Trades);
        var events = await ledger.Store.ReadBookEventsAsync(Model.NodeId.Parse(SmallFirm.Near), 0, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 40 + acknowledged).Select(i => (long)i), events.Select(e => e.BookSequence));
        Assert.Empty(one.Log.Errors);
        Assert.Empty(two.Log.Errors);
    }

    [Fact]
    public async Task Of_two_silos_that_add_to_the_tree_neither_takes_away_what_the_other_added()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var one = await TestSilo.StartFirmAsync(ledger.Store);
        await using var two = await TestSilo.StartAsync(ledger.Store);
        await two.Tree.GetHierarchy();

        // Each goes on from the tree that it held before the other one wrote.
        for (var round = 0; round < 3; round++)
        {
            foreach (var (silo, name) in new[] { (one, "ONE"), (two, "TWO") })
                await silo.PutAsync(SmallFirm.Book($"{name}-{round}", $"{name}-{round}", "D-INDEX"));
        }

        var (_, tree) = (await ledger.Store.ReadHierarchyAsync(CancellationToken.None))!.Value;
        foreach (var added in Enumerable.Range(0, 3).SelectMany(r => new[] { $"ONE-{r}", $"TWO-{r}" }))
            Assert.Contains(Model.NodeId.Parse(added), tree.Nodes.Keys);
        Assert.Equal(200u, (await one.SettleAsync()).Firm.Rollup.Coverage.Trades);
        Assert.Empty(one.Log.Errors);
        Assert.Empty(two.Log.Errors);
    }

    [Fact]
    public async Task Commands_sent_through_lost_ownership_and_repeated_delivery_are_applied_exactly_once()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(77, lost: 0.2) });
        await silo.PutAsync(SmallFirm.Nodes);
        var trades = SmallFirm.Trades.ToList();
        await Task.WhenAll(trades.Select(async t =>
        {
            var results = await silo.BookAsync(Commands.Book(t.Key, t.Key, t.Value));
            Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, results[0].Outcome);
        }));
        foreach (var book in SmallFirm.Books)
        {
            var events = await ledger.Store.ReadBookEventsAsync(Model.NodeId.Parse(book), 0, CancellationToken.None);
            Assert.Equal(trades.Where(t => t.Value.Book.Value == book).Select(t => t.Key), events.Select(e => e.Trade.Id.Value).Order(StringComparer.Ordinal));
            Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), events.Select(e => e.BookSequence));
        }

        Assert.Equal(200u, (await silo.SettleAsync()).Firm.Rollup.Coverage.Trades);
    }

    [Fact]
    public async Task While_the_ledger_is_down_commands_are_to_be_retried_and_rollups_go_on()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var faulty = new FaultyLedger(ledger.Store);
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(faulty, new TestSiloOptions { Engine = engine });
        var before = await silo.SettleAsync();
        var change = await silo.ChangeAsync(SmallFirm.Book("NEW", "NEW", "D-INDEX"));
        faulty.Down = true;
        var command = Commands.Book("c", "t", SmallFirm.Terms(SmallFirm.Near, 1, 3));
        await Retriable(() => silo.SendAsync(SmallFirm.Near, command));
        var report = await silo.Book(SmallFirm.Near).GetReport();
        Assert.Equal(Bits.Of(before[SmallFirm.Near].Rollup.Measures), Bits.Of(report.Rollup.Measures));
        await Retriable(() => silo.Trade(SomeTrade).PriceTrade(new Wire.PriceTradeRequest()));
        await Retriable(() => silo.Trade(SomeTrade).Locate());
        await Retriable(() => silo.Tree.PutHierarchy(change));
        await Retriable(() => silo.Market.GetMarket(new Wire.GetMarketRequest { Pin = true }));

        // Not even a new owner can begin.
        engine.LoseOwnership("book", SmallFirm.Near);
        engine.LoseOwnership("hierarchy", HierarchyGrain.Key);
        engine.LoseOwnership("market", SiloServices.DefaultMarket);
        await Retriable(() => silo.SendAsync(SmallFirm.Near, command));
        await Retriable(() => silo.Tree.GetHierarchy());
        await Retriable(() => silo.Market.GetMarket(new Wire.GetMarketRequest()));
        faulty.Down = false;
        Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, (await silo.SendAsync(SmallFirm.Near, command)).Results[0].Outcome);
        Assert.Equal(201u, (await silo.SettleAsync()).Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_command_whose_answer_was_lost_is_on_the_book_once_its_retry_is_acknowledged()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var faulty = new FaultyLedger(ledger.Store);
        await using var silo = await TestSilo.StartFirmAsync(faulty);
        await silo.SettleAsync();
        var command = Commands.Book("c", "t", SmallFirm.Terms(SmallFirm.Near, 1, 3));
        faulty.LosesNextAnswer = true;
        await Retriable(() => silo.SendAsync(SmallFirm.Near, command));
        Assert.Equal(Wire.TradeResult.Types.Outcome.Applied, (await silo.SendAsync(SmallFirm.Near, command)).Results[0].Outcome);
        Assert.Equal(41u, (await silo.SettleAsync())[SmallFirm.Near].Rollup.Coverage.Trades);
    }

    // The next owner of the market goes on from it; what it has not heard by then it offers later, and the market changes once more.
    private static async Task BoardHasMarketAsync(TestSilo silo)
    {
        var point = (await silo.MarketAsync()).Point;
        await Patience.Eventually("the board has the market", () => silo.Services.Board.Point.Equals(point));
    }

    // Timers stand still with the clock: the waves of repricing are let through until the firm has settled.
    private static async Task<SettledFirm> SettleAsync(TestSilo silo, ManualTime time)
    {
        var settling = silo.SettleAsync();
        while (!settling.IsCompleted)
        {
            time.Advance(TimeSpan.Zero);
            await Task.Yield();
        }

        return await settling;
    }

    private static async Task Retriable<T>(Func<Task<T>> call)
    {
        var exception = await Assert.ThrowsAnyAsync<GridException>(async () => await call().WaitAsync(Patience.Limit));
        Assert.True(exception.Code == GridErrorCode.Unavailable, $"a passing trouble is told as {exception.Code}: {exception.Message}");
    }
}
