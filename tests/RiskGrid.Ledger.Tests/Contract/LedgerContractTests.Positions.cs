using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task A_book_is_read_as_it_was_at_any_sequence_through_moves_out_and_back()
    {
        var one = await Ledger.TakeEpochAsync("B1");
        var two = await Ledger.TakeEpochAsync("B2");
        await Ledger.ApplyAsync("B1", one, Make.Booking("c1", "T1", Make.Terms("B1", 1)));
        await Ledger.ApplyAsync("B1", one, Make.Booking("c2", "T2", Make.Terms("B1", 2)));
        await Ledger.ApplyAsync("B1", one, Make.Amendment("c3", "T1", 1, Make.Terms("B2", 3)));
        await Ledger.ApplyAsync("B2", two, Make.Amendment("c4", "T1", 2, Make.Terms("B2", 4)));
        await Ledger.ApplyAsync("B2", two, Make.Amendment("c5", "T1", 3, Make.Terms("B1", 5)));
        await Ledger.ApplyAsync("B1", one, Make.Cancellation("c6", "T2", 1));
        await Ledger.ApplyAsync("B1", one, Make.Cancellation("c7", "T1", 4));

        async Task<string> At(string book, long sequence) =>
            string.Join(' ', (await Ledger.ReadBookAtAsync(book, sequence)).Trades.Select(t => $"{t.Id}v{t.Version}={t.Terms.Quantity}"));

        string[] first = ["", "T1v1=1", "T1v1=1 T2v1=2", "T2v1=2", "T1v4=5 T2v1=2", "T1v4=5", ""];
        string[] second = ["", "T1v2=3", "T1v3=4", ""];
        for (var sequence = 0; sequence < first.Length; sequence++)
            Assert.Equal(first[sequence], await At("B1", sequence));
        for (var sequence = 0; sequence < second.Length; sequence++)
            Assert.Equal(second[sequence], await At("B2", sequence));
    }

    [Fact]
    public async Task A_sequence_that_a_book_has_not_reached_is_refused_with_both_numbers()
    {
        await Ledger.ApplyAsync("B1", await Ledger.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1")));
        var ahead = await Assert.ThrowsAsync<ValidationException>(() => Ledger.ReadBookAtAsync("B1", 2));
        Assert.Equal("sequence", ahead.Field);
        Assert.Contains("B1 is at sequence 1 and has not reached 2", ahead.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ValidationException>(() => Ledger.ReadBookAtAsync("B1", -1));

        // A book that nobody knows is at sequence 0.
        Assert.Empty((await Ledger.ReadBookAtAsync("nowhere", 0)).Trades);
        await Assert.ThrowsAsync<ValidationException>(() => Ledger.ReadBookAtAsync("nowhere", 1));
    }

    [Fact]
    public async Task A_position_read_while_trades_move_never_shows_half_a_move()
    {
        // Each move raises both books' sequences by one in one commit, so a position of one moment has them equal but for the booking.
        const int Moves = 60;
        var epochs = new[] { await Ledger.TakeEpochAsync("B0"), await Ledger.TakeEpochAsync("B1") };
        await Ledger.ApplyAsync("B0", epochs[0], Make.Booking("c", "T1", Make.Terms("B0")));
        using var hasRead = new SemaphoreSlim(0);
        var moving = Task.Run(async () =>
        {
            for (var i = 0; i < Moves; i++)
            {
                if (i % 20 == 10)
                    Assert.True(await hasRead.WaitAsync(TimeSpan.FromSeconds(30)), $"no position was read before move {i}");
                await Ledger.ApplyAsync($"B{i % 2}", epochs[i % 2], Make.Amendment($"c{i}", "T1", i + 1, Make.Terms($"B{(i + 1) % 2}")));
            }
        });

        do
        {
            var position = await Ledger.ReadPositionAndHierarchyAsync(CancellationToken.None);
            var (zero, one) = (position.Sequences[Make.Book("B0")], position.Sequences.GetValueOrDefault(Make.Book("B1")));
            Assert.Equal(one + 1, zero);
            var held = (await Ledger.ReadBookAtAsync("B0", zero)).Trades.Count + (await Ledger.ReadBookAtAsync("B1", one)).Trades.Count;
            Assert.True(held == 1, $"at B0#{zero} B1#{one} the trade is in {held} books");
            hasRead.Release();
        }
        while (!moving.IsCompleted);
        await moving;
    }

    [Fact]
    public async Task A_position_comes_with_the_newest_hierarchy()
    {
        var none = await Ledger.ReadPositionAndHierarchyAsync(CancellationToken.None);
        Assert.Equal((0L, null), (none.HierarchyVersion, none.Hierarchy));
        Assert.Empty(none.Sequences);

        var tree = new Hierarchy([new HierarchyNode(NodeId.Parse("FIRM"), NodeKind.Desk, "", null)]);
        await Ledger.PutHierarchyAsync(tree, 0, CancellationToken.None);
        await Ledger.ApplyAsync("B1", await Ledger.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1")));
        var position = await Ledger.ReadPositionAndHierarchyAsync(CancellationToken.None);
        Assert.Equal(1, position.HierarchyVersion);
        Assert.Equal(tree.TopDown(), position.Hierarchy!.TopDown());
        Assert.Equal(await Ledger.ReadPositionAsync(CancellationToken.None), position.Sequences);
    }
}
