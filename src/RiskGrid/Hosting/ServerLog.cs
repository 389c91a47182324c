using Microsoft.Extensions.Logging;

namespace RiskGrid.Hosting;

/// <summary>What the executable tells an operator; every message of the project is here.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Scenarios} historical scenarios from {Panel}; {Dropped} days dropped, {MultiSession} moves over several sessions; set {Hash}")]
    public static partial void ScenariosRead(this ILogger logger, int scenarios, string panel, int dropped, int multiSession, string hash);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Role} {Name}: ledger {Ledger}, broker {Broker}; gRPC on {Grpc}, Connect and health on {Http}")]
    public static partial void Serving(this ILogger logger, string role, string name, string ledger, string broker, Uri? grpc, Uri? http);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for {What}, for {Limit} at most: {Reason}")]
    public static partial void WaitingFor(this ILogger logger, string what, string reason, TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: connected, and silos are there")]
    public static partial void Ready(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not ready: {Reason}")]
    public static partial void NotReady(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: no new calls, what was accepted is finished")]
    public static partial void Stopping(this ILogger logger);
}
