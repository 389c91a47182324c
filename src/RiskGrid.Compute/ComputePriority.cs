namespace RiskGrid.Compute;

/// <summary>What goes first when the threads are busy: between two slices the most urgent job with slices left is taken,
/// always.</summary>
public enum ComputePriority
{
    /// <summary>Prices and Greeks that somebody watches.</summary>
    Live,

    /// <summary>The P&amp;L vectors behind live rollups.</summary>
    Vector,

    /// <summary>Shards of runs.</summary>
    Run,
}
