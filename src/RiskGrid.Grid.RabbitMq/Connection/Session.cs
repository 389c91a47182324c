using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>One life of a silo's connections: all or nothing. Whatever ends unasked ends the whole session, and the engine opens a new one
/// under a new incarnation.</summary>
internal sealed partial class Session : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private BrokerConnection? _listening;
    private BrokerConnection? _sending;
    private FreezeGuard? _guard;
    private int _losing;
    private volatile bool _leaving;

    private Session(RabbitMqOptions options, IEngineHost host, RabbitMqLog log, TimeProvider clock)
    {
        Options = options;
        Host = host;
        Log = log;
        Clock = clock;
        Names = new Names(options.Prefix);
        Kinds = host.Catalog.Kinds;
        WorkKinds = host.Catalog.WorkKinds;
#pragma warning disable RS0030 // Not a result: a name, unique per connection.
        Incarnation = Guid.CreateVersion7().ToString("N");
#pragma warning restore RS0030
        Ended = _ended.Token;
        Replies = new Replies(this);
        Outbox = new Outbox(this);
        Broadcasts = new Broadcasts(this);
        Members = new Members(this);
        Owners = new Owners(this);
        Inbox = new Inbox(this);
        Ownership = new Ownership(this);
        Work = new WorkConsumer(this);
        Reader = new ClusterReader(this);
    }

    public RabbitMqOptions Options { get; }

    public IEngineHost Host { get; }

    public RabbitMqLog Log { get; }

    /// <summary>Of the engine's own doings: monotonic, never a test's.</summary>
    public TimeProvider Clock { get; }

    public Names Names { get; }

    public IReadOnlyList<string> Kinds { get; }

    public IReadOnlyList<string> WorkKinds { get; }

    public string Incarnation { get; }

    /// <summary>Deliveries, acknowledgements and replies: in one stream, so that no acknowledgement overtakes its reply.</summary>
    public IConnection Listening => _listening!.Open;

    /// <summary>Calls, work and topics. A broker that is out of memory or disk stops reading from a connection with the first message that is published
    /// there: from here, and from the listening one too as soon as a reply goes out. Then nothing is acknowledged until it has room again.</summary>
    public IConnection Sending => _sending!.Open;

    public Replies Replies { get; }

    public Outbox Outbox { get; }

    public Broadcasts Broadcasts { get; }

    public Members Members { get; }

    public Owners Owners { get; }

    public Inbox Inbox { get; }

    public Ownership Ownership { get; }

    public WorkConsumer Work { get; }

    public ClusterReader Reader { get; }

    /// <summary>Completes, with the reason, when the session is lost; not when it is left.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>Nothing that still arrives counts.</summary>
    public bool IsLost => Volatile.Read(ref _losing) != 0;

    /// <summary>Cancelled when the session is lost or left.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Connects; the verbs work from now on, but nothing is consumed yet.</summary>
    public static async Task<Session> ConnectAsync(
        RabbitMqOptions options, IEngineHost host, RabbitMqLog log, TimeProvider clock, CancellationToken cancellationToken)
    {
        var session = new Session(options, host, log, clock);
        try
        {
            var name = $"riskgrid {host.Load.Name}";
            // Both at once: a silo that joins waits for the slower one only.
            var listening = BrokerConnection.OpenAsync(options, $"{name} listening", cancellationToken);
            var sending = BrokerConnection.OpenAsync(options, $"{name} sending", cancellationToken);
            try
            {
                await Task.WhenAll(listening, sending).ConfigureAwait(false);
            }
            finally
            {
                // The one that was opened is closed with the session, also when the other was not.
                session._listening = listening.IsCompletedSuccessfully ? await listening.ConfigureAwait(false) : null;
                session._sending = sending.IsCompletedSuccessfully ? await sending.ConfigureAwait(false) : null;
            }

            session.Watch(session.Listening);
            session._guard = new FreezeGuard(clock, options.Heartbeat * 1.5, silence => session.Lose(
                $"the process was stopped for {silence.TotalSeconds:0.0} s, and the broker may have given its partitions to others"));
            session.Watch(session.Sending);
            await Topology.DeclareAsync(session, cancellationToken).ConfigureAwait(false);
            await session.Replies.StartAsync(cancellationToken).ConfigureAwait(false);
            await session.Outbox.StartAsync(cancellationToken).ConfigureAwait(false);
            await session.Broadcasts.StartAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts to take calls, work, topics and dead letters, and tells the others.</summary>
    public async Task ConsumeAsync(CancellationToken cancellationToken)
    {
        await new TopicConsumer(this).StartAsync(cancellationToken).ConfigureAwait(false);
        await Inbox.StartAsync(cancellationToken).ConfigureAwait(false);
        await Members.StartAsync(cancellationToken).ConfigureAwait(false);
        Owners.Start();
        // Grains before work: what comes with the partitions is live, and work that waits is another silo's meanwhile.
        await Ownership.StartAsync(cancellationToken).ConfigureAwait(false);
        await Work.StartAsync(cancellationToken).ConfigureAwait(false);
        await new DeadLetters(this).StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A channel whose end, unless it is asked for, ends the session.</summary>
    public async Task<IChannel> OpenChannelAsync(IConnection connection, CreateChannelOptions? options, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false);
        channel.ChannelShutdownAsync += (_, args) =>
        {
            OnShutdown("a channel", args);
            return Task.CompletedTask;
        };
        channel.CallbackExceptionAsync += (_, args) =>
        {
            Report("callback", args.Exception);
            return Task.CompletedTask;
        };
        return channel;
    }

    /// <summary>Asked before anything that came from the broker is handed to the silo.</summary>
    public bool MayDeliver()
    {
        _guard?.Check();
        return !IsLost;
    }

    /// <summary>Gives everything up: partitions, and what waits for replies.</summary>
    public void Lose(string reason)
    {
        if (Interlocked.Exchange(ref _losing, 1) != 0)
            return;
        // Not on the caller's thread: it may hold what this needs.
        _ = Task.Run(async () =>
        {
            _guard?.Dispose();
            await _ended.CancelAsync().ConfigureAwait(false);
            Ownership.LoseAll();
            Outbox.FailAll(Unavailable.Lost(Options.Address, reason));
            _lost.TrySetResult(reason);
            await AbortAsync().ConfigureAwait(false);
        });
    }

    /// <summary>Runs in the background; a failure there is the session's.</summary>
    public void Run(Func<Task> task, string what) => _ = Task.Run(async () =>
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            // The session's end is the end of it.
        }
#pragma warning disable CA1031 // Whatever it is, a new session is the cure.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_leaving)
                Lose($"{what} failed: {exception.GetType().Name}: {exception.Message}");
        }
    });

    /// <summary>Tells of trouble with one message.</summary>
    public void Report(string what, Exception exception) =>
        Host.Report(new GrainError(GrainErrorSource.Engine, "rabbitmq", "", what, exception));

    /// <summary>Frees everything without a word to others.</summary>
    public async ValueTask DisposeAsync()
    {
        _leaving = true;
        _guard?.Dispose();
        await _ended.CancelAsync().ConfigureAwait(false);
        Outbox.FailAll(Unavailable.Stopping());
        await AbortAsync().ConfigureAwait(false);
    }

    private Task AbortAsync() => Task.WhenAll(_listening?.AbortAsync() ?? Task.CompletedTask, _sending?.AbortAsync() ?? Task.CompletedTask);

    private void Watch(IConnection connection)
    {
        connection.ConnectionShutdownAsync += (_, args) =>
        {
            OnShutdown("the connection", args);
            return Task.CompletedTask;
        };
        connection.ConnectionBlockedAsync += (_, args) =>
        {
            Log.Blocked(args.Reason);
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            Log.Unblocked();
            return Task.CompletedTask;
        };
    }

    private void OnShutdown(string what, ShutdownEventArgs args)
    {
        if (args.Initiator != ShutdownInitiator.Application && !_leaving)
            Lose($"{what} was closed: {args.ReplyText}{(args.Exception is { } exception ? $" ({exception.Message})" : "")}");
    }
}
