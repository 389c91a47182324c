using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>The topics that this silo's subscribers hear.</summary>
internal sealed class TopicHub(Silo silo)
{
    private readonly ConcurrentDictionary<string, Topic> _topics = new();

    public MessageParser? Find(string topic) =>
        _topics.TryGetValue(topic, out var found) && !found.Subscribers.IsEmpty ? found.Parser : null;

    public IDisposable Subscribe<TMessage>(string topic, Func<TMessage, ValueTask> handler)
        where TMessage : class, IMessage<TMessage>, new()
    {
        var entry = _topics.GetOrAdd(topic, static _ => new Topic(typeof(TMessage), new MessageParser<TMessage>(() => new TMessage())));
        if (entry.Type != typeof(TMessage))
            throw new ArgumentException($"Topic '{topic}' carries {entry.Type.Name}, not {typeof(TMessage).Name}.");
        var subscriber = new TopicSubscriber(silo, topic, message => handler((TMessage)message), entry.Remove);
        entry.Add(subscriber);
        return subscriber;
    }

    public void Deliver(string topic, IMessage message)
    {
        if (!_topics.TryGetValue(topic, out var entry))
            return;
        if (!entry.Type.IsInstanceOfType(message))
            throw new ArgumentException($"Topic '{topic}' carries {entry.Type.Name}, not {message.GetType().Name}.");
        foreach (var subscriber in entry.Subscribers)
            subscriber.Enqueue(message);
    }

    private sealed class Topic(System.Type type, MessageParser parser)
    {
        private ImmutableArray<TopicSubscriber> _subscribers = [];

        public System.Type Type => type;

        public MessageParser Parser => parser;

        public ImmutableArray<TopicSubscriber> Subscribers => _subscribers;

        public void Add(TopicSubscriber subscriber) =>
            ImmutableInterlocked.Update(ref _subscribers, (all, one) => all.Add(one), subscriber);

        public void Remove(TopicSubscriber subscriber) =>
            ImmutableInterlocked.Update(ref _subscribers, (all, one) => all.Remove(one), subscriber);
    }
}
