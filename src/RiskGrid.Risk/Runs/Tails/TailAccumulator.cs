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

    /// <summary>Starts with nothing merged.</summary>
    public TailAccumulator(TailPlan plan)
    {
        Plan = plan;
        _stores = new TailStore[plan.Vectors];
        for (var v = 0; v < _stores.Length; v++)
            _stores[v] = new TailStore(plan.Scenarios, plan.Depth, Math.Max(LeastSlack, plan.Depth / 4), plan.Companions(v));
    }

    /// <summary>What is kept.</summary>
    public TailPlan Plan { get; }

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
        return true;
    }

    /// <summary>Per vector a lower bound of its final loss at the plan's depth: a block may leave out smaller losses. −∞ until that many are
    /// merged, and for vectors that are kept whole.</summary>
    public double[] Thresholds() => Array.ConvertAll(_stores, s => s.Threshold);

    /// <summary>The tails of all scenarios.</summary>
    /// <exception cref="InvalidOperationException">A scenario is not merged yet.</exception>
    public RunTails Finish()
    {
        if (!IsComplete)
            throw new InvalidOperationException($"{Plan.Scenarios - Merged} of {Plan.Scenarios} scenarios are not merged yet");
        return new RunTails(Plan, Array.ConvertAll(_stores, s => s.Sorted()));
    }
}
