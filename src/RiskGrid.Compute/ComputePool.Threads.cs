namespace RiskGrid.Compute;

/// <content>What a compute thread does.</content>
public sealed partial class ComputePool
{
    private void Work(ThreadClock clock)
    {
        ComputeJob? job = null;
        var slice = 0;
        Exception? failure = null;
        while (true)
        {
            ComputeJob? finished = null;
            lock (_gate)
            {
                if (job is not null && Return(job, slice, failure))
                    finished = job;
                // A sleeping thread keeps nothing alive.
                (job, failure) = (null, null);
                if (finished is null)
                {
                    job = WaitForJob();
                    if (job is null)
                        break;
                    slice = Claim(job);
                }
            }

            if (finished is not null)
                finished.Settle();
            else
                failure = RunSlice(job!, slice, clock);
        }

        if (Interlocked.Decrement(ref _alive) == 0)
            _stopped.SetResult();
    }

    // Under _gate. Null when the pool is closed and nothing is left to claim.
    private ComputeJob? WaitForJob()
    {
        while (true)
        {
            foreach (var ring in _rings)
            {
                if (ring.Front is { } job)
                    return job;
            }

            if (_closed)
                return null;
            _sleeping++;
            Monitor.Wait(_gate);
            _sleeping--;
        }
    }

    // Under _gate.
    private int Claim(ComputeJob job)
    {
        var ring = _rings[(int)job.Priority];
        var slice = job.Claim();
        if (job.HasUnclaimed)
            ring.Rotate();
        else
            ring.Remove(job);
        return slice;
    }

    // Under _gate. True when this was the job's last slice.
    private bool Return(ComputeJob job, int slice, Exception? failure)
    {
        var ring = _rings[(int)job.Priority];
        ring.SlicesRun++;
        job.Return(slice, failure);
        if (failure is not null)
            ring.Remove(job);
        if (!job.IsFinished)
            return false;
        ring.Unfinished--;
        return true;
    }

    private Exception? RunSlice(ComputeJob job, int slice, ThreadClock clock)
    {
        var started = _options.Time.GetTimestamp();
        if (slice == 0 && job.SubmittedAt is not 0 and var submitted)
            ComputeTelemetry.Waits.Record(_options.Time.GetElapsedTime(submitted, started).TotalSeconds, ComputeTelemetry.Priorities[(int)job.Priority]);
        try
        {
            job.RunSlice(slice);
            return null;
        }
#pragma warning disable CA1031 // Whatever a slice throws is its job's outcome; the thread lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
        finally
        {
            clock.Add(_options.Time.GetElapsedTime(started));
        }
    }
}
