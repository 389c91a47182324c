using Google.Rpc;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class HierarchyTests
{
    [Fact]
    public async Task A_firm_exists_from_the_start_and_nodes_join_it()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        var first = await silo.Tree.GetHierarchy();
        Assert.Equal("/", Assert.Single(first.Nodes).Path);
        var second = await silo.PutAsync(SmallFirm.Nodes);
        Assert.True(second.Version > first.Version);
        Assert.Equal(
            ["/", "/INDEX", "/INDEX/FAR", "/INDEX/NEAR", "/STOCK", "/STOCK/APPLE", "/STOCK/EURO", "/STOCK/EURO/BP", "/STOCK/EURO/SAP"],
            second.Nodes.Select(n => n.Path));
        var third = await silo.PutAsync(SmallFirm.Book("NEW", "NEW", "D-EURO"));
        Assert.Equal((second.Version + 1, second.Nodes.Count + 1), (third.Version, third.Nodes.Count));
        Assert.Equal(third, await silo.PutAsync(SmallFirm.Book("NEW", "NEW", "D-EURO")));
    }

    [Fact]
    public async Task The_tree_survives_a_restart()
    {
        await using var ledger = await TestLedger.OpenAsync();
        Wire.GetHierarchyResponse before;
        await using (var silo = await TestSilo.StartAsync(ledger.Store))
            before = await silo.PutAsync(SmallFirm.Nodes);
        await using var again = await TestSilo.StartAsync(ledger.Store);
        Assert.Equal(before, await again.Tree.GetHierarchy());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(91)]
    public async Task A_book_that_moves_to_another_desk_counts_there_and_nowhere_else(int strictSeed)
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(
            ledger.Store, new TestSiloOptions { Engine = strictSeed == 0 ? null : TestSiloOptions.Strict((ulong)strictSeed) });
        var before = await silo.SettleAsync();
        await silo.PutAsync(SmallFirm.Book(SmallFirm.Near, "NEAR", "D-EURO"));
        var after = await silo.SettleAsync();
        Assert.Equal("/STOCK/EURO/NEAR", after[SmallFirm.Near].Rollup.Path);
        Assert.Equal((40u, 160u, 120u, 200u), (Trades(after, "D-INDEX"), Trades(after, "A-STOCK"), Trades(after, "D-EURO"), Trades(after, "FIRM")));
        Assert.Equal(0u, after.Firm.Rollup.Tail.TradesMissing);
        Assert.Equal(Bits.Of(before[SmallFirm.Near].Rollup.Measures), Bits.Of(after[SmallFirm.Near].Rollup.Measures));
        new FirmModel(after.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(after, "after the move");
    }

    [Fact]
    public async Task A_change_that_comes_a_second_time_puts_nothing_back()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        var first = await silo.ChangeAsync(SmallFirm.Book(SmallFirm.Near, "NEAR", "D-EURO"));
        var moved = await silo.Tree.PutHierarchy(first);
        Assert.Equal(moved, await silo.Tree.PutHierarchy(first));
        var back = await silo.PutAsync(SmallFirm.Book(SmallFirm.Near, "NEAR", "D-INDEX"));
        Assert.Equal(moved.Version + 1, back.Version);
        var refusal = await Assert.ThrowsAsync<GrainCallException>(() => silo.Tree.PutHierarchy(first));
        Assert.Equal(GridErrorCode.Aborted, refusal.Code);
        Assert.Contains("read it again", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(back, await silo.Tree.GetHierarchy());
    }

    [Fact]
    public async Task A_desk_moves_with_all_that_is_below_it()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store);
        await silo.PutAsync(SmallFirm.Desk("D-EURO", "EUROPE", "D-INDEX"));
        var after = await silo.SettleAsync();
        Assert.Equal("/INDEX/EUROPE/SAP", after[SmallFirm.Sap].Rollup.Path);
        Assert.Equal((160u, 40u, 200u), (Trades(after, "D-INDEX"), Trades(after, "A-STOCK"), Trades(after, "FIRM")));
        new FirmModel(after.Hierarchy, SmallFirm.LiveTrades, FirmModel.Snapshot(await silo.MarketAsync()), SmallFirm.Scenarios).Check(after, "after the move");
    }

    [Fact]
    public async Task What_makes_no_tree_is_refused_with_its_field_and_changes_nothing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartAsync(ledger.Store);
        var before = await silo.PutAsync(SmallFirm.Nodes);
        (string Field, Wire.HierarchyNode Node)[] refused =
        [
            ("parent", SmallFirm.Desk("A-STOCK", "STOCK", "D-EURO")),
            ("hierarchy", SmallFirm.Desk("D-INDEX", "", "")),
            ("hierarchy", SmallFirm.Desk("FIRM", "", "D-INDEX")),
            ("kind", SmallFirm.Desk(SmallFirm.Near, "NEAR", "D-INDEX")),
            ("kind", new() { Id = "X", Kind = "portfolio", Name = "X", Parent = "D-INDEX" }),
            ("parent", SmallFirm.Book("X", "X", SmallFirm.Near)),
            ("parent", SmallFirm.Book("X", "X", "NOWHERE")),
            ("name", SmallFirm.Book("X", "NEAR", "D-INDEX")),
            ("name", SmallFirm.Book("X", "a/b", "D-INDEX")),
        ];
        foreach (var (field, node) in refused)
        {
            var refusal = await Assert.ThrowsAsync<GrainCallException>(() => silo.PutAsync(node));
            Assert.Equal(GridErrorCode.InvalidArgument, refusal.Code);
            Assert.Equal(field, Assert.Single(refusal.Detail<BadRequest>()!.FieldViolations).Field);
        }

        Assert.Equal(before, await silo.Tree.GetHierarchy());
        Assert.Equal(HierarchyGrain.Firm.Value, before.Nodes[0].Id);
    }

    private static uint Trades(SettledFirm firm, string node) => firm[node].Rollup.Coverage.Trades;
}
