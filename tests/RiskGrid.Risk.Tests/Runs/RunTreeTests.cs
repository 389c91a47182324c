using RiskGrid.Model;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class RunTreeTests
{
    [Fact]
    public void Nodes_stand_parent_first_and_children_in_name_order_whatever_their_ids()
    {
        var tree = RunSamples.Tree(books: 2);
        Assert.Equal(
            ["/", "/A", "/A/N000", "/A/N001", "/B", "/B/SUB", "/B/SUB/ONE", "/B/SUB/TWO", "/C"], tree.Nodes.Select(n => n.Path));
        Assert.Equal([-1, 0, 1, 1, 0, 4, 5, 5, 0], tree.Nodes.Select(n => n.Parent));
        Assert.Equal([2, 3, 6, 7], tree.Books.AsEnumerable());
        Assert.Equal([1, 4, 8], tree.Scope.Children.AsEnumerable());
        Assert.Equal(["0-1", "0-4", "0-8", "1-2", "1-3", "4-5", "5-6", "5-7"], tree.Without.Select(w => $"{w.Node}-{w.Child}"));
        Assert.Equal([0, 3, -1, -1, 5, 6, -1, -1, -1], tree.Nodes.Select(n => n.FirstWithout));
    }

    [Fact]
    public void A_scope_below_the_firm_is_a_tree_of_its_own()
    {
        var tree = RunSamples.Tree(scope: "/B", without: false);
        Assert.Equal(["/B", "/B/SUB", "/B/SUB/ONE", "/B/SUB/TWO"], tree.Nodes.Select(n => n.Path));
        Assert.Empty(tree.Without);
        var book = RunSamples.Tree(scope: "/B/SUB/TWO");
        Assert.Equal("B2", Assert.Single(book.Nodes).Id.Value);
        Assert.Equal([0], book.Books.AsEnumerable());
    }

    [Fact]
    public void A_scope_that_does_not_exist_is_refused_by_name()
    {
        var refusal = Assert.Throws<ValidationException>(() => RunSamples.Tree(scope: "/NOWHERE"));
        Assert.Equal("path", refusal.Field);
        Assert.Contains("/NOWHERE", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_books_add_up_in_name_order()
    {
        var tree = RunSamples.Tree(books: 2);
        Assert.Equal([100.1 + 0.3 + (1e16 + 1.0), 100.1 + 0.3, 100.1, 0.3, 1e16 + 1.0, 1e16 + 1.0, 1e16, 1, 0], tree.SumUp([100.1, 0.3, 1e16, 1]));
        Assert.Throws<ArgumentException>(() => tree.SumUp([1, 2]));
    }
}
