using System.Globalization;

namespace RiskGrid.Risk.Tests.Measures;

public sealed class TailWeightsTests
{
    private static readonly QuantileRule[] Rules = Enum.GetValues<QuantileRule>();

    // Weights are integrals of beta distributions: what the rule promises of them.
    private const double WeightTolerance = 1e-12;

    // F_(i+1) − F_i of the beta distribution with ((N+1)q, (N+1)(1−q)), and its mean over the levels from q to 1, with 25 digits (mpmath).
    [Theory]
    [InlineData(10, "0.9", 5, 0.0065048079893986507, 0.0019166016917252625)]
    [InlineData(10, "0.9", 7, 0.092756413444388852, 0.035369138477807117)]
    [InlineData(10, "0.9", 8, 0.26468870863527796, 0.12577014776462755)]
    [InlineData(10, "0.9", 9, 0.60741972962924768, 0.82757896403990805)]
    [InlineData(100, "0.99", 90, 5.5212543987006886e-5, 1.5402752687857618e-5)]
    [InlineData(100, "0.99", 95, 0.011181294123200843, 0.0038210594384569652)]
    [InlineData(100, "0.99", 98, 0.23554165050533793, 0.11442251407886924)]
    [InlineData(100, "0.99", 99, 0.62964415017493318, 0.83313413539906084)]
    [InlineData(250, "0.975", 230, 8.0340110226752368e-5, 9.1413212474999346e-6)]
    [InlineData(250, "0.975", 243, 0.15244310192730219, 0.053737766458118419)]
    [InlineData(250, "0.975", 248, 0.011063074532341794, 0.16042915606216315)]
    [InlineData(250, "0.975", 249, 0.00033483559152445401, 0.23604352180057658)]
    [InlineData(1000, "0.95", 930, 0.0016676564592843293, 8.1634454860412282e-5)]
    [InlineData(1000, "0.95", 950, 0.058164827858412063, 0.0096999510056049549)]
    [InlineData(1000, "0.95", 975, 3.2471973159428713e-6, 0.019979933864511049)]
    [InlineData(1000, "0.95", 999, 0.0, 0.02959515661244567)]
    [InlineData(5, "0.5", 0, 0.05792, 0.0091567024468541836)]
    [InlineData(5, "0.5", 2, 0.36512, 0.16702820013586045)]
    [InlineData(5, "0.5", 4, 0.05792, 0.48668737417351853)]
    [InlineData(1, "0.9", 0, 1.0, 1.0)]
    public void Harrell_and_Daviss_weights_are_shares_of_the_beta_distribution(int scenarios, string confidence, int position, double quantile, double shortfall)
    {
        var weights = TailWeights.Of(scenarios, Decimal(confidence), QuantileRule.HarrellDavis);
        Assert.Equal(quantile, weights.InValueAtRisk(position), WeightTolerance);
        Assert.Equal(shortfall, weights.InExpectedShortfall(position), WeightTolerance);

        // Equal weights that are given are the same rule, and at other sizes of the sample another branch of the code.
        var given = TailWeights.Of(Equal(scenarios, 0.3), Decimal(confidence), QuantileRule.HarrellDavis);
        Assert.Equal(quantile, given.InValueAtRisk(position), WeightTolerance);
        Assert.Equal(shortfall, given.InExpectedShortfall(position), WeightTolerance);
    }

    [Fact]
    public void A_dense_sample_has_the_weights_that_the_distribution_function_gives_it()
    {
        // From about 16 scenarios per standard deviation on, densities are integrated in place of differences of the distribution function.
        var dense = TailWeights.Of(40_000, 0.975m, QuantileRule.HarrellDavis);
        var plain = TailWeights.Of(Equal(40_000, 1), 0.975m, QuantileRule.HarrellDavis);
        for (var i = 38_500; i < 40_000; i++)
        {
            Assert.Equal(plain.InValueAtRisk(i), dense.InValueAtRisk(i), WeightTolerance);
            Assert.Equal(plain.InExpectedShortfall(i), dense.InExpectedShortfall(i), WeightTolerance);
        }

        // The beta distribution's mean is q, and a loss's number is half a scenario below its middle.
        var positions = Enumerable.Range(dense.First, dense.Count).Select(i => (double)i).ToArray();
        Assert.Equal((0.975 * 40_000) - 0.5, dense.ValueAtRisk(positions), 1e-6);
    }

