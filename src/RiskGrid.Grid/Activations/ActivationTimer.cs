namespace RiskGrid.Grid;

/// <summary>A grain's timer: one turn object, queued again and again, never twice at a time.</summary>
internal sealed class ActivationTimer(Activation activation, Func<Task> turn) : Turn, IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _stopped;
    private int _pending;

    public void Start(TimeProvider time, TimeSpan due, TimeSpan period)
    {
        var timer = time.CreateTimer(static self => ((ActivationTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            if (_stopped)
            {
                timer.Dispose();
                return;
            }

            _timer = timer;
        }

        timer.Change(due, period);
    }

    public void Dispose()
    {
        Stop();
        activation.Forget(this);
    }

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _timer?.Dispose();
        }
    }

    internal override Task Run(Activation activation) => Volatile.Read(ref _stopped) ? Task.CompletedTask : turn();

    internal override void Settle(Activation activation, Task finished)
    {
        Volatile.Write(ref _pending, 0);
        if (finished.Exception?.InnerException is { } exception)
            activation.Report(GrainErrorSource.Timer, turn.Method.Name, exception);
    }

    private void Fire()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0 && !activation.TryEnqueueOwn(this, counts: false))
            Stop();
    }
}
