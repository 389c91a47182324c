using RiskGrid.Grid;

namespace RiskGrid.Grains.Tests;

/// <summary>Whatever happened before, at rest the numbers are those of a silo that starts on the same ledger and hears the same quotes at once.</summary>
public sealed class QuiescenceTests
{
    private const int StormSeed = 4711;

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 1)]
    [InlineData(11, 2)]
    [InlineData(12, 1)]
    [InlineData(13, 2)]
    public async Task After_a_storm_the_numbers_are_those_of_a_fresh_silo_to_the_bit(int strictSeed, int threads)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var storm = new Storm(StormSeed);
        SettledFirm settled;
        await using (var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = Engine(strictSeed), Threads = threads }))
        {
            await storm.RunAsync(silo);
            settled = await silo.SettleAsync();
            Assert.Empty(silo.Log.Errors);
        }

        await using var fresh = await TestSilo.StartAsync(ledger.Store);
        await fresh.PublishAsync(storm.FinalQuotes, SmallFirm.Valuation);
        var anew = await fresh.SettleAsync();
        Bits.Equal(anew, settled, $"storm {StormSeed}, strict seed {strictSeed}, {threads} compute threads: as a fresh silo");

        var snapshot = FirmModel.Snapshot(await fresh.MarketAsync());
        new FirmModel(anew.Hierarchy, storm.Live, snapshot, SmallFirm.Scenarios).Check(settled, "as computed without grains");
    }

    private static IGridEngine? Engine(int strictSeed) => strictSeed == 0 ? null : TestSiloOptions.Strict((ulong)strictSeed, 1.0 / 64);
}
