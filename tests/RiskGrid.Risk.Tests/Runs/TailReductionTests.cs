using RiskGrid.Model;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class TailReductionTests
{
    private const int Seed = 4011;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tail_holds_the_largest_losses_of_its_vector_with_the_losses_of_the_parts(bool rounded)
    {
        const int scenarios = 1_500;
        const int depth = 70;
        var tree = RunSamples.Tree();
        var plan = new TailPlan(tree, RunSamples.Classes(3), scenarios, depth);
        var pnl = RunSamples.Pnl(tree, plan.Masks, scenarios, Seed, rounded);
        var tails = RunSamples.Tails(plan, pnl, 400);
        foreach (var node in tree.Nodes)
        {
            for (var mask = 0; mask < plan.Masks; mask++)
                Same(RunSamples.Vector(tree, pnl, node.Index, mask), tails[plan.VectorOf(node.Index, mask)], depth);
            var tail = tails[plan.VectorOf(node.Index)];
            var parts = node.Children.Select(c => RunSamples.Vector(tree, pnl, c)).Concat(
                Enumerable.Range(1, 3).Select(m => RunSamples.Vector(tree, pnl, node.Index, m))).ToArray();
            for (var part = 0; part < parts.Length; part++)
                Assert.Equal(tail.Scenarios.ToArray().Select(s => 0.0 - parts[part][s]), tails.PartLosses(node.Index, part)!);
        }

        for (var w = 0; w < tree.Without.Length; w++)
            Same(RunSamples.Vector(tree, pnl, tree.Without[w].Node, without: tree.Without[w].Child), tails[plan.VectorWithout(w)], depth);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(512)]
    [InlineData(10_000)]
    public void Block_sizes_orders_repeats_and_thresholds_change_no_bit(int blockSize)
    {
        const int scenarios = 700;
        var tree = RunSamples.Tree(books: 3);
        foreach (var (depth, rounded) in new[] { (25, false), (25, true), (scenarios, false) })
        {
            var plan = new TailPlan(tree, RunSamples.Classes(2), scenarios, depth);
            var pnl = RunSamples.Pnl(tree, plan.Masks, scenarios, Seed + 1, rounded);
            var expected = RunSamples.Bits(RunSamples.Tails(plan, pnl, scenarios));
            var blocks = Enumerable.Range(0, (scenarios + blockSize - 1) / blockSize).ToArray();
            var random = new Random(Seed + blockSize);
            random.Shuffle(blocks);
            var accumulator = new TailAccumulator(plan);
            foreach (var block in blocks.Concat(blocks.Take(3)))
            {
                var first = block * blockSize;
                var repeat = accumulator.Has(first);
                var thresholds = random.Next(2) == 0 ? accumulator.Thresholds() : [];
                var tails = RunSamples.Block(plan, pnl, first, Math.Min(blockSize, scenarios - first), thresholds);
                Assert.Equal(!repeat, accumulator.Add(BlockTailsCodec.FromBytes(BlockTailsCodec.ToBytes(tails), plan)));
            }

            Assert.True(accumulator.IsComplete);
            Assert.Equal(expected, RunSamples.Bits(accumulator.Finish()));
        }
    }

    [Fact]
    public void Thresholds_leave_out_what_cannot_matter()
    {
        const int scenarios = 20_000;
        const int blockSize = 2_000;
        var tree = RunSamples.Tree(without: false);
        var plan = new TailPlan(tree, [], scenarios, 200);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed + 2);
        var accumulator = new TailAccumulator(plan);
        var last = 0;
        for (var first = 0; first < scenarios; first += blockSize)
        {
            var block = RunSamples.Block(plan, pnl, first, blockSize, accumulator.Thresholds());
            last = block.Vectors[0].Losses.Length;
            accumulator.Add(block);
        }

        // About 200 of 20,000 belong to the tail: 20 a block.
        Assert.InRange(last, 5, 60);
        Assert.Equal(RunSamples.Bits(RunSamples.Tails(plan, pnl, blockSize)), RunSamples.Bits(accumulator.Finish()));
    }

    [Fact]
    public void Of_sampled_scenarios_blocks_leave_out_what_will_not_matter_and_no_bit_changes()
    {
        const int scenarios = 60_000;
        const int blockSize = 500;
        var tree = RunSamples.Tree(without: false);
        var plan = new TailPlan(tree, [], scenarios, 1_500);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed + 6);
        var (certain, sampled) = (new TailAccumulator(plan), new TailAccumulator(plan, isSampled: true));
        var entries = (Certain: 0, Sampled: 0);
        for (var first = 0; first < scenarios; first += blockSize)
        {
            var block = RunSamples.Block(plan, pnl, first, blockSize, certain.Thresholds());
            entries.Certain += block.Vectors[0].Losses.Length;
            certain.Add(block);
            block = RunSamples.Block(plan, pnl, first, blockSize, sampled.Thresholds(), isSampled: true);
            entries.Sampled += block.Vectors[0].Losses.Length;
            sampled.Add(BlockTailsCodec.FromBytes(BlockTailsCodec.ToBytes(block), plan));
        }

        // 1,500 belong to the tail. The certain threshold passes K·(1 + ln N/K), about 7,000.
        Assert.InRange(entries.Certain, 6_000, 9_000);
        Assert.InRange(entries.Sampled, 1_500, 2_700);
        Assert.True(sampled.IsSound());
        Assert.Equal(RunSamples.Bits(certain.Finish()), RunSamples.Bits(sampled.Finish()));
    }

    [Fact]
    public void A_tail_that_a_block_left_something_out_of_is_never_taken_for_whole()
    {
        const int scenarios = 10_000;
        const int blockSize = 500;
        var tree = RunSamples.Tree(without: false);
        var plan = new TailPlan(tree, [], scenarios, 400);
        var pnl = RunSamples.Pnl(tree, 1, scenarios, Seed + 7);

        // Nothing like a sample: the first scenarios lose most.
        foreach (var book in pnl)
        {
            for (var s = blockSize; s < scenarios; s++)
                book[0][s] /= 50;
        }

        var (sampled, certain) = (new TailAccumulator(plan, isSampled: true), new TailAccumulator(plan));
        foreach (var accumulator in (TailAccumulator[])[sampled, certain])
        {
            for (var first = 0; first < scenarios; first += blockSize)
                accumulator.Add(RunSamples.Block(plan, pnl, first, blockSize, accumulator.Thresholds()));
        }

        Assert.False(sampled.IsSound());
        Assert.Throws<InvalidOperationException>(sampled.Finish);
        Assert.True(certain.IsSound());
        Assert.Equal(RunSamples.Bits(RunSamples.Tails(plan, pnl, blockSize)), RunSamples.Bits(certain.Finish()));
    }

    [Fact]
    public async Task Slices_on_many_threads_in_any_order_and_twice_give_the_same_bytes()
    {
        const int scenarios = 3_000;
        var tree = RunSamples.Tree(books: 40);
        var plan = new TailPlan(tree, RunSamples.Classes(4), scenarios, 100);
        var pnl = RunSamples.Pnl(tree, plan.Masks, scenarios, Seed + 3);
        var expected = BlockTailsCodec.ToBytes(RunSamples.Block(plan, pnl, 0, scenarios));
        using var reduction = new BlockReduction(plan, 0, scenarios, []);
        for (var book = 0; book < pnl.Length; book++)
        {
            for (var mask = 0; mask < plan.Masks; mask++)
                pnl[book][mask].CopyTo(reduction.BookPnl(book, mask));
        }

        Assert.True(reduction.SumSlices > 3 && reduction.SelectSlices > 3, $"{reduction.SumSlices} and {reduction.SelectSlices} slices");
        await using var pool = new Compute.ComputePool(new Compute.ComputePoolOptions { Threads = 3 });
        await pool.RunAsync(Compute.ComputePriority.Run, 2 * reduction.SumSlices, i => reduction.Sum(reduction.SumSlices - 1 - (i % reduction.SumSlices)), default);
        await pool.RunAsync(
            Compute.ComputePriority.Run, 2 * reduction.SelectSlices, i => reduction.Select(reduction.SelectSlices - 1 - (i % reduction.SelectSlices)), default);
        Assert.Equal(expected, BlockTailsCodec.ToBytes(reduction.Result()));
    }

    [Fact]
    public void A_vector_beyond_double_precision_fails_with_its_first_scenario_and_so_do_the_nodes_above()
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, [], 300, 20);
        var pnl = RunSamples.Pnl(tree, 1, 300, Seed + 4);
        pnl[0][0][211] = double.NaN;
        pnl[0][0][90] = double.PositiveInfinity;
        var accumulator = new TailAccumulator(plan);
        foreach (var first in new[] { 200, 0, 100 })
            accumulator.Add(RunSamples.Block(plan, pnl, first, 100, accumulator.Thresholds()));
        var tails = accumulator.Finish();
        Assert.Equal(
            [90, 90, 90, -1, -1, -1, -1, -1, -1], Enumerable.Range(0, tree.Nodes.Length).Select(n => tails[plan.VectorOf(n)].FailedScenario));
        Assert.Equal("its P&L in scenario 90 is beyond the range of double precision", tails[0].Failure);
        Assert.Equal(0, tails[0].Losses.Length);
        Assert.Null(tails.PartLosses(1, 0));
        Assert.NotNull(tails.PartLosses(1, 1));
    }

    [Fact]
    public void Blocks_that_overlap_or_belong_to_another_plan_are_refused()
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, [], 300, 20);
        var pnl = RunSamples.Pnl(tree, 1, 300, Seed + 5);
        var accumulator = new TailAccumulator(plan);
        Assert.True(accumulator.Add(RunSamples.Block(plan, pnl, 100, 100)));
        Assert.Throws<ValidationException>(() => accumulator.Add(RunSamples.Block(plan, pnl, 150, 100)));
        Assert.Throws<ArgumentException>(() => accumulator.Add(RunSamples.Block(new TailPlan(tree, [], 300, 21), pnl, 0, 100)));
        Assert.Throws<InvalidOperationException>(accumulator.Finish);
        Assert.Throws<ArgumentException>(() => new BlockReduction(plan, 250, 51, []));
        Assert.Throws<ArgumentException>(() => new BlockReduction(plan, 0, 10, [0.0]));
    }

    private static void Same(double[] pnl, Tail tail, int depth)
    {
        var expected = pnl.Select((p, s) => (Loss: 0.0 - p, Scenario: s)).OrderByDescending(e => e.Loss).ThenByDescending(e => e.Scenario).Take(depth).Reverse().ToArray();
        Assert.Equal(expected.Select(e => e.Scenario), tail.Scenarios.ToArray());
        Assert.Equal(expected.Select(e => BitConverter.DoubleToInt64Bits(e.Loss)), tail.Losses.ToArray().Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(pnl.Length - depth, tail.FirstRank);
    }
}
