using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Tests.Runs;
using RiskGrid.Grid;
using RiskGrid.Grid.Tests;
using RiskGrid.Protocol.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>The ledger cannot be used: live numbers go on, everything else is to be retried and says so.</summary>
public sealed class LedgerDownTests
{
    [Fact]
    public async Task Quotes_are_taken_and_rollups_go_on_while_the_ledger_is_down()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var (faulty, time) = (new FaultyLedger(ledger.Store), new ManualTime());
        await using var silo = await TestSilo.StartFirmAsync(faulty, new TestSiloOptions { Time = time });
        await PassesAsync(time, silo.SettleAsync());
        faulty.Down = true;

        // Long enough for every book to want to look at the ledger, and for the market to want to be kept, more than once. The quotes touch every
        // book: one that they don't touch says so only with its desk's next sign of life, and the clock stands still meanwhile.
        for (var second = 0; second < 30; second++)
        {
            var point = (await silo.PublishAsync(SmallFirm.Underlyings.Select(u => SmallFirm.Quote(u.Factor, u.Spot + (0.01 * second))))).Market;
            time.Advance(TimeSpan.FromSeconds(1));
            await PassesAsync(time, ClockTests.Shows(silo, point, $"the firm is priced at {point} without a ledger"));
        }

        foreach (var node in SmallFirm.Books)
            Assert.Equal(40u, (await silo.Book(node).GetRollup(new RollupKnown()).Within("a book answers")).Coverage.Priced);
        using var enough = new CancellationTokenSource(Patience.Limit);
        await using var stream = RollupStream.ReadAsync(
            silo.Services.Views, h => [h.Root], TimeSpan.FromMilliseconds(100), time, enough.Token).GetAsyncEnumerator(enough.Token);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(200u, stream.Current.Coverage.Priced);

        // Told once, not once per book and second; and nothing of it is a fault of the program.
        Assert.Single(silo.Log.Of("LedgerNotRead"));
        Assert.Single(silo.Log.Of("MarketNotKept"));
        Assert.Empty(silo.Log.Errors);
        faulty.Down = false;
        Assert.Equal(
            Wire.TradeResult.Types.Outcome.Applied,
            (await silo.SendAsync(SmallFirm.Near, Commands.Book("c", "t", SmallFirm.Terms(SmallFirm.Near, 1, 3)))).Results[0].Outcome);
    }

    [Fact]
    public async Task Everything_that_needs_the_ledger_is_to_be_retried()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var faulty = new FaultyLedger(ledger.Store);
        await using var silo = await TestSilo.StartFirmAsync(faulty);
        await silo.ComputeAsync("before", RunSilo.Historical());
        faulty.Down = true;
        Func<Task>[] calls =
        [
            () => silo.StartRunAsync("new", RunSilo.Historical()),
            () => silo.Run("again").Start(new Wire.StartRunRequest { RunId = "again", RerunOf = "before" }, CancellationToken.None),
            () => silo.Run("before").GetVector(new Wire.GetRunVectorRequest { RunId = "before" }, CancellationToken.None),
            () => silo.Run("other").GetRun(new Wire.GetRunRequest { RunId = "other" }),
            () => silo.Run("other").Cancel(new Wire.CancelRunRequest { RunId = "other" }),
            () => silo.Registry().ListRuns(new Wire.ListRunsRequest()),
            () => silo.Trade("SOME").Locate(),
            () => silo.Trade("SOME").PriceTrade(new Wire.PriceTradeRequest()),
            () => silo.Grains.Get<IDeskGrain>("D-NEW").GetReport(),
            () => silo.Book("NEW").GetReport(),
        ];
        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAnyAsync<GridException>(() => call().Within("the call is answered"));
            Assert.True(failure.Code == GridErrorCode.Unavailable, $"{failure.Code}: {failure.Message}");
        }
    }

    private static async Task PassesAsync(ManualTime time, Task task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.Zero);
            await Task.Yield();
        }

        await task;
    }
}
