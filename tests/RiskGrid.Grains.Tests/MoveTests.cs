using RiskGrid.Grid;
using RiskGrid.Grid.Tests;
using RiskGrid.Ledger;
using RiskGrid.Model;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Grains.Tests;

public sealed class MoveTests
{
    private static readonly KeyValuePair<string, TradeTerms> Moved = SmallFirm.Trades.First(t => t.Value.Book.Value == SmallFirm.Near);

    [Fact]
    public async Task A_move_is_one_event_and_both_books_are_right()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(41) });
        var before = await silo.SettleAsync();
        await MoveAsync(silo);
        await CheckAsync(silo, before);

        var history = await ledger.Store.ReadTradeAsync(TradeId.Parse(Moved.Key), CancellationToken.None);
        Assert.Equal([TradeEventKind.Booked, TradeEventKind.Amended], history.Select(e => e.Kind));
        Assert.Equal((SmallFirm.Far, 41L, SmallFirm.Near, 41L), (history[1].Book.Value, history[1].BookSequence, history[1].FromBook!.Value.Value, history[1].FromBookSequence!.Value));
    }

    [Fact]
    public async Task A_move_that_the_other_book_is_not_told_of_counts_when_it_settles()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var before = await silo.SettleAsync();
        engine.Loses = call => call.Method.Name == nameof(IBookGrain.CatchUp);
        await MoveAsync(silo);
        await CheckAsync(silo, before);
    }

    [Fact]
    public async Task A_move_that_the_other_book_is_not_told_of_is_found_with_the_desks_signs_of_life()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (engine, time) = (new ControlledEngine(), new ManualTime());
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine, Time = time });
        await silo.SettleAsync();
        engine.Loses = call => call.Method.Name == nameof(IBookGrain.CatchUp);
        await MoveAsync(silo);
        await Patience.Eventually("the other book finds the trade", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await silo.Book(SmallFirm.Far).GetReport()).Rollup is { LedgerSequence: 41, Coverage.Priced: 41 };
        });
    }

    [Fact]
    public async Task A_move_that_cannot_be_told_is_acknowledged_all_the_same()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var before = await silo.SettleAsync();
        engine.Refuses = call => call.Method.Name == nameof(IBookGrain.CatchUp) ? new GrainOverloadedException("full") : null;
        await MoveAsync(silo);
        await CheckAsync(silo, before);
    }

    [Fact]
    public async Task A_move_there_and_back_with_other_bookings_between_leaves_both_books_as_the_ledger_has_them()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict(42, lost: 0.05) });
        for (var round = 0; round < 10; round++)
        {
            var away = Commands.Amend($"away{round}", Moved.Key, (2 * round) + 1, Moved.Value.In(SmallFirm.Far));
            var back = Commands.Amend($"back{round}", Moved.Key, (2 * round) + 2, Moved.Value);
            foreach (var command in new[] { away, Commands.Book($"n{round}", $"n{round}", SmallFirm.Terms(SmallFirm.Far, 1, 1)), back })
                Assert.Equal(Outcome.Applied, Assert.Single(await silo.BookAsync(command)).Outcome);
        }

        var settled = await silo.SettleAsync();
        Assert.Equal((40u, 50u), (settled[SmallFirm.Near].Rollup.Coverage.Trades, settled[SmallFirm.Far].Rollup.Coverage.Trades));
        Assert.Equal((60L, 70L), (settled[SmallFirm.Near].Rollup.LedgerSequence, settled[SmallFirm.Far].Rollup.LedgerSequence));
    }

    private static async Task MoveAsync(TestSilo silo)
    {
        var result = Assert.Single(await silo.BookAsync(Commands.Amend("move", Moved.Key, 1, Moved.Value.In(SmallFirm.Far))));
        Assert.True(result.Outcome == Outcome.Applied, result.Reason);
    }

    private static async Task CheckAsync(TestSilo silo, SettledFirm before)
    {
        var settled = await silo.SettleAsync();
        Assert.Equal((39u, 41u), (settled[SmallFirm.Near].Rollup.Coverage.Trades, settled[SmallFirm.Far].Rollup.Coverage.Trades));
        var trades = SmallFirm.LiveTrades.Select(t => t.Id.Value == Moved.Key ? t with { Version = 2, Terms = Moved.Value.In(SmallFirm.Far) } : t);
        new FirmModel(settled.Hierarchy, trades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(settled, "after the move");
        var mtm = before.Firm.Rollup.Measures.Mtm;
        Assert.Equal(mtm, settled.Firm.Rollup.Measures.Mtm, 1e-9 * Math.Abs(mtm));
    }
}
