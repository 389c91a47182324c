using NodaTime;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>Gives out the recording times of one opening of a ledger: strictly increasing, whatever the clock does, and after every time that was read
/// as of. It outlives the writer's connections. Used by the writer's thread only.</summary>
internal sealed class RecordingClock(TimeProvider clock)
{
    // In ticks.
    private long _last = long.MinValue;

    private long Now => Instant.FromDateTimeOffset(clock.GetUtcNow()).ToUnixTimeTicks();

    /// <summary>The clock's time in ticks, or one tick after the last one where the clock has not moved on or was set back.</summary>
    public long Next() => _last = Math.Max(Now, _last + 1);

    /// <summary>What the file holds already has this time: later ones come after it.</summary>
    public void GoOnAfter(long recordedAt) => _last = Math.Max(_last, recordedAt);

    /// <summary>From now on no time up to the wanted one is given out, or none up to now if that is earlier.</summary>
    /// <returns>The time up to which none is given out.</returns>
    public long Settle(long wanted) => _last = Math.Max(_last, Math.Min(wanted, Now));
}
