using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>How the front door listens and what it bears. Immutable.</summary>
public sealed record GatewayOptions
{
    /// <summary>Address to listen on: <c>localhost</c>, <c>127.0.0.1</c> or <c>::1</c>. Others are refused until calls are encrypted and
    /// callers are known.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port of gRPC over clear-text HTTP/2 (and Connect); 0 lets the system choose.</summary>
    public int GrpcPort { get; init; } = 7001;

    /// <summary>Port of HTTP/1.1: Connect, <c>/healthz</c> and <c>/readyz</c>; 0 lets the system choose.</summary>
    public int HttpPort { get; init; } = 7002;

    /// <summary>Where the server logs.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Clock of deadlines and timeouts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Limit on one request message in bytes, as sent and inflated. 16 MiB.</summary>
    public int MaxReceiveMessageBytes { get; init; } = MessageFrame.DefaultMaxBytes;

    /// <summary>Responses of at least this many bytes are compressed for callers that accept gzip; null: none. 64 KiB.</summary>
    public int? CompressResponsesFrom { get; init; } = 64 * 1024;

    /// <summary>Unary calls in flight, all connections together; more are refused with RESOURCE_EXHAUSTED. A quarter on top is kept for
    /// connections with none in flight. 512.</summary>
    public int MaxConcurrentCalls { get; init; } = 512;

    /// <summary>Unary calls in flight on one connection. 128.</summary>
    public int MaxConcurrentCallsPerConnection { get; init; } = 128;

    /// <summary>Streams in flight, all connections together, with a quarter on top as for calls. 1,024.</summary>
    public int MaxConcurrentStreams { get; init; } = 1024;

    /// <summary>Streams in flight on one connection. 64.</summary>
    public int MaxConcurrentStreamsPerConnection { get; init; } = 64;

    /// <summary>Open connections, both ports together; more are closed at once. 1,024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>What a refused caller is told to wait. 200 ms.</summary>
    public TimeSpan RetryAfterRefusal { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>An HTTP/2 connection silent for this long is pinged. 10 s.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that does not answer a ping within this time is dropped. 10 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A caller that takes nothing of a pending response for this long is cut off. 30 s.</summary>
    public TimeSpan StalledReaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping server waits for calls in flight; then they are cancelled. 10 s.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Turns a failure of the application into a call's outcome; null: the server's own rules apply. Must not throw.</summary>
    public Func<Exception, RpcException?>? MapException { get; init; }

    /// <summary>The address to bind to.</summary>
    /// <exception cref="ArgumentException">Not a loopback address, or a port or limit is out of range; the message says which.</exception>
    public IPAddress Validate()
    {
        CheckPort(GrpcPort, "the gRPC port");
        CheckPort(HttpPort, "the HTTP port");
        if (GrpcPort == HttpPort && GrpcPort != 0)
            throw new ArgumentException($"gRPC and HTTP/1.1 need two ports, both are {GrpcPort}: clear-text HTTP cannot tell them apart");
        CheckAbove(MaxReceiveMessageBytes, nameof(MaxReceiveMessageBytes));
        CheckAbove(MaxConcurrentCalls, nameof(MaxConcurrentCalls));
        CheckAbove(MaxConcurrentCallsPerConnection, nameof(MaxConcurrentCallsPerConnection));
        CheckAbove(MaxConcurrentStreams, nameof(MaxConcurrentStreams));
        CheckAbove(MaxConcurrentStreamsPerConnection, nameof(MaxConcurrentStreamsPerConnection));
        CheckAbove(MaxConnections, nameof(MaxConnections));
        if (string.Equals(Address, "localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        if (!IPAddress.TryParse(Address, out var address))
            throw new ArgumentException($"'{Address}' is no IP address: use 127.0.0.1, ::1 or localhost");
        return IPAddress.IsLoopback(address)
            ? address
            : throw new ArgumentException($"refusing to listen on {Address}: the server has no TLS and no roles yet, so whoever reaches it may do "
                + "everything. Use 127.0.0.1, ::1 or localhost");
    }

    private static void CheckPort(int port, string name)
    {
        if (port is < 0 or > 65535)
            throw new ArgumentException($"{name} is {port}: use 0 to 65535");
    }

    private static void CheckAbove(int value, string name)
    {
        if (value < 1)
            throw new ArgumentException($"{name} is {value}: use 1 or more");
    }
}
