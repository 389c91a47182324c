using System.Collections.Immutable;
using RiskGrid.Pricing;
using RiskGrid.Pricing.Tests;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class TradeContributionsTests
{
    private const int Seed = 4301;
    private const int Scenarios = 600;

    [Theory]
    [InlineData(QuantileRule.Floor)]
    [InlineData(QuantileRule.Linear)]
    [InlineData(QuantileRule.HarrellDavis)]
    public void Trades_add_up_to_the_node_and_each_is_what_a_book_of_its_own_would_contribute(QuantileRule rule)
    {
        var (market, trades) = SampleMarket.Portfolio(90, Seed);
        var set = Moves.Random(Scenarios, Seed);
        var sheet = new PreparedSheet(market.For(Sheet.Build(SampleMarket.Book, trades)), set);
        ImmutableArray<decimal> confidences = [0.9m, 0.975m];
        var pnl = new double[Scenarios];
        sheet.Accumulate(set.Block(0, Scenarios), 0, Scenarios, pnl);
        var plan = new TailPlan(RunSamples.Tree(books: 1, scope: "/A/N000"), [], Scenarios, TailDepth.Of(Scenarios, confidences.AsSpan(), rule, null, antithetic: false));
        var tail = RunSamples.Tails(plan, [[pnl]])[0];
        ImmutableArray<TailWeights> weights = [.. confidences.Select(q => TailWeights.Of(Scenarios, q, rule))];
        var book = Computed(new BookContributions(sheet, set, tail, weights, 700), backwards: false);
        Assert.True(book.Chunks > 5, $"{book.Chunks} chunks");
        for (var q = 0; q < weights.Length; q++)
        {
            var losses = tail.Losses[(weights[q].First - tail.FirstRank)..].ToArray();
            var largest = TradeContributions.Largest([book], q, 10);
            Assert.Equal(11, largest.Length);
            Assert.Equal(TradeContributions.OtherTrades, largest[^1].Name);
            Assert.Equal(largest.Take(10).Select(c => Math.Abs(c.ComponentEs!.Value)).OrderDescending(), largest.Take(10).Select(c => Math.Abs(c.ComponentEs!.Value)));
            var scale = largest.Max(c => Math.Abs(c.ComponentEs!.Value)) + Math.Abs(weights[q].ValueAtRisk(losses));
            Assert.Equal(weights[q].ValueAtRisk(losses), largest.Aggregate(0.0, (sum, c) => sum + c.ComponentVar!.Value), 1e-11 * scale);
            Assert.Equal(weights[q].ExpectedShortfall(losses), largest.Aggregate(0.0, (sum, c) => sum + c.ComponentEs!.Value), 1e-11 * scale);

            var top = trades.Single(t => t.Id.Value == largest[0].Name);
            var alone = new PreparedSheet(market.For(Sheet.Build(SampleMarket.Book, [top])), set);
            var own = new double[Scenarios];
            alone.Accumulate(set.Block(0, Scenarios), 0, Scenarios, own);
            var inTail = tail.Scenarios[(weights[q].First - tail.FirstRank)..].ToArray().Select(s => 0.0 - own[s]).ToArray();
            Assert.Equal(weights[q].ExpectedShortfall(inTail), largest[0].ComponentEs!.Value, 1e-12 * scale);
        }

        var again = Computed(new BookContributions(sheet, set, tail, weights, 700), backwards: true);
        Assert.Equal(TradeContributions.Largest([book], 0, 90).AsEnumerable(), TradeContributions.Largest([again], 0, 90));
        Assert.Equal(90, TradeContributions.Largest([book], 0, 90).Length);
    }

    [Fact]
    public void A_failed_node_and_a_tail_that_is_too_shallow_are_refused()
    {
        var (market, trades) = SampleMarket.Portfolio(3, Seed);
        var set = Moves.Random(50, Seed);
        var sheet = new PreparedSheet(market.For(Sheet.Build(SampleMarket.Book, trades)), set);
        var tree = RunSamples.Tree(books: 1, scope: "/A/N000");
        ImmutableArray<TailWeights> weights = [TailWeights.Of(50, 0.9m)];
        var pnl = new double[50];
        var shallow = RunSamples.Tails(new TailPlan(tree, [], 50, 4), [[pnl]])[0];
        Assert.Throws<ArgumentException>(() => new BookContributions(sheet, set, shallow, weights));
        pnl[3] = double.NaN;
        var failed = RunSamples.Tails(new TailPlan(tree, [], 50, 50), [[pnl]])[0];
        Assert.Throws<ArgumentException>(() => new BookContributions(sheet, set, failed, weights));
    }

    private static BookContributions Computed(BookContributions book, bool backwards)
    {
        foreach (var chunk in backwards ? Enumerable.Range(0, book.Chunks).Reverse() : Enumerable.Range(0, book.Chunks))
            book.Compute(chunk);
        return book;
    }
}
