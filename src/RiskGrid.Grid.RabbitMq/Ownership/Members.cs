using System.Collections.Concurrent;
using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>Who else is in the cluster, by hearsay: for balance and for people. What is right does not depend on it.</summary>
internal sealed class Members(Session session)
{
    private const double MissedHellos = 3.5;
    private const int RememberedLeavers = 1024;

    private readonly ConcurrentDictionary<string, Member> _members = new();
    private readonly ConcurrentDictionary<string, bool> _left = new();
    private volatile bool _leaving;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var channel = await session.OpenChannelAsync(session.Listening, null, cancellationToken).ConfigureAwait(false);
        var queue = await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, null, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await channel.QueueBindAsync(queue.QueueName, session.Names.Members, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.BasicConsumeAsync(
            queue.QueueName, autoAck: true, "members", noLocal: false, exclusive: true, null,
            new Consumer(session, channel, session.Names.Members, OnMessage, acknowledges: false), cancellationToken).ConfigureAwait(false);
        Say(joining: true);
        session.Run(LiveAsync, "saying hello");
    }

    /// <summary>Tells the others that this silo takes no more.</summary>
    public void Leave()
    {
        _leaving = true;
        Say(joining: false);
    }

    /// <summary>Its inbox is gone, so its connection is, and its partitions are others': all hear it at once, and share them out.</summary>
    public void Bury(string incarnation)
    {
        if (_members.ContainsKey(incarnation))
            session.Broadcasts.TrySend(
                session.Names.Members, "", MessageType.Hello, new Hello { Incarnation = incarnation, Leaving = true, Gone = true }.ToByteArray());
    }

    /// <summary>It said that it leaves, or is gone. One that is merely silent may be busy, and its claims hold.</summary>
    public bool HasLeft(string incarnation) => _left.ContainsKey(incarnation);

    /// <summary>Another silo takes calls of each of these kinds.</summary>
    public bool OthersHost(IReadOnlyList<string> kinds) =>
        kinds.All(kind => _members.Values.Any(m => m.Hello.Activations.ContainsKey(kind)));

    /// <summary>Of all silos heard of that host the kind, this one ranks best.</summary>
    public bool RanksBest(string kind, int partition) => !_leaving && _members.All(m =>
        !m.Value.Hello.Activations.ContainsKey(kind) || Rank.IsBetter(session.Incarnation, m.Key, partition));

    /// <summary>All silos, this one too, by name.</summary>
    public IReadOnlyList<SiloState> Read() =>
    [
        .. _members.Values.Select(m => ToState(m.Hello, session.Clock.GetElapsedTime(m.LastHeard)))
            .Append(ToState(Describe(joining: false), TimeSpan.Zero))
            .OrderBy(s => s.Load.Name, StringComparer.Ordinal)
            .ThenBy(s => s.Incarnation, StringComparer.Ordinal),
    ];

    private async Task LiveAsync()
    {
        using var timer = new PeriodicTimer(session.Options.HelloInterval, session.Clock);
        while (await timer.WaitForNextTickAsync(session.Ended).ConfigureAwait(false))
        {
            Say(joining: false);
            session.Owners.Changed();
            foreach (var (incarnation, member) in _members)
            {
                if (session.Clock.GetElapsedTime(member.LastHeard) > session.Options.HelloInterval * MissedHellos)
                    Forget(incarnation, "has been silent for too long");
            }

            if (!_leaving)
                session.Ownership.ClaimBest();
        }
    }

    private ValueTask OnMessage(Incoming message)
    {
        if (message.Properties.Type == MessageType.Owned)
            session.Owners.Hear(Owned.Parser.ParseFrom(message.Body.Span));
        else
            OnHello(Hello.Parser.ParseFrom(message.Body.Span));
        return ValueTask.CompletedTask;
    }

    private void OnHello(Hello hello)
    {
        if (hello.Incarnation == session.Incarnation)
            return;
        if (hello.Leaving)
        {
            // Bounded by hand: only claims that are still under way ask for it.
            if (_left.Count >= RememberedLeavers)
                _left.Clear();
            _left[hello.Incarnation] = true;
            Forget(hello.Incarnation, hello.Gone ? "is gone" : "leaves");
            return;
        }

        var isNew = !_members.ContainsKey(hello.Incarnation);
        _members[hello.Incarnation] = new Member(hello, session.Clock.GetTimestamp());
        if (isNew)
        {
            session.Log.MemberJoined(hello.Name, hello.Incarnation);
            session.Ownership.ForgetClaims();
        }

        if (!hello.Joining)
            return;
        Say(joining: false);
        session.Owners.Changed();
    }

    private void Forget(string incarnation, string how)
    {
        if (!_members.TryRemove(incarnation, out var member))
            return;
        session.Log.MemberGone(member.Hello.Name, incarnation, how);
        // What it had goes to whoever is next in line, at once; the claims go after it.
        session.Ownership.ForgetClaims();
        if (!_leaving)
            session.Ownership.ClaimBest();
    }

    private void Say(bool joining) =>
        session.Broadcasts.TrySend(session.Names.Members, "", MessageType.Hello, Describe(joining).ToByteArray());

    private Hello Describe(bool joining)
    {
        var load = session.Host.Load;
        var hello = new Hello
        {
            Incarnation = session.Incarnation,
            Name = load.Name,
            Machine = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            WorkRunning = load.WorkRunning,
            WorkConcurrency = load.WorkConcurrency,
            Joining = joining,
            Leaving = _leaving,
        };
        hello.Activations.Add(new Dictionary<string, int>(load.Activations));
        foreach (var kind in session.Kinds)
            hello.Partitions.Add(kind, session.Ownership.OwnedCount(kind));
        return hello;
    }

    private static SiloState ToState(Hello hello, TimeSpan silentFor) => new(
        hello.Incarnation,
        hello.Machine,
        hello.ProcessId,
        new SiloLoad(hello.Name, hello.Activations, hello.WorkRunning, hello.WorkConcurrency),
        hello.Partitions,
        silentFor);

    private sealed record Member(Hello Hello, long LastHeard);
}