    [Fact]
    public void Harrell_and_Davis_at_a_million_paths_needs_little_beyond_the_tail()
    {
        var weights = TailWeights.Of(1_000_000, 0.99m, QuantileRule.HarrellDavis);
        Assert.InRange(weights.Count, 10_000, 11_000);
        Assert.Equal(1, Enumerable.Range(weights.First, weights.Count).Sum(weights.InExpectedShortfall), 1e-12);
    }

    // x = 1..5: R's quantile(x, 0.9, type = 7) is 4.6. The broken line from 4.6 to 5 has the mean 4.8.
    [Theory]
    [InlineData("0.9", 4.6, 4.8)]
    [InlineData("0.5", 3, 4)]
    [InlineData("0.1", 1.4, 3.2)]
    [InlineData("0.999", 4.996, 4.998)]
    public void Linear_interpolation_is_type_7_and_its_shortfall_the_mean_of_its_quantiles(string confidence, double quantile, double shortfall)
    {
        double[] pnl = [-3, -1, -5, -2, -4];
        foreach (var losses in new[] { SortedLosses.OfLossTail(pnl), SortedLosses.OfLossTail(pnl, Equal(5, 0.2)) })
        {
            var measure = losses.Measure(Decimal(confidence), QuantileRule.Linear);
            Assert.Equal(quantile, measure.ValueAtRisk, 1e-12);
            Assert.Equal(shortfall, measure.ExpectedShortfall, 1e-12);
        }
    }

    [Fact]
    public void The_smooth_shortfalls_are_the_integrals_of_their_quantiles()
    {
        double[] weights = [1, 2, 0.5, 1, 3, 0.25, 1];
        double[] losses = [-4, -1, 0, 2, 3, 7, 20];
        foreach (var rule in new[] { QuantileRule.Linear, QuantileRule.HarrellDavis })
        {
            foreach (var scenarioWeights in new[] { [], weights })
            {
                const int Steps = 500;
                var sum = 0.0;
                for (var i = 0; i < Steps; i++)
                    sum += Quantile(0.8m + (0.2m * (i + 0.5m) / Steps));
                var tail = Weights(0.8m);
                Assert.Equal(sum / Steps, tail.ExpectedShortfall(losses.AsSpan(tail.First)), 1e-4);

                TailWeights Weights(decimal q) => scenarioWeights.Length == 0 ? TailWeights.Of(7, q, rule) : TailWeights.Of(scenarioWeights, q, rule);
                double Quantile(decimal q) => Weights(q) is var at ? at.ValueAtRisk(losses.AsSpan(at.First)) : 0;
            }
        }
    }

