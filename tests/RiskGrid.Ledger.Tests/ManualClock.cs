using NodaTime;

namespace RiskGrid.Ledger.Tests;

/// <summary>A clock that a test sets, forwards or back.</summary>
public sealed class ManualClock(Instant now) : TimeProvider
{
    private long _ticks = now.ToUnixTimeTicks();

    public ManualClock()
        : this(Instant.FromUtc(2026, 1, 30, 21, 15))
    {
    }

    public Instant Now
    {
        get => Instant.FromUnixTimeTicks(Interlocked.Read(ref _ticks));
        set => Interlocked.Exchange(ref _ticks, value.ToUnixTimeTicks());
    }

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
}
