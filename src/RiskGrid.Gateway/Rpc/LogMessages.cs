using Microsoft.Extensions.Logging;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>What the generic server side logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "Listening for gRPC on {Grpc} and for HTTP/1.1 on {Http}")]
    public static partial void Listening(this ILogger log, Uri grpc, Uri http);

    [LoggerMessage(2, LogLevel.Information, "Draining: {Calls} calls in flight, at most {Grace} to finish")]
    public static partial void Draining(this ILogger log, int calls, TimeSpan grace);

    [LoggerMessage(3, LogLevel.Error, "{Method} failed, call {CallId} of {Peer}")]
    public static partial void CallFailed(this ILogger log, Exception exception, string method, string callId, string peer);

    [LoggerMessage(4, LogLevel.Debug, "{Method} ended with {Status}: {Message}")]
    public static partial void CallEnded(this ILogger log, string method, RpcStatus status, string message);

    [LoggerMessage(5, LogLevel.Warning, "{Method} of {Peer} cut off: it took nothing for {Timeout}")]
    public static partial void StalledReader(this ILogger log, string method, string peer, TimeSpan timeout);

    [LoggerMessage(6, LogLevel.Debug, "{Method} of {Peer} refused: too many calls in flight")]
    public static partial void Refused(this ILogger log, string method, string peer);

    [LoggerMessage(7, LogLevel.Error, "The hook that maps failures threw, call {CallId}")]
    public static partial void MapperFailed(this ILogger log, Exception exception, string callId);
}
