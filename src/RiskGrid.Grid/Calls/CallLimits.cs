namespace RiskGrid.Grid;

/// <summary>The caller's token and the time limit of one request; allocated only for calls that have either.</summary>
internal sealed class CallLimits
{
    private readonly LocalCall _call;
    private readonly CancellationToken _callers;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationTokenSource? _expired;
    private readonly ITimer? _timer;

    public CallLimits(LocalCall call, TimeProvider time, TimeSpan? timeout, CancellationToken callers)
    {
        _call = call;
        _callers = callers;
        if (timeout is { } limit)
        {
            // Never disposed: a turn may still hold its token, and without a timer of its own there is nothing to release.
            _expired = new CancellationTokenSource();
            Deadline = time.GetUtcNow() + limit;
            _timer = time.CreateTimer(static limits => ((CallLimits)limits!).Expire(), this, limit, Timeout.InfiniteTimeSpan);
        }

        _registration = callers.UnsafeRegister(static limits => ((CallLimits)limits!).GiveUp(), this);
    }

    public DateTimeOffset? Deadline { get; }

    public CancellationToken Token => _expired?.Token ?? _callers;

    /// <summary>The call is settled. Does not wait for a callback that is running.</summary>
    public void Stop()
    {
        _registration.Unregister();
        _timer?.Dispose();
    }

    private void Expire()
    {
        _call.Fail(new GrainDeadlineException(
            $"No reply from {_call.Method} of {_call.Key} before {Deadline:O}; it may or may not have been applied."));
        _expired!.Cancel();
    }

    private void GiveUp()
    {
        _call.GiveUp(_callers);
        _expired?.Cancel();
    }
}
