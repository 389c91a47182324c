using System.Collections.Immutable;
using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

/// <summary>Monte Carlo, from the drawn moves through tails to the measures of a node, against what is known in closed form.</summary>
public sealed class ConvergenceTests
{
    private const ulong FirstSeed = 20_260_130;
    private const int Samples = 300;

    private static readonly FactorName[] Drivers = BlockBits.Names("EQ.AAPL", "EQ.XOM", "IDX.SP500", "IDX.VIX", "ZC.USD.1Y", "ZC.USD.10Y", "FX.EURUSD");

    // P&L of a one unit move, per driver and book.
    private static readonly double[][] Exposures =
    [
        [1.0e6, 0, 2.0e6, -1.0e5, 4.0e6, 0, 0],
        [0, -5.0e5, 0, 2.0e5, 0, -9.0e6, 3.0e5],
        [2.0e5, 1.0e5, -8.0e5, 0, 0, 2.0e6, -1.0e6],
    ];

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void The_interval_of_a_linear_portfolio_holds_the_closed_form_as_often_as_it_says(int? degrees, bool antithetic)
    {
        const int Paths = 4_000;
        const decimal Confidence = 0.975m;
        var firm = new double[Drivers.Length];
        foreach (var book in Exposures)
        {
            for (var d = 0; d < firm.Length; d++)
                firm[d] += book[d];
        }

        var (held, sum, errors) = (0, 0.0, 0.0);
        var closed = double.NaN;
        for (var sample = 0; sample < Samples; sample++)
        {
            var options = new MonteCarloOptions { Paths = Paths, Seed = FirstSeed + (ulong)sample, DegreesOfFreedom = degrees, Antithetic = antithetic };
            var set = ScenarioSet.MonteCarlo(Panels.Real, Drivers, options);
            closed = Deviation(set, firm) * (degrees is { } nu
                ? Math.Sqrt((nu - 2.0) / nu) * StudentT.Quantile((double)Confidence, nu)
                : Elementary.InverseNormalCdf((double)Confidence));
            var measure = Measure(set, Exposures.Select(e => Linear(set, e)).ToArray(), Confidence, antithetic);
            held += measure.Interval is { } interval && interval.Lower <= closed && closed <= interval.Upper ? 1 : 0;
            sum += measure.ValueAtRisk;
            errors += measure.ValueAtRisk * measure.ValueAtRisk;
        }

        var mean = sum / Samples;
        var scatter = Math.Sqrt(((errors / Samples) - (mean * mean)) / Samples);
        var said = $"seeds from {FirstSeed}: {held} of {Samples} intervals hold {closed:N0}; the mean is {mean:N0}";

        // Three standard deviations of 300 draws at 95 %: 0.038. The order statistic itself is off by less than one rank in a hundred.
        Assert.True(held >= 0.912 * Samples, said);
        Assert.True(held < 0.995 * Samples, said);
        Assert.True(Math.Abs(mean - closed) < (5 * scatter) + (0.01 * closed), said);
    }

    // A position that loses ½γx² in one normal factor: its quantile is ½γσ² times that of chi-square with one degree of freedom (3.841 at 95 %,
    // Abramowitz and Stegun, table 26.8); with two such factors of equal risk −γσ²·ln(1 − q).
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_quadratic_portfolio_converges_on_its_chi_square(int factors)
    {
        const int Paths = 400_000;
        const double Gamma = 2.0e6;
        var names = BlockBits.Names("IDX.SP500", "EQ.XOM")[..factors];
        var set = ScenarioSet.MonteCarlo(Panels.Real, names, new MonteCarloOptions { Paths = Paths, Seed = FirstSeed });
        var block = set.Block(0, Paths);

        // The second factor is made independent of the first and as wide: what is left of it without the first.
        var pnl = new double[Paths];
        var variance = set.Covariance[0, 0];
        for (var p = 0; p < Paths; p++)
        {
            var x = block.Moves(0)[p];
            pnl[p] = -0.5 * Gamma * x * x;
            if (factors == 2)
            {
                var slope = set.Covariance[0, 1] / variance;
                var rest = set.Covariance[1, 1] - (slope * set.Covariance[0, 1]);
                var y = (block.Moves(1)[p] - (slope * x)) * Math.Sqrt(variance / rest);
                pnl[p] -= 0.5 * Gamma * y * y;
            }
        }

        const decimal Confidence = 0.95m;
        var closed = 0.5 * Gamma * variance * (factors == 1 ? 3.841458820694124 : 5.991464547107979);
        var measure = Measure(set, [pnl], Confidence, antithetic: false);
        Assert.True(measure.Interval is { } i && i.Lower <= closed && closed <= i.Upper, $"seed {FirstSeed}: {measure.Interval} around {measure.ValueAtRisk:N2}, the closed form is {closed:N2}");
        Assert.Equal(closed, measure.ValueAtRisk, 0.01 * closed);
    }

    private static RiskMeasure Measure(ScenarioSet set, double[][] books, decimal confidence, bool antithetic)
    {
        var nodes = new List<HierarchyNode> { new(NodeId.Parse("FIRM"), NodeKind.Desk, string.Empty, null) };
        nodes.AddRange(books.Select((_, b) => new HierarchyNode(NodeId.Parse($"B{b}"), NodeKind.Book, $"B{b}", NodeId.Parse("FIRM"))));
        var tree = RunTree.Of(new Hierarchy(nodes), "/", withoutChildren: false);
        ImmutableArray<decimal> confidences = [confidence];
        var options = new VarOptions(confidences, QuantileRule.Floor) { IntervalLevel = 0.95m, Antithetic = antithetic };
        var plan = new TailPlan(tree, [], set.Count, TailDepth.Of(set.Count, confidences.AsSpan(), QuantileRule.Floor, 0.95m, antithetic));
        var tails = RunSamples.Tails(plan, [.. books.Select(b => new[] { b })], 1_024);
        var bases = NodeBases.Of(tree, [.. books.Select(_ => 1)], [.. books.Select(_ => 0.0)]);
        return Assert.Single(new VarFinisher(tails, bases, options).Node(0).Measures);
    }

    private static double[] Linear(ScenarioSet set, double[] exposures)
    {
        var block = set.Block(0, set.Count);
        var pnl = new double[set.Count];
        for (var d = 0; d < Drivers.Length; d++)
        {
            var moves = block.Moves(set.DriverIndex(Drivers[d]));
            for (var s = 0; s < pnl.Length; s++)
                pnl[s] += exposures[d] * moves[s];
        }

        return pnl;
    }

    private static double Deviation(MonteCarloScenarioSet set, double[] exposures)
    {
        var variance = 0.0;
        for (var i = 0; i < Drivers.Length; i++)
        {
            for (var j = 0; j < Drivers.Length; j++)
                variance += exposures[i] * exposures[j] * set.Covariance[set.DriverIndex(Drivers[i]), set.DriverIndex(Drivers[j])];
        }

        return Math.Sqrt(variance);
    }
}
