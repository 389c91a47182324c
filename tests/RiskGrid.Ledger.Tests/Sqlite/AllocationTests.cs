using RiskGrid.Ledger.Sqlite;

namespace RiskGrid.Ledger.Tests.Sqlite;

/// <summary>The counter is the whole process's: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Fact]
    public async Task Booking_allocates_a_bounded_number_of_bytes_per_trade()
    {
        await using var ledger = await SqliteLedger.OpenAsync(SqliteLedger.Temporary, new ManualClock(), null, CancellationToken.None);
        var epoch = await ledger.TakeEpochAsync("B1");
        var batches = Enumerable.Range(0, 12)
            .Select(b => Make.Batch(
                "B1", epoch, [.. Enumerable.Range(0, 500).Select(i => Make.Booking($"c{b}-{i}", $"T{b}-{i}", Make.Terms("B1")))]) with
            {
                EncodeReply = (_, _) => [],
            })
            .ToList();
        foreach (var batch in batches.Take(2))
            await ledger.AppendAsync(batch, CancellationToken.None);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (var batch in batches.Skip(2))
            await ledger.AppendAsync(batch, CancellationToken.None);
        var perTrade = (GC.GetTotalAllocatedBytes(precise: true) - before) / 5000;
        Assert.True(perTrade < 4096, $"{perTrade} bytes are allocated per trade; the event, its outcome and its payload take about 1,500");
    }
}