    [Fact]
    public void Weighted_floor_takes_the_first_loss_with_less_than_the_rest_beyond_it()
    {
        // Losses 1, 2, 3, 4 with weights 4, 3, 2, 1: beyond 3 lies 0.1 of the weight, beyond 2 lies 0.3.
        double[] pnl = [-4, -3, -2, -1];
        double[] weights = [1, 2, 3, 4];
        Assert.Equal(Measure("0.85"), new TailMeasure(3, (3 * 2 + 4) / 3.0, true));
        Assert.Equal(Measure("0.6"), new TailMeasure(2, (2 * 3 + 3 * 2 + 4) / 6.0, false));

        // A tie: exactly 1 − q beyond 3 is not less, as ⌊qN⌋ goes on to the next loss.
        Assert.Equal(4, Measure("0.9").ValueAtRisk);
        TailMeasure Measure(string q) => SortedLosses.OfLossTail(pnl, weights).Measure(Decimal(q));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.1)]
    [InlineData(1 / 3.0)]
    public void Equal_weights_that_are_given_take_the_losses_that_no_weights_take(double weight)
    {
        for (var scenarios = 1; scenarios <= 130; scenarios++)
        {
            foreach (var q in new[] { 0.29m, 0.57m, 0.9m, 0.95m, 0.99m })
                Assert.Equal(TailMeasures.TailIndex(scenarios, q), TailWeights.Of(Equal(scenarios, weight), q).First);
        }
    }

    [Fact]
    public void A_scenario_without_weight_is_as_if_it_were_not_there()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 50; trial++)
        {
            var pnl = Enumerable.Range(0, 30).Select(_ => random.NextDouble() - 0.5).ToArray();
            var weights = Enumerable.Range(0, 30).Select(i => i % 3 == 0 ? 0 : random.NextDouble()).ToArray();
            var kept = Enumerable.Range(0, 30).Where(i => weights[i] > 0).ToArray();
            foreach (var rule in Rules)
            {
                var all = SortedLosses.OfLossTail(pnl, weights).Measure(0.8m, rule);
                var some = SortedLosses.OfLossTail([.. kept.Select(i => pnl[i])], [.. kept.Select(i => weights[i])]).Measure(0.8m, rule);
                Assert.Equal(some.ValueAtRisk, all.ValueAtRisk, 1e-12);
                Assert.Equal(some.ExpectedShortfall, all.ExpectedShortfall, 1e-12);
            }
        }
    }

    [Fact]
    public void Weights_add_up_to_one_and_components_to_the_whole()
    {
        var random = new Random(20260130);
        for (var trial = 0; trial < 60; trial++)
        {
            var scenarios = random.Next(1, 400);
            double[] one = Draw(), other = Draw();
            var total = one.Zip(other, (a, b) => a + b).ToArray();
            var given = trial % 2 == 0 ? [] : Enumerable.Range(0, scenarios).Select(_ => random.NextDouble()).ToArray();
            foreach (var rule in Rules)
            {
                var sorted = SortedLosses.OfLossTail(total, given);
                var weights = sorted.Weigh(0.95m, rule);
                Assert.Equal(1, Enumerable.Range(0, scenarios).Sum(weights.InValueAtRisk), 1e-12);
                Assert.Equal(1, Enumerable.Range(0, scenarios).Sum(weights.InExpectedShortfall), 1e-12);
                var measure = sorted.Measure(weights);
                Assert.Equal(measure.ValueAtRisk, weights.ValueAtRisk(Of(one, sorted, weights)) + weights.ValueAtRisk(Of(other, sorted, weights)), 1e-12);
                Assert.Equal(measure.ExpectedShortfall, weights.ExpectedShortfall(Of(one, sorted, weights)) + weights.ExpectedShortfall(Of(other, sorted, weights)), 1e-12);
                Assert.True(measure.ExpectedShortfall >= measure.ValueAtRisk - 1e-12, $"trial {trial}, {rule}: {measure}");
            }

            double[] Draw() => [.. Enumerable.Range(0, scenarios).Select(_ => random.NextDouble() - 0.5)];
        }

        static double[] Of(double[] pnl, SortedLosses sorted, TailWeights weights) => [.. sorted.Scenarios[weights.First..].ToArray().Select(s => -pnl[s])];
    }

    [Fact]
    public void The_gain_tail_is_the_loss_tail_of_the_opposite_position()
    {
        double[] pnl = [5, -3, 0, 8, -1, 2];
        double[] opposite = [.. pnl.Select(p => -p)];
        foreach (var rule in Rules)
            Assert.Equal(SortedLosses.OfLossTail(opposite).Measure(0.75m, rule), SortedLosses.OfGainTail(pnl).Measure(0.75m, rule));
        Assert.Equal(8, SortedLosses.OfGainTail(pnl).Measure(0.9m).ValueAtRisk);
    }

    [Fact]
    public void The_floor_rule_has_the_bits_of_the_plain_measures_and_equal_losses_keep_the_order_of_their_scenarios()
    {
        double[] pnl = [-2, -7, -2, 1, -2.1, -2, 0.3];
        var sorted = SortedLosses.OfLossTail(pnl);
        Assert.Equal([3, 6, 0, 2, 5, 4, 1], sorted.Scenarios.ToArray());
        foreach (var q in new[] { 0.2m, 0.5m, 0.9m })
            Assert.Equal((TailMeasures.ValueAtRisk(pnl, q), TailMeasures.ExpectedShortfall(pnl, q)), (sorted.Measure(q).ValueAtRisk, sorted.Measure(q).ExpectedShortfall));
    }

    [Theory]
    [InlineData(100, "0.99", false)]
    [InlineData(99, "0.99", true)]
    [InlineData(1, "0.5", true)]
    public void A_sample_that_does_not_reach_the_confidence_says_so(int scenarios, string confidence, bool beyond)
    {
        foreach (var rule in Rules)
        {
            Assert.Equal(beyond, TailWeights.Of(scenarios, Decimal(confidence), rule).IsBeyondSample);
            Assert.Equal(beyond, TailWeights.Of(Equal(scenarios, 0.7), Decimal(confidence), rule).IsBeyondSample);
        }
    }

    [Fact]
    public void One_scenario_is_its_own_tail_by_every_rule()
    {
        foreach (var rule in Rules)
        {
            Assert.Equal(new TailMeasure(5, 5, true), SortedLosses.OfLossTail([-5]).Measure(0.99m, rule));
            Assert.Equal(new TailMeasure(5, 5, true), SortedLosses.OfLossTail([-5], [2]).Measure(0.99m, rule));
        }
    }

    [Fact]
    public void Kishs_number_is_n_for_equal_weights_and_less_for_others()
    {
        Assert.Equal(7, ScenarioWeights.EffectiveNumber(Equal(7, 0.25)), 1e-12);
        Assert.Equal(1, ScenarioWeights.EffectiveNumber([0, 3, 0]), 1e-12);

        // Exponential weights λᵗ without end: (1 + λ)/(1 − λ).
        Assert.Equal(1.94 / 0.06, ScenarioWeights.EffectiveNumber([.. Enumerable.Range(0, 1000).Select(t => Math.Pow(0.94, t))]), 1e-9);
    }

    [Fact]
    public void What_is_no_weight_or_no_vector_is_refused()
    {
        Names("scenario 1", () => SortedLosses.OfLossTail([1, 2], [1, -0.5]));
        Names("scenario 0", () => SortedLosses.OfLossTail([1, 2], [double.NaN, 1]));
        Names("above zero", () => SortedLosses.OfLossTail([1, 2], [0, 0]));
        Names("3 weights and 2 scenarios", () => SortedLosses.OfLossTail([1, 2], [1, 1, 1]));
        Names("scenario 1", () => SortedLosses.OfLossTail([1, double.PositiveInfinity]));
        Names("at least one", () => SortedLosses.OfGainTail([]));
        Names("position 9", () => TailWeights.Of(10, 0.9m).ValueAtRisk([1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TailWeights.Of(10, 1m));
        Assert.Throws<ArgumentOutOfRangeException>(() => TailWeights.Of(10, 0.5m, (QuantileRule)7));
        static void Names(string part, Action act) => Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_have_names()
    {
        foreach (var rule in Rules)
            Assert.True(QuantileRules.TryParse(rule.Name(), out var parsed) && parsed == rule, $"{rule} is called {rule.Name()}");
        Assert.False(QuantileRules.TryParse("Floor", out _));
    }

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static double[] Equal(int count, double weight) => [.. Enumerable.Repeat(weight, count)];
}
