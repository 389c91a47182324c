using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class BacktestFinisherTests
{
    private const int Seed = 4501;
    private static readonly ImmutableArray<decimal> Confidences = [0.95m, 0.99m];

    [Theory]
    [InlineData(QuantileRule.Floor, false)]
    [InlineData(QuantileRule.Floor, true)]
    [InlineData(QuantileRule.HarrellDavis, false)]
    public void Each_day_is_tested_against_the_window_before_it(QuantileRule rule, bool rounded)
    {
        const int scenarios = 400;
        const int days = 150;
        const int window = 60;
        var tree = RunSamples.Tree(books: 2);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed, rounded);
        var tails = RunSamples.Tails(new TailPlan(tree, [], scenarios, scenarios), pnl);
        foreach (var node in tree.Nodes)
        {
            var vector = RunSamples.Vector(tree, pnl, node.Index);
            var backtest = BacktestFinisher.Node(tails, Bases(tree), new BacktestOptions(days, window, Confidences, rule), node.Index);
            foreach (var (measure, q) in backtest.Measures.Zip(Confidences))
            {
                var expected = new List<BacktestException>();
                var (valueAtRisk, shortfall) = (new double[days], new double[days]);
                for (var t = 0; t < days; t++)
                {
                    var at = scenarios - days + t;
                    var before = SortedLosses.OfLossTail(vector.AsSpan(at - window, window)).Measure(q, rule);
                    (valueAtRisk[t], shortfall[t]) = (before.ValueAtRisk, before.ExpectedShortfall);
                    if (-vector[at] > before.ValueAtRisk)
                        expected.Add(new BacktestException(at, -vector[at], before.ValueAtRisk));
                }

                Assert.Equal(expected, measure.Exceptions);
                Assert.Equal((q, days, (double)((1 - q) * days)), (measure.Confidence, measure.Observations, measure.ExpectedExceptions));
                Assert.Equal(ExceptionTests.Kupiec(days, expected.Count, (double)(1 - q)), measure.Kupiec);
                Assert.Equal(TrafficLight.Of(days, expected.Count, (double)(1 - q)), measure.TrafficLight);
                if (node.Path != "/C")
                    Assert.Equal(ShortfallBacktest.Of(vector.AsSpan(scenarios - days), valueAtRisk, shortfall, (double)(1 - q)), measure.Shortfall);
                Assert.Equal(measure.Kupiec.Statistic + measure.Independence.Statistic, measure.ConditionalCoverage.Statistic);
            }
        }
    }

    [Fact]
    public void Seventeen_exceptions_in_1043_days_at_99_percent_have_the_known_likelihood_ratio()
    {
        // P. H. Kupiec's LR for (N, x, p) = (1043, 17, 1 %) is 3.5118.
        const int window = 250;
        const int days = 1_043;
        var pnl = Enumerable.Range(0, window + days).Select(i => i % 2 == 0 ? -1.0 : 1.0).ToArray();
        for (var k = 0; k < 17; k++)
            pnl[window + (k * 61)] = -(2.0 + k);
        var tree = RunSamples.Tree(books: 1, scope: "/A/N000");
        var tails = RunSamples.Tails(new TailPlan(tree, [], pnl.Length, pnl.Length), [[pnl]]);
        var measure = Assert.Single(BacktestFinisher.Node(tails, Bases(tree), new BacktestOptions(days, window, [0.99m], QuantileRule.Floor), 0).Measures);
        Assert.Equal(17, measure.Exceptions.Length);
        Assert.Equal(3.5118, measure.Kupiec.Statistic, 5e-5);
    }

    [Fact]
    public void A_history_that_is_too_short_is_refused_with_what_it_would_serve()
    {
        var tree = RunSamples.Tree(books: 1);
        var tails = RunSamples.Tails(new TailPlan(tree, [], 100, 100), RunSamples.Pnl(tree, 1, 100, Seed));
        NodeBacktest Run(int days, int window) => BacktestFinisher.Node(tails, Bases(tree), new BacktestOptions(days, window, Confidences, QuantileRule.Floor), 0);
        Assert.NotEmpty(Run(60, 40).Measures);
        var refusal = Assert.Throws<ValidationException>(() => Run(61, 40));
        Assert.Equal(("backtest.days", "61 days with 40 entries before each need 101 valid days of history; there are 100, which serve 60"), (refusal.Field, refusal.Reason));
        Assert.Throws<ValidationException>(() => Run(1, 40));
        Assert.Throws<ValidationException>(() => Run(10, 1));
    }

    [Fact]
    public void A_node_that_never_moves_has_no_exceptions_and_no_shortfall_to_test()
    {
        var tree = RunSamples.Tree(books: 1);
        var pnl = RunSamples.Pnl(tree, 1, 100, Seed);
        pnl[0][0][5] = double.NaN;
        var tails = RunSamples.Tails(new TailPlan(tree, [], 100, 100), pnl);
        var options = new BacktestOptions(50, 50, Confidences, QuantileRule.Floor);
        var empty = BacktestFinisher.Node(tails, Bases(tree), options, 7);
        Assert.True(empty.IsEmpty);
        Assert.All(empty.Measures, m => Assert.Equal((0, null), (m.Exceptions.Length, m.Shortfall)));
        Assert.Equal("its P&L in scenario 5 is beyond the range of double precision", BacktestFinisher.Node(tails, Bases(tree), options, 0).Failure);
    }

    [Fact]
    public void Sensitivities_that_are_the_whole_truth_pass_the_attribution_test_and_wrong_ones_do_not()
    {
        const int days = 250;
        var set = Moves.Random(400, Seed);
        var sensitivities = new FactorSensitivities(
            [FactorName.Parse("EQ.SAP"), FactorName.Parse("IDX.SP500")], [1_000, -400], [new FactorGamma(0, 0, 5_000), new FactorGamma(0, 1, -900)]);
        var block = set.Block(0, set.Count);
        var pnl = new double[set.Count];
        for (var s = 0; s < pnl.Length; s++)
            pnl[s] = sensitivities.Pnl([block.Moves(set.DriverIndex(sensitivities.Factors[0]))[s], block.Moves(set.DriverIndex(sensitivities.Factors[1]))[s]]);
        var tree = RunSamples.Tree(books: 1, scope: "/A/N000");
        var tails = RunSamples.Tails(new TailPlan(tree, [], pnl.Length, pnl.Length), [[pnl]]);
        var right = BacktestFinisher.Attribution(tails, 0, sensitivities, set, days)!.Value;
        Assert.Equal((days, 1.0, 0.0, Zone.Green), (right.Days, right.Spearman!.Value, right.KolmogorovSmirnov, right.Zone));
        var wrong = BacktestFinisher.Attribution(tails, 0, sensitivities with { Delta = [-1_000, 0] }, set, days)!.Value;
        Assert.Equal(Zone.Red, wrong.Zone);
        Assert.Throws<ArgumentException>(() => BacktestFinisher.Attribution(
            tails, 0, sensitivities with { Factors = [FactorName.Parse("EQ.SAP"), FactorName.Parse("EQ.XYZ")] }, set, days));
        Assert.Throws<ArgumentException>(() => BacktestFinisher.Attribution(tails, 0, sensitivities, set, 401));
    }

    private static NodeBases Bases(RunTree tree) =>
        NodeBases.Of(tree, Enumerable.Repeat(1, tree.Books.Length).ToArray(), new double[tree.Books.Length]);
}
