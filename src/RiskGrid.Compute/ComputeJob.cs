namespace RiskGrid.Compute;

/// <summary>One job: its slices are claimed in order and may run on any threads. Links and counts are guarded by the pool's
/// lock.</summary>
internal abstract class ComputeJob(ComputePool pool, ComputePriority priority, int slices, CancellationToken cancellationToken)
{
    private CancellationTokenRegistration _registration;

    public ComputePriority Priority => priority;

    public CancellationToken CancellationToken => cancellationToken;

    // The ring of jobs with unclaimed slices; null when this job is not in it.
    public ComputeJob? Next { get; set; }

    public ComputeJob? Previous { get; set; }

    /// <summary>Slices handed to threads so far.</summary>
    public int Claimed { get; private set; }

    public int Running { get; private set; }

    /// <summary>No more slices are handed out.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The pool counts the job.</summary>
    public bool IsSubmitted { get; set; }

    /// <summary>When the pool took the job; 0 when nobody measures.</summary>
    public long SubmittedAt { get; set; }

    public bool HasUnclaimed => !IsStopped && Claimed < slices;

    public bool IsFinished => Running == 0 && !HasUnclaimed;

    private int FailedSlice { get; set; } = int.MaxValue;

    private Exception? Failure { get; set; }

    private CancellationToken? Cancellation { get; set; }

    public int Claim()
    {
        Running++;
        return Claimed++;
    }

    /// <summary>A slice is done. Of several failures the one of the lowest slice is the job's, whatever the threads' timing among
    /// them.</summary>
    public void Return(int slice, Exception? failure)
    {
        Running--;
        if (failure is null)
            return;
        IsStopped = true;
        if (slice < FailedSlice)
            (FailedSlice, Failure) = (slice, failure);
    }

    /// <summary>Skips what is not claimed.</summary>
    public void Stop(CancellationToken because)
    {
        IsStopped = true;
        Cancellation ??= because;
    }

    /// <summary>Listens to the caller's token; not under the pool's lock, for the callback takes it.</summary>
    public void Arm() => _registration = cancellationToken.UnsafeRegister(static job => ((ComputeJob)job!).Cancel(), this);

    public void Disarm() => _registration.Unregister();

    public abstract void RunSlice(int slice);

    /// <summary>Tells the caller; once, after <see cref="IsFinished"/>, outside of the lock.</summary>
    public void Settle()
    {
        Disarm();
        if (cancellationToken.IsCancellationRequested
            && Failure is OperationCanceledException cancelled && cancelled.CancellationToken == cancellationToken)
            SetCancelled(cancellationToken);
        else if (Failure is not null)
            SetFailed(Failure);
        else if (Cancellation is { } token && Claimed < slices)
            SetCancelled(token);
        else
            SetDone();
    }

    protected abstract void SetDone();

    protected abstract void SetFailed(Exception exception);

    protected abstract void SetCancelled(CancellationToken token);

    private void Cancel() => pool.Cancel(this);
}

/// <summary>A job of many slices without a result of its own.</summary>
internal sealed class SlicedJob(
    ComputePool pool, ComputePriority priority, int slices, Action<int> body, CancellationToken cancellationToken)
    : ComputeJob(pool, priority, slices, cancellationToken)
{
    // Continuations belong to the thread pool: a compute thread only computes.
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _completion.Task;

    public override void RunSlice(int slice) => body(slice);

    protected override void SetDone() => _completion.SetResult();

    protected override void SetFailed(Exception exception) => _completion.SetException(exception);

    protected override void SetCancelled(CancellationToken token) => _completion.SetCanceled(token);
}

/// <summary>A job of one slice with a result.</summary>
internal sealed class ResultJob<T>(ComputePool pool, ComputePriority priority, Func<T> body, CancellationToken cancellationToken)
    : ComputeJob(pool, priority, 1, cancellationToken)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override void RunSlice(int slice) => _result = body();

    protected override void SetDone() => _completion.SetResult(_result);

    protected override void SetFailed(Exception exception) => _completion.SetException(exception);

    protected override void SetCancelled(CancellationToken token) => _completion.SetCanceled(token);
}
