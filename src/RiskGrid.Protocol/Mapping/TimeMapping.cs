using Google.Protobuf.WellKnownTypes;
using NodaTime;

namespace RiskGrid.Protocol.Mapping;

/// <summary>Between instants and wire timestamps, to the nanosecond.</summary>
public static class TimeMapping
{
    /// <summary>The wire form of an instant.</summary>
    public static Timestamp ToTimestamp(this Instant instant)
    {
        var seconds = instant.ToUnixTimeSeconds();
        return new Timestamp { Seconds = seconds, Nanos = (instant - Instant.FromUnixTimeSeconds(seconds)).SubsecondNanoseconds };
    }

    /// <summary>The instant that a wire timestamp names.</summary>
    public static Instant ToInstant(this Timestamp timestamp) =>
        Instant.FromUnixTimeSeconds(timestamp.Seconds).PlusNanoseconds(timestamp.Nanos);
}
