using System.Collections.Frozen;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>What a silo hosts: which queues an engine consumes, and how it reads their messages. Thread-safe.</summary>
public sealed class SiloCatalog
{
    private readonly FrozenDictionary<string, GrainHost> _grains;
    private readonly WorkHost _work;
    private readonly TopicHub _topics;

    internal SiloCatalog(FrozenDictionary<string, GrainHost> grains, WorkHost work, TopicHub topics)
    {
        _grains = grains;
        _work = work;
        _topics = topics;
    }

    /// <summary>The kinds of grains, in ordinal order.</summary>
    public IReadOnlyList<string> Kinds => [.. _grains.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The kinds of work, in ordinal order.</summary>
    public IReadOnlyList<string> WorkKinds => _work.Kinds;

    /// <summary>The method by its address.</summary>
    /// <exception cref="GrainNotHostedException">This silo has no such kind, or the kind no such method: the sender runs another
    /// version.</exception>
    public GrainMethod FindMethod(string kind, string method)
    {
        if (!_grains.TryGetValue(kind, out var host))
            throw new GrainNotHostedException($"No grain of kind '{kind}' is hosted here.");
        return host.Interface.Find(method)
            ?? throw new GrainNotHostedException(
                $"{host.Interface.Type.Name} (kind '{kind}') has no method '{method}': the sender runs another version.");
    }

    /// <summary>Reads a work item of this kind; null without a handler here.</summary>
    public MessageParser? FindWork(string workKind) => _work.Find(workKind)?.Parser;

    /// <summary>Reads a topic's messages; null without a subscriber here.</summary>
    public MessageParser? FindTopic(string topic) => _topics.Find(topic);
}
