using Microsoft.Extensions.Logging;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>What the engine tells an operator; every message of the project is here.</summary>
internal sealed partial class RabbitMqLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(Level = LogLevel.Information, Message = "Joined {Broker} as {Incarnation}: kinds [{Kinds}], prefix {Prefix}, in {Milliseconds} ms")]
    public partial void Joined(string broker, string incarnation, string kinds, string prefix, long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Left {Broker} in {Milliseconds} ms")]
    public partial void Left(string broker, long milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Reason}; trying again in {Pause}")]
    public partial void NotReached(string reason, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Partition {Partition} goes to whoever is next: {Why}")]
    public partial void Yielded(int partition, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Partition {Partition}: {Calls} calls still ran after {Time} and are delivered again elsewhere")]
    public partial void HandOverCutShort(int partition, int calls, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Name} ({Incarnation}) has joined")]
    public partial void MemberJoined(string name, string incarnation);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Name} ({Incarnation}) {How}")]
    public partial void MemberGone(string name, string incarnation, string how);

    [LoggerMessage(Level = LogLevel.Error, Message = "The broker takes no messages now ({Reason}): calls wait. Free its memory or disk, or raise its limits")]
    public partial void Blocked(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker takes messages again")]
    public partial void Unblocked();
}
