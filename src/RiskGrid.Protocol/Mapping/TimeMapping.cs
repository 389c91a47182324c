using Google.Protobuf.WellKnownTypes;
using NodaTime;

namespace RiskGrid.Protocol.Mapping;

/// <summary>Between instants and wire timestamps, in steps of 100 nanoseconds: finer parts are cut, as everywhere an instant is hashed or stored.</summary>
public static class TimeMapping
{
    private const long TicksPerSecond = NodaConstants.TicksPerSecond;

    /// <summary>The wire form of an instant.</summary>
    public static Timestamp ToTimestamp(this Instant instant)
    {
        var ticks = instant.ToUnixTimeTicks();
        var seconds = ticks >= 0 ? ticks / TicksPerSecond : ((ticks + 1) / TicksPerSecond) - 1;
        return new Timestamp { Seconds = seconds, Nanos = (int)((ticks - (seconds * TicksPerSecond)) * NodaConstants.NanosecondsPerTick) };
    }

    /// <summary>The instant that a wire timestamp names.</summary>
    public static Instant ToInstant(this Timestamp timestamp) =>
        Instant.FromUnixTimeTicks((timestamp.Seconds * TicksPerSecond) + (timestamp.Nanos / NodaConstants.NanosecondsPerTick));
}
