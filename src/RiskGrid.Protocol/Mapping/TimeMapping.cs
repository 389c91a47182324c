using Google.Protobuf.WellKnownTypes;
using NodaTime;

namespace RiskGrid.Protocol.Mapping;

/// <summary>Between instants and wire timestamps.</summary>
public static class TimeMapping
{
    /// <summary>The wire form of an instant.</summary>
    public static Timestamp ToTimestamp(this Instant instant)
    {
        var seconds = instant.ToUnixTimeSeconds();
        return new Timestamp { Seconds = seconds, Nanos = (instant - Instant.FromUnixTimeSeconds(seconds)).SubsecondNanoseconds };
    }

    /// <summary>The instant that a wire timestamp names, in steps of 100 nanoseconds: finer parts are cut where they come in, so that what is priced
    /// from is what is stored and hashed.</summary>
    public static Instant ToInstant(this Timestamp timestamp) =>
        Instant.FromUnixTimeSeconds(timestamp.Seconds).PlusTicks(timestamp.Nanos / NodaConstants.NanosecondsPerTick);
}
