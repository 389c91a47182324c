namespace RiskGrid.Model.Tests;

public sealed class HierarchyTests
{
    [Fact]
    public void Paths_are_the_names_from_the_root_down_and_children_stand_in_ordinal_order()
    {
        var tree = new Hierarchy(
            [Book("b2", "SPX-2", "idx"), Desk("idx", "INDEX", "firm"), Book("b1", "SPX-10", "idx"), Firm(), Desk("ss", "A", "firm")]);
        Assert.Equal(["/", "/A", "/INDEX", "/INDEX/SPX-10", "/INDEX/SPX-2"], tree.TopDown().Select(n => tree.PathOf(n.Id)));
        Assert.Equal("b1", tree.Find("/INDEX/SPX-10")!.Id.Value);
        Assert.Null(tree.Find("/INDEX/SPX-3"));
        Assert.Equal("firm", tree.Root.Id.Value);
        Assert.Empty(tree.Children(NodeId.Parse("b1")));
    }

    [Fact]
    public void A_tree_has_exactly_one_root_and_it_is_a_nameless_desk()
    {
        Refused("hierarchy");
        Refused("hierarchy", Firm(), Desk("other", string.Empty, parent: null));
        Refused("hierarchy", new HierarchyNode(NodeId.Parse("firm"), NodeKind.Book, string.Empty, Parent: null));
        Refused("name", new HierarchyNode(NodeId.Parse("firm"), NodeKind.Desk, "FIRM", Parent: null));
    }

    [Fact]
    public void Two_nodes_share_neither_an_id_nor_a_path()
    {
        Refused("id", Firm(), Book("b", "X", "firm"), Book("b", "Y", "firm"));
        Refused("id", Firm(), Book("b", "X", "firm"), Book("b", "X", "firm"));
        Refused("name", Firm(), Book("b", "X", "firm"), Book("c", "X", "firm"));
    }

    [Fact]
    public void Every_parent_exists_and_is_a_desk()
    {
        Refused("parent", Firm(), Book("b", "X", "nowhere"));
        Refused("parent", Firm(), Book("b", "X", "firm"), Book("c", "Y", "b"));
    }

    [Fact]
    public void A_cycle_is_refused() => Refused("parent", Firm(), Desk("a", "A", "b"), Desk("b", "B", "a"));

    [Fact]
    public void A_name_is_a_path_segment() => Refused("name", Firm(), Book("b", "X/Y", "firm"));

    private static void Refused(string field, params HierarchyNode[] nodes) =>
        Assert.Equal(field, Assert.Throws<ValidationException>(() => new Hierarchy(nodes)).Field);

    private static HierarchyNode Firm() => Desk("firm", string.Empty, parent: null);

    private static HierarchyNode Desk(string id, string name, string? parent) => Node(id, NodeKind.Desk, name, parent);

    private static HierarchyNode Book(string id, string name, string parent) => Node(id, NodeKind.Book, name, parent);

    private static HierarchyNode Node(string id, NodeKind kind, string name, string? parent) =>
        new(NodeId.Parse(id), kind, name, parent is null ? null : NodeId.Parse(parent));
}
