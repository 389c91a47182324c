using RiskGrid.Grains.Tests.Runs;
using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>Silos whose clocks are an hour apart: no decision depends on them.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData("book")]
    [InlineData("desk")]
    [InlineData("book", "desk")]
    [InlineData("market")]
    public async Task Reports_are_taken_at_once_when_ownership_moves_between_clocks_an_hour_apart(params string[] kinds)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var cluster = new TestCluster();
        var engines = new[] { cluster.Join(), cluster.Join() };
        await using var ahead = await TestSilo.StartFirmAsync(
            ledger.Store, new TestSiloOptions { Engine = engines[0], Time = new SkewedTime(TimeSpan.FromHours(1)) });
        await using var other = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = engines[1] });
        await ahead.SettleAsync();
        for (var round = 0; round < 4; round++)
        {
            cluster.MoveTo(engines[(round + 1) % 2], kinds);
            var point = (await other.PublishAsync(SmallFirm.Quote("IDX.SP500", 6900 + round), SmallFirm.Quote("EQ.SAP", 170 + round))).Market;

            // Nobody settles: what comes up in the stream of versions has to count.
            foreach (var silo in new[] { ahead, other })
                await Shows(silo, point, $"round {round}: every silo shows the firm at {point}");
        }

        Assert.Empty(ahead.Log.Errors);
        Assert.Empty(other.Log.Errors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Runs_keep_their_deadlines_and_times_by_the_ledgers_clock(int hours)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(
            ledger.Store, new TestSiloOptions { Engine = engine, Time = new SkewedTime(TimeSpan.FromHours(hours)) });
        var spec = RunSilo.MonteCarlo(1_000);
        spec.DeadlineSeconds = 600;
        var run = await silo.ComputeAsync("in-time", spec);
        Assert.InRange(run.Progress.ElapsedSeconds, 0, 60);

        engine.HoldsWork = _ => new TaskCompletionSource().Task;
        spec.DeadlineSeconds = 0.05;
        await silo.StartRunAsync("late", spec);
        run = await silo.EndOfAsync("late");
        Assert.Equal((Wire.RunState.Failed, (int)GridErrorCode.DeadlineExceeded), (run.State, run.Error.Code));
        Assert.InRange(run.Progress.ElapsedSeconds, 0, 60);
    }

    internal static Task Shows(TestSilo silo, Wire.MarketPoint point, string promise) => Patience.Eventually(promise, () =>
        silo.Services.Views.Rollups.Latest("FIRM") is { } firm && firm.Coverage.Priced == 200 && firm.Coverage.LateChildren.Count == 0
            && (firm.AsOf.Epoch, firm.AsOf.Sequence).CompareTo((point.Epoch, point.Sequence)) >= 0);
}
