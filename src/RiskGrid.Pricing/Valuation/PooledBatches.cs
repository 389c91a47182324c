using RiskGrid.Compute;
using RiskGrid.Kernels;

namespace RiskGrid.Pricing;

/// <summary>Large kernel calls on the compute pool.</summary>
/// <remarks>Here, because it is the first place that knows both: the pool computes anything, and the kernels know no threads.</remarks>
public static class PooledBatches
{
    /// <summary>Computes a batch on all of the pool's threads, with the bits of one call on one thread. Slices take one to two
    /// milliseconds, so that more urgent work gets in between.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="priority">What goes first when the threads are busy.</param>
    /// <param name="batch">The batch; its memory is the pool's until the task has ended, and its outputs hold anything unless it
    /// ended well.</param>
    /// <param name="cancellationToken">Skips the slices that have not started.</param>
    /// <returns>How many elements are not <see cref="ElementStatus.Ok"/>.</returns>
    /// <exception cref="ComputeOverloadedException">The pool has too many unfinished jobs of this priority.</exception>
    public static async Task<int> RunAsync(
        this ComputePool pool, ComputePriority priority, SlicedBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        for (var pass = 0; pass < batch.Passes; pass++)
        {
            var current = pass;
            await pool.RunAsync(priority, batch.Slices, slice => batch.Compute(current, slice), cancellationToken).ConfigureAwait(false);
        }

        return batch.Refused;
    }
}
