using System.Collections.Immutable;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class VarFinisherTests
{
    private const int Seed = 4101;
    private static readonly ImmutableArray<decimal> Confidences = [0.95m, 0.975m, 0.99m];

    [Theory]
    [InlineData(QuantileRule.Floor)]
    [InlineData(QuantileRule.Linear)]
    [InlineData(QuantileRule.HarrellDavis)]
    public void Measures_from_tails_are_those_of_the_whole_vector(QuantileRule rule)
    {
        const int scenarios = 1_200;
        var tree = RunSamples.Tree();
        var options = new VarOptions(Confidences, rule) { IntervalLevel = 0.95m, Decompose = true };
        var plan = new TailPlan(tree, RunSamples.Classes(3), scenarios, TailDepth.Of(scenarios, Confidences.AsSpan(), rule, 0.95m, antithetic: false));
        Assert.False(plan.IsWhole);
        var pnl = RunSamples.Pnl(tree, plan.Masks, scenarios, Seed);
        var finisher = new VarFinisher(RunSamples.Tails(plan, pnl, 250), Bases(tree), options);
        var whole = new TailPlan(tree, plan.Classes, scenarios, scenarios);
        var fromWhole = new VarFinisher(RunSamples.Tails(whole, pnl), Bases(tree), options);
        foreach (var node in tree.Nodes)
        {
            var risk = finisher.Node(node.Index);
            Assert.Null(risk.Failure);
            Assert.Equal(scenarios, risk.EffectiveScenarios);
            var sorted = SortedLosses.OfLossTail(RunSamples.Vector(tree, pnl, node.Index));
            foreach (var (measure, q) in risk.Measures.Zip(Confidences))
            {
                var expected = sorted.Measure(q, rule);
                Assert.Equal((q, expected.ValueAtRisk, expected.ExpectedShortfall), (measure.Confidence, measure.ValueAtRisk, measure.ExpectedShortfall));
            }

            Assert.Equal(Text(fromWhole.Node(node.Index)), Text(risk));
        }
    }

    [Theory]
    [InlineData(QuantileRule.Floor, 0.0)]
    [InlineData(QuantileRule.Linear, 0.0)]
    [InlineData(QuantileRule.HarrellDavis, 0.0)]
    [InlineData(QuantileRule.Floor, 0.99)]
    [InlineData(QuantileRule.HarrellDavis, 0.99)]
    public void Components_add_up_at_every_node(QuantileRule rule, double decay)
    {
        const int scenarios = 800;
        var tree = RunSamples.Tree(books: 7);
        var plan = new TailPlan(tree, RunSamples.Classes(4), scenarios, scenarios);
        var pnl = RunSamples.Pnl(tree, plan.Masks, scenarios, Seed + 1);
        var options = new VarOptions(Confidences, rule) { Decompose = true, Weights = decay > 0 ? Decaying(scenarios, decay) : [] };
        foreach (var risk in new VarFinisher(RunSamples.Tails(plan, pnl), Bases(tree), options).All())
        {
            foreach (var measure in risk.Measures)
            {
                if (!measure.Children.IsEmpty)
                    AddsUp(measure, measure.Children);
                AddsUp(measure, measure.Classes);
                Assert.Equal(["spot", "volatility", "rates", "fx", "interaction"], measure.Classes.Select(c => c.Name));
            }
        }
    }

    [Fact]
    public void Incremental_risk_is_the_difference_of_two_full_runs()
    {
        const int scenarios = 900;
        var tree = RunSamples.Tree(books: 5);
        var plan = new TailPlan(tree, [], scenarios, 120);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed + 2);
        var all = new VarFinisher(RunSamples.Tails(plan, pnl), Bases(tree), new VarOptions([0.95m], QuantileRule.Floor)).All();
        foreach (var node in tree.Nodes)
        {
            var measure = Assert.Single(all[node.Index].Measures);
            Assert.Equal(node.Children.Length, measure.Children.Length);
            foreach (var (child, part) in node.Children.Zip(measure.Children))
            {
                var without = SortedLosses.OfLossTail(RunSamples.Vector(tree, pnl, node.Index, without: child)).Measure(0.95m);
                Assert.Equal(tree.Nodes[child].Path, part.Name);
                Assert.Equal(measure.ValueAtRisk - without.ValueAtRisk, part.IncrementalVar);
                Assert.Equal(measure.ExpectedShortfall - without.ExpectedShortfall, part.IncrementalEs);
                Assert.Equal(all[child].Measures[0].ValueAtRisk, part.StandaloneVar);
                Assert.Null(part.ComponentVar);
            }
        }
    }

    [Fact]
    public void A_child_s_component_value_at_risk_is_its_own_loss_in_the_scenario_that_carries_the_node_s()
    {
        var tree = RunSamples.Tree(books: 3);
        var plan = new TailPlan(tree, RunSamples.Classes(1), 400, 30);
        var pnl = RunSamples.Pnl(tree, 2, 400, Seed + 3);
        var bases = Bases(tree);
        var desk = tree.Nodes[1];
        var measure = Assert.Single(
            new VarFinisher(RunSamples.Tails(plan, pnl), bases, new VarOptions([0.95m], QuantileRule.Floor) { Decompose = true }).Node(desk.Index).Measures);
        var carrier = Assert.Single(measure.Scenarios);
        Assert.Equal(0.0 - RunSamples.Vector(tree, pnl, desk.Index)[carrier], measure.ValueAtRisk);
        foreach (var (child, part) in desk.Children.Zip(measure.Children))
        {
            var loss = 0.0 - RunSamples.Vector(tree, pnl, child)[carrier];
            Assert.Equal(loss, part.ComponentVar);
            Assert.Equal(bases.Values[child] == 0 ? null : loss / bases.Values[child], part.MarginalVar);
        }

        Assert.Null(measure.Children[0].MarginalEs);
        Assert.Equal(0.0 - RunSamples.Vector(tree, pnl, desk.Index, mask: 1)[carrier], measure.Classes[0].ComponentVar);
        Assert.Equal(SortedLosses.OfLossTail(RunSamples.Vector(tree, pnl, desk.Index, mask: 1)).Measure(0.95m).ValueAtRisk, measure.Classes[0].StandaloneVar);
    }

    [Fact]
    public void Weighted_scenarios_take_each_vector_s_own_order_of_weights()
    {
        const int scenarios = 500;
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, [], scenarios, scenarios);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed + 4);
        var weights = Decaying(scenarios, 0.98);
        var all = new VarFinisher(RunSamples.Tails(plan, pnl), Bases(tree), new VarOptions(Confidences, QuantileRule.Floor) { Weights = weights, IntervalLevel = 0.95m }).All();
        foreach (var node in tree.Nodes)
        {
            var sorted = SortedLosses.OfLossTail(RunSamples.Vector(tree, pnl, node.Index), weights.AsSpan());
            foreach (var (measure, q) in all[node.Index].Measures.Zip(Confidences))
            {
                var expected = sorted.Measure(q);
                Assert.Equal((expected.ValueAtRisk, expected.ExpectedShortfall, null), (measure.ValueAtRisk, measure.ExpectedShortfall, measure.Interval));
                Assert.Equal(ScenarioWeights.EffectiveNumber(weights.AsSpan()), all[node.Index].EffectiveScenarios, 1e-9);
            }
        }

        Assert.Throws<ArgumentException>(() => new VarFinisher(
            RunSamples.Tails(new TailPlan(tree, [], scenarios, 100), pnl), Bases(tree), new VarOptions(Confidences, QuantileRule.Floor) { Weights = weights }));
    }

    [Fact]
    public void Tails_that_are_too_shallow_are_refused()
    {
        var tree = RunSamples.Tree(books: 2);
        var tails = RunSamples.Tails(new TailPlan(tree, [], 500, 25), RunSamples.Pnl(tree, 1, 500, Seed));
        Assert.NotEmpty(new VarFinisher(tails, Bases(tree), new VarOptions([0.95m], QuantileRule.Floor)).All());
        Assert.Throws<ArgumentException>(() => new VarFinisher(tails, Bases(tree), new VarOptions([0.94m], QuantileRule.Floor)));
        Assert.Throws<ArgumentException>(() => new VarFinisher(tails, Bases(tree), new VarOptions([0.95m], QuantileRule.Floor) { IntervalLevel = 0.95m }));
    }

    [Fact]
    public void A_node_without_trades_has_zeros_and_says_that_it_is_empty()
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, RunSamples.Classes(2), 300, 40);
        var empty = new VarFinisher(
            RunSamples.Tails(plan, RunSamples.Pnl(tree, 3, 300, Seed)), Bases(tree), new VarOptions([0.95m], QuantileRule.Floor) { Decompose = true, IntervalLevel = 0.9m }).Node(8);
        Assert.Equal("/C", tree.Nodes[8].Path);
        Assert.True(empty.IsEmpty);
        var measure = Assert.Single(empty.Measures);
        Assert.Equal((0.0, 0.0, 0.0), (measure.ValueAtRisk, measure.ExpectedShortfall, measure.ShortfallStandardError));
        Assert.Equal((0.0, 0.0), (measure.Interval!.Lower, measure.Interval.Upper));
        Assert.All(measure.Classes, c => Assert.Equal((0.0, 0.0), (c.ComponentVar, c.ComponentEs)));
    }

    [Theory]
    [InlineData(QuantileRule.Floor)]
    [InlineData(QuantileRule.Linear)]
    [InlineData(QuantileRule.HarrellDavis)]
    public void One_scenario_is_its_own_quantile(QuantileRule rule)
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, RunSamples.Classes(1), 1, 1);
        var pnl = RunSamples.Pnl(tree, 2, 1, Seed + 6);
        var options = new VarOptions([0.5m, 0.99m], rule) { Decompose = true, IntervalLevel = 0.95m };
        var firm = new VarFinisher(RunSamples.Tails(plan, pnl), Bases(tree), options).Node(0);
        var loss = 0.0 - RunSamples.Vector(tree, pnl, 0)[0];
        foreach (var measure in firm.Measures)
        {
            Assert.Equal((loss, loss), (measure.ValueAtRisk, measure.ExpectedShortfall));

            // One loss lies above its 99 % quantile in one case of a hundred: a lower end, and no upper one.
            Assert.Equal((measure.Confidence == 0.5m ? null : loss, null), (measure.Interval!.Lower, measure.Interval.Upper));
            AddsUp(measure, measure.Children);
        }
    }

    [Fact]
    public void A_failed_node_says_why_and_its_siblings_keep_their_numbers()
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, RunSamples.Classes(1), 300, 40);
        var pnl = RunSamples.Pnl(tree, 2, 300, Seed);
        pnl[0][0][7] = double.NaN;
        pnl[3][1][9] = double.PositiveInfinity;
        var all = new VarFinisher(RunSamples.Tails(plan, pnl), Bases(tree), new VarOptions([0.95m], QuantileRule.Floor) { Decompose = true }).All();
        Assert.Equal("its P&L in scenario 7 is beyond the range of double precision", all[0].Failure);
        Assert.Empty(all[0].Measures);
        Assert.Null(all[4].Failure);

        // Desk B lives, but with only spot moving one of its books does not.
        var spot = Assert.Single(all[4].Measures[0].Classes);
        Assert.Equal(("spot", null, null), (spot.Name, spot.ComponentVar, spot.StandaloneVar));
    }

    [Fact]
    public void Intervals_of_antithetic_paths_count_pairs()
    {
        const int scenarios = 4_000;
        var tree = RunSamples.Tree(books: 1, scope: "/A/N000");
        var depth = TailDepth.Of(scenarios, [0.95m], QuantileRule.Floor, 0.95m, antithetic: true);
        var random = new Random(Seed);
        var pnl = new double[scenarios];
        for (var i = 0; i < scenarios; i += 2)
        {
            // A straddle: both paths of a pair gain and lose together.
            var z = (random.NextDouble() - 0.5) * 10;
            (pnl[i], pnl[i + 1]) = (25 - (z * z), 25 - (z * z) - 1e-9);
        }

        RiskMeasure Measure(bool antithetic) => Assert.Single(new VarFinisher(
            RunSamples.Tails(new TailPlan(tree, [], scenarios, depth), [[pnl]]), Bases(tree),
            new VarOptions([0.95m], QuantileRule.Floor) { IntervalLevel = 0.95m, Antithetic = antithetic }).Node(0).Measures);
        var (pairs, single) = (Measure(true), Measure(false));
        var ratio = (pairs.Interval!.Upper - pairs.Interval.Lower) / (single.Interval!.Upper - single.Interval.Lower);
        Assert.InRange(ratio!.Value, 1.2, 1.7);
        Assert.InRange(pairs.ShortfallStandardError!.Value / single.ShortfallStandardError!.Value, 1.3, 1.5);
    }

    private static void AddsUp(RiskMeasure measure, ImmutableArray<RiskComponent> parts)
    {
        var (valueAtRisk, shortfall, scale) = (0.0, 0.0, 1.0);
        foreach (var part in parts)
        {
            valueAtRisk += part.ComponentVar!.Value;
            shortfall += part.ComponentEs!.Value;
            scale = Math.Max(scale, Math.Abs(part.ComponentVar.Value));
        }

        Assert.Equal(measure.ValueAtRisk, valueAtRisk, 1e-12 * scale);
        Assert.Equal(measure.ExpectedShortfall, shortfall, 1e-12 * scale);
    }

    private static ImmutableArray<double> Decaying(int scenarios, double decay)
    {
        var weights = new double[scenarios];
        var weight = 1.0;
        for (var i = scenarios - 1; i >= 0; i--, weight *= decay)
            weights[i] = weight;
        return [.. weights];
    }

    private static NodeBases Bases(RunTree tree) => NodeBases.Of(
        tree, Enumerable.Repeat(3, tree.Books.Length).ToArray(), [.. Enumerable.Range(0, tree.Books.Length).Select(i => 100.0 * i)]);

    private static string Text(NodeRisk risk) => System.Text.Json.JsonSerializer.Serialize(risk);
}
