using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>How a channel connects and tries again. Immutable.</summary>
public sealed record RpcChannelOptions
{
    /// <summary>Clock of deadlines and pauses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Time for a unary call that names none. 30 s.</summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit on one received message in bytes, as sent and inflated. 16 MiB.</summary>
    public int MaxReceiveMessageBytes { get; init; } = MessageFrame.DefaultMaxBytes;

    /// <summary>Time to open a connection. 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection with calls in flight that is silent for this long is pinged. 10 s.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that does not answer a ping within this time is dropped. 10 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Further tries of an idempotent call. 4.</summary>
    public int MaxRetries { get; init; } = 4;

    /// <summary>Pause before the first further try, on average; it doubles with each. 50 ms.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause, unless the server asks for a longer one. 2 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(2);
}
