using RiskGrid.Grid;

namespace RiskGrid.Grains.Runs;

/// <summary>How many items of a run are out at a time: what the silos of the cluster work on, and as much again that waits in the engine's queue,
/// so that a silo that has finished one, or has just joined, finds the next.</summary>
internal static class RunWindow
{
    // Bounds what waits in memory to be merged, however many silos there are.
    private const int Most = 256;

    /// <summary>The window of a cluster.</summary>
    /// <param name="cluster">Its silos.</param>
    /// <param name="threads">Compute threads of this silo.</param>
    public static int Of(ClusterState cluster, int threads) =>
        Math.Clamp(2 * cluster.Silos.Sum(s => s.Load.WorkConcurrency), Least(threads), Math.Max(Most, Least(threads)));

    /// <summary>The window of this silo alone.</summary>
    public static int Least(int threads) => Math.Max(6, 2 * threads);
}
