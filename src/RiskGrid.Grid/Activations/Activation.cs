using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>One grain in memory: its mailbox, its life and its surroundings. Mailbox and life cycle are in the other files of
/// this class.</summary>
internal sealed partial class Activation : GrainContext
{
    private readonly GrainHost _host;
    private CallOrigin? _origin;
    private CancellationTokenSource? _deactivated;
    private List<ActivationTimer>? _timers;

    public Activation(GrainHost host, string key, TurnQueue inherited = default, int inheritedCalls = 0)
    {
        _host = host;
        Key = key;
        PartitionIndex = Partition.Of(key);
        _mailbox = inherited;
        _queuedCalls = inheritedCalls;
        _synchronization = new TurnSynchronization(this);
        _turnFinished = FinishTurnAndGoOn;
        _lastUsed = host.Silo.Sweeps;
        host.Silo.Born();
    }

    /// <summary>Set by the first turn; every other turn comes after.</summary>
    public Grain? Grain { get; private set; }

    public int PartitionIndex { get; }

    public override string Key { get; }

    public override TimeProvider Time => _host.Silo.Time;

    public override IGrains Grains => _origin ??= new CallOrigin(_host.Silo, $"{_host.Interface.Kind}/{Key}");

    public override CancellationToken Deactivated
    {
        get
        {
            lock (_gate)
            {
                // One that is there is cancelled by whoever ends the activation, outside of the lock: that runs the grain's code.
                if (_deactivated is null && _life is Life.Ended or Life.Lost)
                    return new CancellationToken(canceled: true);
                return (_deactivated ??= new CancellationTokenSource()).Token;
            }
        }
    }

    public override ValueTask PublishAsync(string topic, IMessage message) => _host.Silo.PublishAsync(topic, message);

    public override Task<TReply> RunWorkAsync<TReply>(string workKind, IMessage work, CancellationToken cancellationToken) =>
        _host.Silo.RunWorkAsync<TReply>(workKind, work, cancellationToken);

    public override IDisposable RegisterTimer(Func<Task> turn, TimeSpan due, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var timer = new ActivationTimer(this, turn);
        lock (_gate)
        {
            if (_life is Life.Ended or Life.Lost)
                return timer;
            (_timers ??= []).Add(timer);
        }

        timer.Start(Time, due, period);
        return timer;
    }

    public override string ToString() => $"{_host.Interface.Kind}/{Key}";

    internal bool IsDraining => _host.Silo.IsDraining;

    internal void Report(GrainErrorSource source, string operation, Exception exception) =>
        _host.Silo.Report(new GrainError(source, _host.Interface.Kind, Key, operation, exception));

    internal void Forget(ActivationTimer timer)
    {
        lock (_gate)
            _timers?.Remove(timer);
    }
}
