using System.Collections.Immutable;

namespace RiskGrid.Grains.Runs;

/// <summary>One item of work: a block of one leg's scenarios.</summary>
/// <param name="Leg">Index of the leg.</param>
/// <param name="Block">Index of the block in the leg.</param>
/// <param name="First">Its first scenario.</param>
/// <param name="Count">How many scenarios.</param>
internal readonly record struct RunItemPlan(int Leg, int Block, int First, int Count);

/// <summary>How a run is cut into items: a function of its spec and its frozen inputs, so that a restart cuts it the same way.</summary>
internal static class RunItems
{
    // About 300 ms of one core at 3.5 ns a revaluation: what goes through broker and ledger costs as much for a small item.
    private const long RevaluationsPerItem = 80_000_000;

    // Makes and reduces the moves of so many scenarios at a time, whatever the books hold.
    private const int LargestBlock = 16_384;

    /// <summary>Scenarios in a slice of the kernel's own choosing: blocks are multiples of it.</summary>
    private const int Granule = 512;

    /// <summary>The items of all legs, in order.</summary>
    /// <param name="legs">The legs.</param>
    /// <param name="scenariosPerShard">As the spec has it; 0 leaves it open.</param>
    public static ImmutableArray<RunItemPlan> Of(ImmutableArray<RunLegContext> legs, int scenariosPerShard)
    {
        var items = ImmutableArray.CreateBuilder<RunItemPlan>();
        for (var leg = 0; leg < legs.Length; leg++)
        {
            var scenarios = legs[leg].Scenarios.Count;
            var size = scenariosPerShard > 0 ? scenariosPerShard : Default(legs[leg].RevaluationsPerScenario);
            for (var (block, first) = (0, 0); first < scenarios; block++, first += size)
                items.Add(new RunItemPlan(leg, block, first, Math.Min(size, scenarios - first)));
        }

        return items.ToImmutable();
    }

    private static int Default(long revaluationsPerScenario) =>
        (int)Math.Clamp(RevaluationsPerItem / Math.Max(1, revaluationsPerScenario) / Granule * Granule, Granule, LargestBlock);
}
