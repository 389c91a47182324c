using RiskGrid.Compute;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Grains.Tests;

[Collection(nameof(PassTests))]
[CollectionDefinition(nameof(PassTests), DisableParallelization = true)]
public sealed class PassTests
{
    [Fact]
    public async Task Booking_never_waits_for_pricing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.SettleAsync();
        using var busy = new BusyPool(silo.Services.Pool);
        await busy.Started.Within("every compute thread is busy");
        for (var i = 0; i < 20; i++)
        {
            var result = Assert.Single(await silo.BookAsync(Commands.Book($"c{i}", $"t{i}", SmallFirm.Terms(SmallFirm.Near, 1, 1))));
            Assert.Equal(Outcome.Applied, result.Outcome);
        }

        var settling = silo.SettleAsync();
        Assert.Equal(40u, (await silo.Book(SmallFirm.Near).GetReport().Within("the book answers")).Rollup.Coverage.Trades);
        Assert.False(busy.Done.IsCompleted || settling.IsCompleted);
        busy.Dispose();
        Assert.Equal(60u, (await settling)[SmallFirm.Near].Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task A_pass_that_fails_is_reported_and_tried_again()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Threads = 1 });
        await silo.SettleAsync();
        var pool = silo.Services.Pool;
        var jobs = new List<Task>();
        using (var busy = new BusyPool(pool))
        {
            await busy.Started.Within("the compute thread is busy");

            // The pool takes no more live jobs: the next pass is refused, which is as good a failure as any.
            while (jobs.LastOrDefault() is not { IsFaulted: true })
                jobs.Add(pool.RunAsync(ComputePriority.Live, () => 0, CancellationToken.None));
            await silo.PublishAsync(SmallFirm.Quote("IDX.SP500", 7000));
            await Patience.Eventually("the failure is reported", () => silo.Log.Of("PassFailed").Any(e => e.Contains("pricing", StringComparison.Ordinal)));
        }

        await Task.WhenAll(jobs.SkipLast(1)).Within("the pool goes on");
        var settled = await silo.SettleAsync();
        new FirmModel(settled.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(settled, "once it goes on");
        Assert.Equal(200u, settled.Firm.Rollup.Coverage.Priced);
    }

    [Fact]
    public async Task Memory_stays_flat_over_ten_thousand_repricings_of_a_book()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { WaveInterval = TimeSpan.FromTicks(1) });
        await RepriceAsync(silo, 1000);
        var before = Live();
        await RepriceAsync(silo, 10_000);
        var after = Live();
        Assert.True(after - before < 4 << 20, $"10,000 repricings left {(after - before) >> 10:N0} KiB behind, of {before >> 10:N0} KiB before");
    }

    private static async Task RepriceAsync(TestSilo silo, int times)
    {
        var book = silo.Book(SmallFirm.Apple);
        for (var i = 0; i < times; i++)
        {
            var point = (await silo.PublishAsync(SmallFirm.Quote("EQ.AAPL", 250 + (0.001 * i)))).Market;
            await book.Settle(new Protocol.Grid.SettleRequest { Market = point }, CancellationToken.None).Within("the book reprices");
        }
    }

    private static long Live()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
