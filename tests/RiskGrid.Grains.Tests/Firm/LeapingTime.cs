namespace RiskGrid.Grains.Tests;

/// <summary>A clock that leaps on: timers of more than an hour fire when they are leapt over, all others by themselves. As with the real one, no timer
/// is longer than 49 days.</summary>
internal sealed class LeapingTime : TimeProvider
{
    private static readonly TimeSpan Far = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<LeapingTimer> _timers = [];
    private TimeSpan _leapt;

    private TimeSpan Leapt
    {
        get
        {
            lock (_gate)
                return _leapt;
        }
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leapt;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Leapt.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LeapingTimer(this, () => callback(state), base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Leap(TimeSpan by)
    {
        List<LeapingTimer> due;
        lock (_gate)
        {
            _leapt += by;
            due = _timers.FindAll(t => t.Due <= base.GetUtcNow() + _leapt);
            due.ForEach(t => t.Due = null);
        }

        due.ForEach(t => t.Callback());
    }

    private sealed class LeapingTimer(LeapingTime time, Action callback, ITimer near) : ITimer
    {
        public Action Callback => callback;

        public DateTimeOffset? Due { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
                Due = dueTime > Far ? time.GetUtcNow() + dueTime : null;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, uint.MaxValue - 1);
            return near.Change(Due is null ? dueTime : Timeout.InfiniteTimeSpan, period);
        }

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
            near.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
