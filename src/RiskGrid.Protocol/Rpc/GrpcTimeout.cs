using System.Globalization;

namespace RiskGrid.Protocol.Rpc;

/// <summary>The header <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
/// <remarks>Source: "gRPC over HTTP2", the gRPC project's doc/PROTOCOL-HTTP2.md, Timeout.</remarks>
public static class GrpcTimeout
{
    private const long MaxValue = 99_999_999;

    /// <summary>The longest timeout that is counted down; anything longer is no limit in practice. Below the range of a timer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>The finest unit that eight digits can hold, rounded up, so that a peer never gives up earlier than asked.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 0);
        foreach (var (unit, size) in Units)
        {
            var value = (ticks / size) + (ticks % size == 0 ? 0 : 1);
            if (value <= MaxValue)
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
        }

        return $"{MaxValue}H";
    }

    /// <summary>False when the header is malformed. A timeout above <see cref="Longest"/> reads as <see cref="Longest"/>.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((value + 99) / 100);
            return true;
        }

        foreach (var (unit, size) in Units)
        {
            if (unit != text[^1])
                continue;
            timeout = value > Longest.Ticks / size ? Longest : TimeSpan.FromTicks(value * size);
            return true;
        }

        return false;
    }
}
