using System.Globalization;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>What queues and exchanges are called: the same on every silo of every version.</summary>
internal sealed class Names(string prefix)
{
    /// <summary>Work items, for whoever is free.</summary>
    public string Work { get; } = $"{prefix}.work";

    /// <summary>The exchange and the queue of messages that nobody could take.</summary>
    public string Dead { get; } = $"{prefix}.dead";

    /// <summary>The exchange of hellos.</summary>
    public string Members { get; } = $"{prefix}.members";

    /// <summary>Before the incarnation in the name of a silo's own queue.</summary>
    public string Inbox { get; } = $"{prefix}.inbox";

    /// <summary>The exchange of topics.</summary>
    public string Topics { get; } = $"{prefix}.topics";

    public string Queue(string kind, int partition) => string.Create(CultureInfo.InvariantCulture, $"{prefix}.{kind}.p{partition:00}");
}

/// <summary>What a message carries, as its type property says.</summary>
internal static class MessageType
{
    public const string Calls = "calls";
    public const string Direct = "direct";
    public const string Probe = "probe";
    public const string Barrier = "barrier";
    public const string Owned = "owned";
    public const string Gone = "gone";
    public const string Claim = "claim";
    public const string Work = "work";
    public const string Replies = "replies";
    public const string Hello = "hello";
    public const string Topic = "topic";
}
