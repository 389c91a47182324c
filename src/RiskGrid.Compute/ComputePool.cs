namespace RiskGrid.Compute;

/// <summary>A bounded pool of threads that do nothing but compute: everything long runs here, so that neither grains nor
/// connections wait for it. Work comes as jobs of slices of at most ~2 ms; between slices the most urgent priority goes first,
/// strictly, and jobs of one priority take turns slice by slice. Thread-safe.</summary>
/// <remarks>Slices of one job run on all threads in any order, so each writes to its own slots and results never depend on the
/// threads. A body must not wait for another job of the same pool: that can block every thread. Completions run on the thread
/// pool, never on a compute thread.</remarks>
public sealed partial class ComputePool : IAsyncDisposable
{
    private static readonly int Priorities = Enum.GetValues<ComputePriority>().Length;
    private readonly ComputePoolOptions _options;

    // Guards the rings and every job's counts; the threads sleep on it. Monitor, because it can wait.
    private readonly object _gate = new();
    private readonly JobRing[] _rings;
    private readonly Thread[] _threads;
    private readonly ThreadClock[] _clocks;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sleeping;
    private int _alive;
    private bool _closed;

    /// <summary>Starts the threads.</summary>
    public ComputePool(ComputePoolOptions? options = null)
    {
        _options = options ?? new ComputePoolOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.JobLimit, 1, nameof(options));
        _rings = new JobRing[Priorities];
        for (var i = 0; i < _rings.Length; i++)
            _rings[i] = new JobRing();
        _clocks = new ThreadClock[_options.Threads];
        _threads = new Thread[_options.Threads];
        _alive = _threads.Length;
        for (var i = 0; i < _threads.Length; i++)
        {
            var clock = _clocks[i] = new ThreadClock();
            _threads[i] = new Thread(() => Work(clock)) { IsBackground = true, Name = $"riskgrid-compute-{i}" };
        }

        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>How many threads compute.</summary>
    public int Threads => _threads.Length;

    /// <summary>Runs <paramref name="body"/> for 0 to <paramref name="slices"/> - 1 and completes when all are done. An exception
    /// in a slice fails the job with it, and cancellation cancels it: slices that have not started are skipped, and the job
    /// completes when those that run have ended, so the caller's memory is its own again. A job whose slices have all run is
    /// done, cancelled or not.</summary>
    /// <exception cref="ComputeOverloadedException">Too many jobs of this priority are unfinished; nothing was run.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Task RunAsync(ComputePriority priority, int slices, Action<int> body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfNegative(slices);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        if (slices == 0)
            return Task.CompletedTask;
        var job = new SlicedJob(this, priority, slices, body, cancellationToken);
        return Submit(job, slices) is { } refusal ? Task.FromException(refusal) : job.Task;
    }

    /// <summary>Runs <paramref name="body"/> as a job of one slice and completes with its result.</summary>
    /// <exception cref="ComputeOverloadedException">Too many jobs of this priority are unfinished; nothing was run.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Task<T> RunAsync<T>(ComputePriority priority, Func<T> body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        var job = new ResultJob<T>(this, priority, body, cancellationToken);
        return Submit(job, 1) is { } refusal ? Task.FromException<T>(refusal) : job.Task;
    }

    /// <summary>Takes no more jobs, finishes those it has, and ends the threads.</summary>
    public Task CompleteAsync()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        return _stopped.Task;
    }

    /// <summary>Takes no more jobs, cancels what has not started, waits for the slices that run, and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        List<ComputeJob> finished = [];
        lock (_gate)
        {
            _closed = true;
            foreach (var ring in _rings)
            {
                while (ring.Front is { } job)
                {
                    ring.Remove(job);
                    job.Stop(new CancellationToken(canceled: true));
                    if (!job.IsFinished)
                        continue;
                    ring.Unfinished--;
                    finished.Add(job);
                }
            }

            Monitor.PulseAll(_gate);
        }

        foreach (var job in finished)
            job.Settle();
        await _stopped.Task.ConfigureAwait(false);
    }

    internal void Cancel(ComputeJob job)
    {
        lock (_gate)
        {
            // Finished, or its last slices run: then whoever returns the last one settles it.
            if (!job.HasUnclaimed)
                return;
            job.Stop(job.CancellationToken);
            if (!job.IsSubmitted)
                return;
            var ring = _rings[(int)job.Priority];
            ring.Remove(job);
            if (!job.IsFinished)
                return;
            ring.Unfinished--;
        }

        job.Settle();
    }

    private Exception? Submit(ComputeJob job, int slices)
    {
        // Before the pool knows the job: nobody settles it while the registration is being written.
        job.Arm();
        if (ComputeTelemetry.Waits.Enabled)
            job.SubmittedAt = _options.Time.GetTimestamp();
        Exception? refusal = null;
        lock (_gate)
        {
            var ring = _rings[(int)job.Priority];
            if (_closed)
            {
                refusal = new ObjectDisposedException(nameof(ComputePool), "The compute pool is closed: it takes no more jobs.");
            }
            else if (ring.Unfinished >= _options.JobLimit)
            {
                refusal = new ComputeOverloadedException(
                    $"The compute pool has {ring.Unfinished} unfinished {job.Priority} jobs: retry when some are done.");
            }
            else if (!job.IsStopped)
            {
                job.IsSubmitted = true;
                ring.Unfinished++;
                ring.AddLast(job);
                if (_sleeping > 0 && slices == 1)
                    Monitor.Pulse(_gate);
                else if (_sleeping > 0)
                    Monitor.PulseAll(_gate);
                return null;
            }
        }

        if (refusal is null)
            job.Settle();
        else
            job.Disarm();
        return refusal;
    }
}
