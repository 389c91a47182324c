using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task A_snapshot_comes_back_to_the_bit()
    {
        var snapshot = Snapshots.Random(new Random(Seed), 3000);
        await Ledger.PutSnapshotAsync(snapshot, CancellationToken.None);
        await Ledger.PutSnapshotAsync(snapshot, CancellationToken.None);
        await Ledger.PutSnapshotAsync(Snapshots.Random(new Random(Seed + 1), 10), CancellationToken.None);
        await ReopenAsync();

        var read = await Ledger.ReadSnapshotAsync(snapshot.Hash, CancellationToken.None);
        Assert.NotNull(read);
        Assert.Equal(snapshot.Hash, read.Hash);
        Assert.Equal(snapshot.Valuation, read.Valuation);
        Assert.Equal(snapshot.Quotes.Keys, read.Quotes.Keys);
        Assert.All(snapshot.Quotes, pair =>
        {
            var quote = read.Quotes[pair.Key];
            Assert.Equal(BitConverter.DoubleToInt64Bits(pair.Value.Value), BitConverter.DoubleToInt64Bits(quote.Value));
            Assert.Equal((pair.Value.AsOf, pair.Value.Status), (quote.AsOf, quote.Status));
        });
    }

    [Fact]
    public async Task The_newest_state_of_a_market_survives_and_only_the_holder_of_the_market_replaces_it()
    {
        var market = NodeId.Parse("market:main");
        Assert.Null(await Ledger.ReadMarketAsync(market, CancellationToken.None));
        var first = await Ledger.TakeEpochAsync(market, CancellationToken.None);
        var (old, newer) = (Snapshots.Random(new Random(Seed), 300), Snapshots.Random(new Random(Seed + 1), 300));
        await Ledger.KeepMarketAsync(market, first, old, CancellationToken.None);
        await Ledger.KeepMarketAsync(market, first, newer, CancellationToken.None);
        await ReopenAsync();
        Assert.Equal(newer.Hash, (await Ledger.ReadMarketAsync(market, CancellationToken.None))!.Hash);

        await Ledger.TakeEpochAsync(market, CancellationToken.None);
        await Assert.ThrowsAsync<EpochLostException>(() => Ledger.KeepMarketAsync(market, first, old, CancellationToken.None));
        Assert.Equal(newer.Hash, (await Ledger.ReadMarketAsync(market, CancellationToken.None))!.Hash);
    }

    [Fact]
    public async Task Instants_finer_than_the_store_keeps_them_still_come_back_under_the_same_hash()
    {
        var fine = Instant.FromUnixTimeTicks(17_700_000_000_000_001).PlusNanoseconds(37);
        var snapshot = new MarketSnapshot(fine, [KeyValuePair.Create(FactorName.Parse("EQ.A"), new Quote(1, fine, QuoteStatus.Ok))]);
        await Ledger.PutSnapshotAsync(snapshot, CancellationToken.None);
        Assert.Equal(snapshot.Valuation, (await Ledger.ReadSnapshotAsync(snapshot.Hash, CancellationToken.None))!.Valuation);
    }

    [Fact]
    public async Task A_snapshot_without_quotes_is_one_too()
    {
        var empty = new MarketSnapshot(Instant.FromUtc(2026, 1, 30, 21, 15), []);
        await Ledger.PutSnapshotAsync(empty, CancellationToken.None);
        Assert.Equal(empty.Hash, (await Ledger.ReadSnapshotAsync(empty.Hash, CancellationToken.None))!.Hash);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_refused_by_name()
    {
        var snapshot = Snapshots.Random(new Random(Seed), 50);
        await Ledger.PutSnapshotAsync(snapshot, CancellationToken.None);
        await Store.SpoilSnapshotAsync(snapshot.Hash, content =>
        {
            content[^3] ^= 1;
            return content;
        });

        var damaged = await Assert.ThrowsAsync<LedgerFormatException>(() => Ledger.ReadSnapshotAsync(snapshot.Hash, CancellationToken.None));
        Assert.Contains(snapshot.Hash, damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hierarchy_gets_a_new_version_when_it_changes_and_only_then()
    {
        var small = Tree(("FIRM", NodeKind.Desk, "", null), ("EQD", NodeKind.Desk, "EQD", "FIRM"));
        var large = Tree(("FIRM", NodeKind.Desk, "", null), ("EQD", NodeKind.Desk, "EQD", "FIRM"), ("B1", NodeKind.Book, "SPX", "EQD"));

        Assert.Equal(1, await Ledger.PutHierarchyAsync(small, 0, CancellationToken.None));
        Assert.Equal(1, await Ledger.PutHierarchyAsync(small, 1, CancellationToken.None));
        Assert.Equal(2, await Ledger.PutHierarchyAsync(large, 1, CancellationToken.None));
        await ReopenAsync();
        var (version, read) = (await Ledger.ReadHierarchyAsync(CancellationToken.None))!.Value;
        Assert.Equal(2, version);
        Assert.Equal(large.TopDown(), read.TopDown());
        Assert.Equal(small.TopDown(), (await Ledger.ReadHierarchyAsync(1, CancellationToken.None))!.TopDown());
        Assert.Equal(large.TopDown(), (await Ledger.ReadHierarchyAsync(2, CancellationToken.None))!.TopDown());
        Assert.Null(await Ledger.ReadHierarchyAsync(3, CancellationToken.None));

        // Back to the old tree is a step forward in history.
        Assert.Equal(3, await Ledger.PutHierarchyAsync(small, 2, CancellationToken.None));
        Assert.Equal(small.TopDown(), (await Ledger.ReadHierarchyAsync(CancellationToken.None))!.Value.Hierarchy.TopDown());
    }

    [Fact]
    public async Task A_hierarchy_that_goes_on_from_a_version_that_is_not_the_newest_is_refused_and_changes_nothing()
    {
        var firm = Tree(("FIRM", NodeKind.Desk, "", null));
        var (x, y) = (Tree(("FIRM", NodeKind.Desk, "", null), ("X", NodeKind.Desk, "X", "FIRM")), Tree(("FIRM", NodeKind.Desk, "", null), ("Y", NodeKind.Desk, "Y", "FIRM")));
        await Refused(firm, 7, 0);
        Assert.Equal(1, await Ledger.PutHierarchyAsync(firm, 0, CancellationToken.None));
        Assert.Equal(2, await Ledger.PutHierarchyAsync(x, 1, CancellationToken.None));
        await Refused(y, 1, 2);
        await Refused(firm, 0, 2);
        await Refused(firm, 3, 2);

        // Who did not hear that it was stored stores it again.
        Assert.Equal(2, await Ledger.PutHierarchyAsync(x, 1, CancellationToken.None));
        await ReopenAsync();
        var (version, read) = (await Ledger.ReadHierarchyAsync(CancellationToken.None))!.Value;
        Assert.Equal(2, version);
        Assert.Equal(x.TopDown(), read.TopDown());

        async Task Refused(Hierarchy tree, long held, long current)
        {
            var refused = await Assert.ThrowsAsync<HierarchyChangedException>(() => Ledger.PutHierarchyAsync(tree, held, CancellationToken.None));
            Assert.Equal((held, current), (refused.Held, refused.Current));
        }
    }

    [Fact]
    public async Task Of_many_hierarchies_that_go_on_from_one_version_at_the_same_time_one_is_stored()
    {
        var trees = Enumerable.Range(0, 8).Select(i => Tree(("FIRM", NodeKind.Desk, "", null), ($"D{i}", NodeKind.Desk, $"D{i}", "FIRM"))).ToList();
        var stored = await Task.WhenAll(trees.Select(tree => Task.Run(async () =>
        {
            try
            {
                return await Ledger.PutHierarchyAsync(tree, 0, CancellationToken.None);
            }
            catch (HierarchyChangedException)
            {
                return 0;
            }
        })));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], stored.Order());
        Assert.Equal(
            trees[Array.IndexOf(stored, 1)].TopDown(), (await Ledger.ReadHierarchyAsync(CancellationToken.None))!.Value.Hierarchy.TopDown());
    }

    private static Hierarchy Tree(params (string Id, NodeKind Kind, string Name, string? Parent)[] nodes) =>
        new(nodes.Select(n => new HierarchyNode(
            NodeId.Parse(n.Id), n.Kind, n.Name, n.Parent is null ? null : NodeId.Parse(n.Parent))));
}
