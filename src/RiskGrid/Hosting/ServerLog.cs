using Microsoft.Extensions.Logging;

namespace RiskGrid.Hosting;

/// <summary>What the executable tells an operator; every message of the project is here.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Scenarios} historical scenarios from {Panel}; {Dropped} days dropped, {MultiSession} moves over several sessions; set {Hash}")]
    public static partial void ScenariosRead(this ILogger logger, int scenarios, string panel, int dropped, int multiSession, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ledger {Ledger}; gRPC on {Grpc}, Connect and health on {Http}")]
    public static partial void Serving(this ILogger logger, string ledger, Uri grpc, Uri http);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: no new calls, what was accepted is finished")]
    public static partial void Stopping(this ILogger logger);
}
