using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class ParametricFinisherTests
{
    private static readonly ImmutableArray<FactorName> Factors =
        [.. new[] { "EQ.SAP", "FX.EURUSD", "IDX.SP500", "IDX.VIX", "ZC.USD.1Y" }.Select(FactorName.Parse)];

    [Fact]
    public void The_two_asset_portfolio_of_Jorion_has_his_components()
    {
        // P. Jorion, Value at Risk (3rd edition 2007), section 7.2: 2 million CAD at 5 % and 1 million EUR at 12 %, uncorrelated, z = 1.65.
        var names = new[] { "FX.CADUSD", "FX.EURUSD" }.Select(FactorName.Parse).ToArray();
        var covariance = FactorCovariance.From(names, [0.05 * 0.05, 0, 0, 0.12 * 0.12]);
        var tree = RunSamples.Tree(books: 2, scope: "/A");
        var bumps = new BumpScenarioSet(names, [], new BumpSteps(), ScenarioRules.VixConstantMoneyness);
        var risk = Finisher(tree, bumps, covariance, [[2e6, 0], [0, 1e6]], [], new ParametricOptions([1], [new ParametricLevel(null, 1.65m)], Decompose: true)).Node(0);
        var measure = risk.Measures.Single(m => m.Approximation == "delta-normal");
        Assert.Equal(257_738, measure.ValueAtRisk, 0.5);
        Assert.Equal([105_630, 152_108], measure.Children.Select(c => Math.Round(c.ComponentVar!.Value)));
        Assert.Equal([165_000, 198_000], measure.Children.Select(c => Math.Round(c.StandaloneVar!.Value)));

        // Table 7-1: incremental risk is what selling the position saves.
        Assert.Equal([257_738 - 198_000, 257_738 - 165_000], measure.Children.Select(c => Math.Round(c.IncrementalVar!.Value)));
        Assert.Equal(0.0528, measure.Children[0].MarginalVar!.Value, 5e-5);
        Assert.Equal(0.1521, measure.Children[1].MarginalVar!.Value, 5e-5);
    }

    [Fact]
    public void Components_by_child_and_by_class_add_up_and_sensitivities_come_back()
    {
        var (tree, bumps, covariance, deltas, gammas) = Sample();
        var options = new ParametricOptions([1, 10], [new ParametricLevel(0.99m, null), new ParametricLevel(null, 2m)], Decompose: true);
        foreach (var node in Finisher(tree, bumps, covariance, deltas, gammas, options).All().Where(n => !n.IsEmpty))
        {
            Assert.Null(node.Failure);
            Assert.Equal(16, node.Measures.Length);
            foreach (var measure in node.Measures)
            {
                if (!measure.Approximation.StartsWith("delta-gamma-n", StringComparison.Ordinal) && measure.Approximation != "delta-normal")
                {
                    Assert.Empty(measure.Children);
                    Assert.Empty(measure.Classes);
                    continue;
                }

                foreach (var parts in new[] { measure.Children, measure.Classes }.Where(p => !p.IsEmpty))
                {
                    Assert.Equal(measure.ValueAtRisk, parts.Aggregate(0.0, (sum, p) => sum + p.ComponentVar!.Value), 1e-9 * Math.Abs(measure.ValueAtRisk));
                    Assert.Equal(measure.ExpectedShortfall, parts.Aggregate(0.0, (sum, p) => sum + p.ComponentEs!.Value), 1e-9 * Math.Abs(measure.ExpectedShortfall));
                }

                Assert.Equal(["fx", "rates", "spot", "volatility"], measure.Classes.Select(c => c.Name));
            }
        }

        var book = tree.Nodes[tree.Books[0]].Index;
        var found = Finisher(tree, bumps, covariance, deltas, gammas, options).Node(book).Sensitivities!;
        for (var i = 0; i < Factors.Length; i++)
            Assert.Equal(deltas[0][i], found.Delta[i], 1e-6 * Math.Abs(deltas[0][i]));
    }

    [Fact]
    public void Incremental_risk_is_the_difference_of_two_full_runs()
    {
        var (tree, bumps, covariance, deltas, gammas) = Sample();
        var options = new ParametricOptions([1], [new ParametricLevel(0.95m, null)], Decompose: true);
        var desk = tree.Nodes[1];
        var whole = Finisher(tree, bumps, covariance, deltas, gammas, options).Node(desk.Index).Measures[1];
        foreach (var (child, part) in desk.Children.Zip(whole.Children))
        {
            // A book with nothing in it adds zeros: the run without the child.
            var others = deltas.Select((d, b) => tree.Books[b] == child ? new double[d.Length] : d).ToArray();
            var otherGammas = gammas.Select((g, b) => tree.Books[b] == child ? new double[g.Length] : g).ToArray();
            var without = Finisher(tree, bumps, covariance, others, otherGammas, options).Node(desk.Index).Measures[1];
            Assert.Equal("delta-gamma-normal", without.Approximation);
            Assert.Equal(whole.ValueAtRisk - without.ValueAtRisk, part.IncrementalVar!.Value, 1e-12 * Math.Abs(whole.ValueAtRisk));
            Assert.Equal(whole.ExpectedShortfall - without.ExpectedShortfall, part.IncrementalEs!.Value, 1e-12 * Math.Abs(whole.ExpectedShortfall));
        }
    }

    [Fact]
    public void Ten_days_are_the_root_of_ten_without_gamma_and_a_bad_expansion_has_a_caveat()
    {
        var (tree, bumps, covariance, deltas, _) = Sample();
        var options = new ParametricOptions([1, 10], [new ParametricLevel(0.99m, null)], Decompose: false);
        var linear = Finisher(tree, bumps, covariance, deltas, [], options).Node(0);
        var (day, days) = (linear.Measures[0], linear.Measures[4]);
        Assert.Equal((1, 10), (day.HorizonDays, days.HorizonDays));
        Assert.Equal(Math.Sqrt(10) * day.ValueAtRisk, days.ValueAtRisk, 1e-9 * days.ValueAtRisk);
        Assert.All(linear.Measures, m => Assert.Null(m.Caveat));

        // Nothing but gamma of one factor: a chi-square of one degree, far outside the expansion's domain.
        var pure = new double[Factors.Length * Factors.Length];
        pure[0] = -1e7;
        var curved = Finisher(tree, bumps, covariance, deltas.Select(d => new double[d.Length]).ToArray(), deltas.Select(_ => pure).ToArray(), options).Node(0);
        Assert.Contains("not monotone", curved.Measures.First(m => m.Approximation == "cornish-fisher").Caveat, StringComparison.Ordinal);
        var exact = curved.Measures.First(m => m.Approximation == "delta-gamma-exact");

        // Each of the five books loses ½·1e7·σ²·χ²; the 99 % quantile of chi-square with one degree is 6.634897 (A&S, table 26.8).
        Assert.Equal(tree.Books.Length * 0.5 * 1e7 * covariance[0, 0] * 6.634897, exact.ValueAtRisk, 1e-5 * exact.ValueAtRisk);
    }

    [Fact]
    public void Empty_and_failed_nodes_are_answers()
    {
        var (tree, bumps, covariance, deltas, gammas) = Sample();
        deltas[0][0] = double.NaN;
        var all = Finisher(tree, bumps, covariance, deltas, gammas, new ParametricOptions([1], [new ParametricLevel(0.99m, null)], Decompose: true)).All();
        Assert.NotNull(all[0].Failure);
        Assert.Empty(all[0].Measures);
        var empty = all[^1];
        Assert.True(empty.IsEmpty);
        Assert.All(empty.Measures, m => Assert.Equal((0.0, 0.0), (m.ValueAtRisk, m.ExpectedShortfall)));
    }

    private static (RunTree Tree, BumpScenarioSet Bumps, FactorCovariance Covariance, double[][] Deltas, double[][] Gammas) Sample()
    {
        var random = new Random(4601);
        var n = Factors.Length;
        var root = Enumerable.Range(0, n * n).Select(_ => 0.02 * (random.NextDouble() - 0.4)).ToArray();
        var covariance = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                for (var k = 0; k < n; k++)
                    covariance[(i * n) + j] += root[(i * n) + k] * root[(j * n) + k];
                covariance[(j * n) + i] = covariance[(i * n) + j];
            }
        }

        var tree = RunSamples.Tree(books: 3);
        var deltas = tree.Books.Select(_ => Enumerable.Range(0, n).Select(_ => 1e5 * (random.NextDouble() - 0.3)).ToArray()).ToArray();
        var gammas = tree.Books.Select(_ =>
        {
            var gamma = new double[n * n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j <= i; j++)
                    gamma[(i * n) + j] = gamma[(j * n) + i] = 1e6 * (random.NextDouble() - 0.5);
            }

            return gamma;
        }).ToArray();
        var pairs = Enumerable.Range(0, n).SelectMany(i => Enumerable.Range(0, i).Select(j => (Factors[j], Factors[i])));
        return (tree, new BumpScenarioSet(Factors, pairs, new BumpSteps(), ScenarioRules.VixConstantMoneyness), FactorCovariance.From(Factors, covariance), deltas, gammas);
    }

    /// <summary>Books whose P&amp;L is δ'x + ½x'Γx exactly, under the bumps.</summary>
    private static ParametricFinisher Finisher(
        RunTree tree, BumpScenarioSet bumps, FactorCovariance covariance, double[][] deltas, double[][] gammas, ParametricOptions options)
    {
        var n = bumps.Drivers.Length;
        var block = bumps.Block(0, bumps.Count);
        var pnl = deltas.Select((delta, book) => new[] { Enumerable.Range(0, bumps.Count).Select(s =>
        {
            var sum = 0.0;
            for (var i = 0; i < n; i++)
            {
                sum += delta[i] * block.Moves(i)[s];
                for (var j = 0; j < n && gammas.Length > 0; j++)
                    sum += 0.5 * gammas[book][(i * n) + j] * block.Moves(i)[s] * block.Moves(j)[s];
            }

            return sum;
        }).ToArray() }).ToArray();
        var tails = RunSamples.Tails(new TailPlan(tree, [], bumps.Count, bumps.Count), pnl);
        var values = deltas.Select(d => d.Aggregate(0.0, (sum, x) => sum + x)).ToArray();
        var bases = NodeBases.Of(tree, Enumerable.Repeat(1, tree.Books.Length).ToArray(), values);
        return new ParametricFinisher(tails, bases, bumps, covariance, options);
    }
}
