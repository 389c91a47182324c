using Google.Protobuf;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>The engine of a cluster: calls, work and topics through a RabbitMQ broker (3.10 or later), which also says who owns what. The
/// README of RiskGrid.Grid says how.</summary>
/// <remarks>Thread-safe. While the connection is down every verb fails at once with <see cref="GrainUnavailableException"/>; the engine
/// reconnects by itself, for as long as it takes.</remarks>
public sealed partial class RabbitMqEngine : IGridEngine
{
    private readonly RabbitMqOptions _options;
    private readonly RabbitMqLog _log;
    private readonly TimeProvider _clock;
    private volatile Session? _session;
    private volatile bool _isServing;

    /// <summary>Connects when its silo starts.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RabbitMqEngine(RabbitMqOptions options)
        : this(options, TimeProvider.System)
    {
    }

    internal RabbitMqEngine(RabbitMqOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _log = new RabbitMqLog(options.Log);
        _clock = clock;
    }

    internal Session? Session => _session;

    /// <inheritdoc/>
    public ValueTask CallAsync(GrainCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return _session is { } session ? session.Outbox.Send(call) : ValueTask.FromException(NotNow());
    }

    /// <inheritdoc/>
    public ValueTask RunAsync(WorkCall work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return _session is { } session ? session.Outbox.Send(work) : ValueTask.FromException(NotNow());
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string topic, IMessage message)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(message);
        if (_session is not { } session)
            return ValueTask.FromException(NotNow());
        var body = new Broadcast { Topic = topic, Payload = message.ToByteString() }.ToByteArray();
        return body.Length <= _options.MessageBytes
            ? session.Broadcasts.SendAsync(session.Names.Topics, "", MessageType.Topic, body)
            : ValueTask.FromException(new GrainCallException(
                GridErrorCode.InvalidArgument,
                $"A message of {body.Length:N0} bytes to topic '{topic}' is over the limit of {_options.MessageBytes:N0}: send it in parts."));
    }

    /// <inheritdoc/>
    public async ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken) => _session is { } session
        ? await session.Reader.ReadAsync(cancellationToken).ConfigureAwait(false)
        : throw NotNow();

    /// <inheritdoc/>
    public ValueTask<ClusterState> ReadSilosAsync(CancellationToken cancellationToken) => _session is { } session
        ? ValueTask.FromResult(new ClusterState("rabbitmq", session.Members.Read(), []))
        : ValueTask.FromException<ClusterState>(NotNow());

    /// <summary>Gives a partition of all kinds up to whichever silo is next in line, this one if it is alone. Completes when this silo stands
    /// in line again; what was under way is delivered again.</summary>
    public Task YieldAsync(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, Partition.Count);
        return _session is { } session ? session.Ownership.YieldAsync(partition) : Task.FromException(NotNow());
    }

    private GrainUnavailableException NotNow() => _isServing ? Unavailable.Down(_options.Address) : Unavailable.Stopping();
}
