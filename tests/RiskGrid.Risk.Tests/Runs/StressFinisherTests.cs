using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class StressFinisherTests
{
    private const int Seed = 4201;

    [Fact]
    public void Each_scenario_has_the_node_s_P_and_L_and_classes_that_add_up_to_it()
    {
        var tree = RunSamples.Tree(books: 3);
        var plan = new TailPlan(tree, RunSamples.Classes(2), 30, 30);
        var pnl = RunSamples.Pnl(tree, 3, 30, Seed, rounded: true);
        var tails = RunSamples.Tails(plan, pnl, 7);
        foreach (var node in tree.Nodes)
        {
            var stress = StressFinisher.Node(tails, Bases(tree), node.Index);
            var vector = RunSamples.Vector(tree, pnl, node.Index);
            Assert.Equal(vector, stress.Scenarios.Select(s => s.Pnl));
            Assert.Equal(Enumerable.Range(0, 30).OrderBy(s => vector[s]).ThenBy(s => s), stress.Worst.AsEnumerable());
            foreach (var scenario in stress.Scenarios)
            {
                Assert.Equal(["spot", "volatility", "interaction"], scenario.Classes.Select(c => c.Name));
                Assert.Equal(RunSamples.Vector(tree, pnl, node.Index, mask: 2)[scenario.Scenario], scenario.Classes[1].Pnl);
                Assert.Equal(scenario.Pnl, scenario.Classes[0].Pnl!.Value + scenario.Classes[1].Pnl!.Value + scenario.Classes[2].Pnl!.Value, 1e-9);
            }

            Assert.Equal(node.Path == "/C", stress.IsEmpty);
        }
    }

    [Fact]
    public void A_class_that_fails_is_absent_and_a_node_that_fails_says_why()
    {
        var tree = RunSamples.Tree(books: 1);
        var plan = new TailPlan(tree, RunSamples.Classes(1), 5, 5);
        var pnl = RunSamples.Pnl(tree, 2, 5, Seed);
        pnl[0][1][3] = double.NaN;
        pnl[2][0][2] = double.PositiveInfinity;
        var tails = RunSamples.Tails(plan, pnl);
        var desk = StressFinisher.Node(tails, Bases(tree), 1);
        Assert.All(desk.Scenarios, s => Assert.Equal(["spot ", "interaction "], s.Classes.Select(c => $"{c.Name} {c.Pnl}")));
        var firm = StressFinisher.Node(tails, Bases(tree), 0);
        Assert.Equal(("its P&L in scenario 2 is beyond the range of double precision", 0, 0), (firm.Failure, firm.Scenarios.Length, firm.Worst.Length));
        Assert.Throws<ArgumentException>(() => StressFinisher.Node(RunSamples.Tails(new TailPlan(tree, [], 5, 4), pnl), Bases(tree), 0));
    }

    private static NodeBases Bases(RunTree tree) =>
        NodeBases.Of(tree, Enumerable.Repeat(1, tree.Books.Length).ToArray(), new double[tree.Books.Length]);
}
