using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>The largest losses of one vector within one block of scenarios. Immutable.</summary>
/// <remarks>Entries stand in scenario order. A loss is 0 − P&amp;L, so that a P&amp;L of zero is a loss of plus zero whatever its sign.</remarks>
public sealed class BlockTail
{
    private readonly int[] _scenarios;
    private readonly double[] _losses;
    private readonly double[] _companions;

    internal BlockTail(int[] scenarios, double[] losses, double[] companions, double threshold)
        : this(scenarios, losses, companions, threshold, failedScenario: -1)
    {
    }

    private BlockTail(int[] scenarios, double[] losses, double[] companions, double threshold, int failedScenario)
    {
        _scenarios = scenarios;
        _losses = losses;
        _companions = companions;
        Threshold = threshold;
        FailedScenario = failedScenario;
    }

    /// <summary>Numbers of the scenarios, ascending; counted over the whole leg.</summary>
    public ReadOnlySpan<int> Scenarios => _scenarios;

    /// <summary>The loss in each of them.</summary>
    public ReadOnlySpan<double> Losses => _losses;

    /// <summary>Per entry the losses of the children, then of the classes alone: <see cref="TailPlan.Companions"/> of them, row by row.
    /// One that is not finite stands as it is: the part's own vector says so too.</summary>
    public ReadOnlySpan<double> Companions => _companions;

    /// <summary>Losses below it were left out: what merges the blocks sees whether one of them belonged to the tail. −∞ when none was.</summary>
    public double Threshold { get; }

    /// <summary>The first scenario of the block whose P&amp;L is not a finite number; −1 when there is none. Such a vector has no order and
    /// keeps no entries.</summary>
    public int FailedScenario { get; }

    internal static BlockTail Failed(int scenario) => new([], [], [], double.NegativeInfinity, scenario);
}

/// <summary>What one block of scenarios leaves of every vector of a plan. Immutable, thread-safe.</summary>
/// <param name="Plan">The plan that the block belongs to.</param>
/// <param name="First">The block's first scenario.</param>
/// <param name="Count">How many scenarios the block has.</param>
/// <param name="Vectors">One per vector of the plan.</param>
public sealed record BlockTails(TailPlan Plan, int First, int Count, ImmutableArray<BlockTail> Vectors);
