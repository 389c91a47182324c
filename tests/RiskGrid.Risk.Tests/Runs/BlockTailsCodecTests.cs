using RiskGrid.Risk.Runs;

namespace RiskGrid.Risk.Tests.Runs;

public sealed class BlockTailsCodecTests
{
    private const int Seed = 4021;

    [Theory]
    [InlineData(30)]
    [InlineData(200)]
    public void A_block_comes_back_as_it_was_and_gives_the_same_bytes_again(int depth)
    {
        var (plan, block) = Sample(depth);
        var bytes = BlockTailsCodec.ToBytes(block);
        var back = BlockTailsCodec.FromBytes(bytes, plan);
        Assert.Equal((block.First, block.Count), (back.First, back.Count));
        for (var v = 0; v < plan.Vectors; v++)
        {
            Assert.Equal(block.Vectors[v].Scenarios.ToArray(), back.Vectors[v].Scenarios.ToArray());
            Assert.Equal(block.Vectors[v].Losses.ToArray(), back.Vectors[v].Losses.ToArray());
            Assert.Equal(block.Vectors[v].Companions.ToArray(), back.Vectors[v].Companions.ToArray());
            Assert.Equal(block.Vectors[v].FailedScenario, back.Vectors[v].FailedScenario);
            Assert.Equal(block.Vectors[v].Threshold, back.Vectors[v].Threshold);
        }

        Assert.Equal(bytes, BlockTailsCodec.ToBytes(back));
        Assert.Equal(bytes, BlockTailsCodec.ToBytes(Sample(depth).Block));
    }

    [Fact]
    public void Damaged_bytes_are_refused_whatever_the_damage()
    {
        var (plan, block) = Sample(30);
        var bytes = BlockTailsCodec.ToBytes(block);
        var random = new Random(Seed);
        for (var i = 0; i < 300; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i < 40 ? i : random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => BlockTailsCodec.FromBytes(damaged, plan));
            Assert.Throws<InvalidDataException>(() => BlockTailsCodec.FromBytes(bytes.AsSpan(0, random.Next(bytes.Length)), plan));
        }

        Assert.Throws<InvalidDataException>(() => BlockTailsCodec.FromBytes([.. bytes, 0], plan));
    }

    [Fact]
    public void Bytes_of_another_plan_are_refused()
    {
        var (plan, block) = Sample(30);
        var bytes = BlockTailsCodec.ToBytes(block);
        foreach (var other in new[]
        {
            new TailPlan(plan.Tree, plan.Classes, plan.Scenarios, 31),
            new TailPlan(plan.Tree, plan.Classes, plan.Scenarios + 1, 30),
            new TailPlan(plan.Tree, RunSamples.Classes(1), plan.Scenarios, 30),
            new TailPlan(RunSamples.Tree(books: 3), plan.Classes, plan.Scenarios, 30),
            new TailPlan(RunSamples.Tree(books: 2, without: false), plan.Classes, plan.Scenarios, 30),
        })
        {
            var refusal = Assert.Throws<InvalidDataException>(() => BlockTailsCodec.FromBytes(bytes, other));
            Assert.Contains("another plan", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static (TailPlan Plan, BlockTails Block) Sample(int depth)
    {
        var tree = RunSamples.Tree(books: 2);
        var plan = new TailPlan(tree, RunSamples.Classes(2), 200, depth);
        var pnl = RunSamples.Pnl(tree, plan.Masks, 200, Seed);
        pnl[1][2][60] = double.NegativeInfinity;
        double[] thresholds = plan.IsWhole ? [] : [.. Enumerable.Range(0, plan.Vectors).Select(v => v % 3 == 0 ? double.NegativeInfinity : v - 20.0)];
        return (plan, RunSamples.Block(plan, pnl, 50, 100, thresholds));
    }
}
