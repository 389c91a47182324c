using RiskGrid.Compute;

namespace RiskGrid.Grains.Tests;

/// <summary>Every compute thread at a long live job, until disposed.</summary>
internal sealed class BusyPool : IDisposable
{
    private readonly ManualResetEventSlim _go = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    public BusyPool(ComputePool pool) => Done = pool.RunAsync(
        ComputePriority.Live,
        pool.Threads,
        _ =>
        {
            if (Interlocked.Increment(ref _running) == pool.Threads)
                _started.SetResult();
            _go.Wait();
        },
        CancellationToken.None);

    /// <summary>No thread is free.</summary>
    public Task Started => _started.Task;

    public Task Done { get; }

    public void Dispose() => _go.Set();
}
