using RiskGrid.Model;

namespace RiskGrid.Risk.Runs;

/// <summary>Merges the blocks of one leg in whatever order they come. The result depends on the blocks' content alone: not on their order,
/// on how the scenarios were cut into blocks, on repeats or on thresholds. Not thread-safe.</summary>
public sealed class TailAccumulator
{
    // What a tail may hold beyond its depth before it is cut back.
    private const int LeastSlack = 1024;

    private readonly SortedList<int, int> _blocks = [];
    private readonly TailStore[] _stores;
    private int _nextLook;

    /// <summary>Starts with nothing merged.</summary>
    /// <param name="plan">What to keep.</param>
    /// <param name="isSampled">The scenarios are drawn independently of their numbers (<see cref="ScenarioSet.IsSampled"/>): from a part of them
    /// it can be told what the tail of all will most likely not reach down to.</param>
    public TailAccumulator(TailPlan plan, bool isSampled = false)
    {
        Plan = plan;
        IsSampled = isSampled && !plan.IsWhole;
        _stores = new TailStore[plan.Vectors];
        for (var v = 0; v < _stores.Length; v++)
            _stores[v] = new TailStore(plan.Scenarios, plan.Depth, Math.Max(LeastSlack, plan.Depth / 4), plan.Companions(v));
    }

    /// <summary>What is kept.</summary>
    public TailPlan Plan { get; }

    /// <summary>True when blocks may leave out what most likely does not matter.</summary>
    public bool IsSampled { get; }

    /// <summary>How many scenarios are merged.</summary>
    public int Merged { get; private set; }

    /// <summary>True when every scenario is merged.</summary>
    public bool IsComplete => Merged == Plan.Scenarios;

    /// <summary>True when the block that begins at a scenario is merged.</summary>
    public bool Has(int first) => _blocks.ContainsKey(first);

    /// <summary>Merges a block.</summary>
    /// <returns>False when it was merged before: nothing changes.</returns>
    /// <exception cref="ArgumentException">A block of another plan.</exception>
    /// <exception cref="ValidationException">The block overlaps one that was cut differently.</exception>
    public bool Add(BlockTails block)
    {
        if (!block.Plan.Fingerprint.SequenceEqual(Plan.Fingerprint))
            throw new ArgumentException("the block belongs to another plan", nameof(block));
        if (_blocks.TryGetValue(block.First, out var known) && known == block.Count)
            return false;
        foreach (var (first, count) in _blocks)
        {
            if (first < block.First + block.Count && block.First < first + count)
            {
                throw new ValidationException(
                    "block", $"scenarios {block.First} to {block.First + block.Count - 1} overlap the merged block {first} to {first + count - 1}");
            }
        }

        _blocks.Add(block.First, block.Count);
        Merged += block.Count;
        for (var v = 0; v < _stores.Length; v++)
            _stores[v].Add(block.Vectors[v]);
        if (IsSampled && Merged >= _nextLook)
            Look();
        return true;
    }

    /// <summary>Per vector a loss that the final one at the plan's depth is not below: a block may leave out smaller ones. Of sampled scenarios it is
    /// so with a margin of seven standard deviations, and <see cref="IsSound"/> tells at the end whether it was; otherwise it is certain. −∞ while
    /// too few are merged, and for vectors that are kept whole.</summary>
    public double[] Thresholds() => Array.ConvertAll(_stores, s => Math.Max(s.Threshold, s.Expected));

    /// <summary>True when no block has left out a loss that belongs to a tail of what is merged. Otherwise merge all blocks anew, by an accumulator that
    /// does not take the scenarios as sampled.</summary>
    public bool IsSound() => Array.TrueForAll(_stores, s => s.IsSound());

    /// <summary>The tails of all scenarios.</summary>
    /// <exception cref="InvalidOperationException">A scenario is not merged yet, or a block left out what belongs to a tail.</exception>
    public RunTails Finish()
    {
        if (!IsComplete)
            throw new InvalidOperationException($"{Plan.Scenarios - Merged} of {Plan.Scenarios} scenarios are not merged yet");
        if (!IsSound())
            throw new InvalidOperationException("a block left out losses that belong to a tail: its thresholds were too high");
        return new RunTails(Plan, Array.ConvertAll(_stores, s => s.Sorted()));
    }

    private void Look()
    {
        var rank = Plan.RankBeyondTail(Merged);
        foreach (var store in _stores)
            store.Expect(rank);

        // Each look reads every tail; what it gains shrinks with the root of what is merged.
        _nextLook = Merged + (Merged / 8);
    }
}
