using System.Collections.Frozen;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>Hosts grains, work handlers and topic subscribers in this process, and gives references to all grains of the cluster.
/// Thread-safe. Built by <see cref="SiloBuilder"/>.</summary>
public sealed partial class Silo : IAsyncDisposable
{
    private const int SweepsPerIdleTimeout = 4;
    private readonly FrozenDictionary<string, GrainHost> _grains;
    private readonly WorkHost _work;
    private readonly TopicHub _topics;
    private readonly CancellationTokenSource _drainCancelled = new();
    private readonly Lock _gate = new();
    private ITimer? _sweeper;
    private Task? _stopping;
    private volatile int _sweeps;

    // Activations ever created: a drain that found none alive looks again if one was born meanwhile.
    private int _births;
    private volatile Phase _phase;

    internal Silo(
        SiloOptions options,
        IGridEngine engine,
        IEnumerable<(GrainInterface Table, Func<Grain> Factory)> grains,
        IEnumerable<WorkHandler> work)
    {
        Options = options;
        Engine = engine;
        _grains = grains.ToFrozenDictionary(g => g.Table.Kind, g => new GrainHost(this, g.Table, g.Factory));
        _work = new WorkHost(this, work);
        _topics = new TopicHub(this);
        Catalog = new SiloCatalog(_grains, _work, _topics);
        Grains = new CallOrigin(this, "");
        DrainCancelled = _drainCancelled.Token;
    }

    private enum Phase
    {
        Built,
        Running,

        // Only grains call grains; callers outside are refused.
        Leaving,

        // All that is alive is to end, and only what somebody waits for calls anything to life.
        Draining,
        Stopped,
    }

    /// <summary>References for callers outside of the grid. A grain uses <see cref="GrainContext.Grains"/>.</summary>
    public IGrains Grains { get; }

    /// <summary>The silo's clock.</summary>
    public TimeProvider Time => Options.Time;

    /// <summary>What this silo hosts.</summary>
    public SiloCatalog Catalog { get; }

    internal SiloOptions Options { get; }

    internal IGridEngine Engine { get; }

    internal int Sweeps => _sweeps;

    internal bool MayActivate => _phase is Phase.Running or Phase.Leaving or Phase.Draining;

    internal bool IsDraining => _phase is Phase.Draining or Phase.Stopped;

    internal CancellationToken DrainCancelled { get; }

    /// <summary>Connects the engine; from now on the silo serves.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_phase != Phase.Built)
            throw new InvalidOperationException("A silo starts once.");
        _phase = Phase.Running;
        GridTelemetry.Add(this);
        var period = Options.IdleTimeout / SweepsPerIdleTimeout;
        _sweeper = Time.CreateTimer(static silo => ((Silo)silo!).Sweep(), this, period, period);
        await Engine.StartAsync(this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses callers outside, lets what is queued run, ends every activation, and leaves the cluster. When cancelled
    /// it leaves at once. Safe to call again.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
            return _stopping ??= StopOnceAsync(cancellationToken);
    }

    /// <summary>Stops, then releases the engine.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await Engine.DisposeAsync().ConfigureAwait(false);
        _drainCancelled.Dispose();
    }

    /// <summary>Sends a message to every silo's subscribers of the topic; it may be lost or repeated.</summary>
    public ValueTask PublishAsync(string topic, IMessage message)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(message);
        return Engine.PublishAsync(topic, message);
    }

    /// <summary>Hears a topic from now on, until disposed: messages one by one, in the order of their publisher. The handler runs
    /// on the thread pool; its exceptions are reported and the next message goes on.</summary>
    /// <exception cref="ArgumentException">The topic carries another type of message.</exception>
    public IDisposable Subscribe<TMessage>(string topic, Func<TMessage, ValueTask> handler)
        where TMessage : class, IMessage<TMessage>, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(handler);
        return _topics.Subscribe(topic, handler);
    }

    /// <summary>Runs a work item on whichever silo is free.</summary>
    /// <exception cref="GridException">The handler failed, or nobody could take the item.</exception>
    public Task<TReply> RunWorkAsync<TReply>(string workKind, IMessage work, CancellationToken cancellationToken = default)
        where TReply : class, IMessage<TReply>, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(workKind);
        ArgumentNullException.ThrowIfNull(work);
        return LocalWorkCall<TReply>.RunAsync(Engine, workKind, work, Time, cancellationToken);
    }

    /// <summary>The silos of the cluster, and what waits for them.</summary>
    /// <exception cref="GridException">The cluster cannot be asked now.</exception>
    public ValueTask<ClusterState> ReadClusterAsync(CancellationToken cancellationToken = default) => Engine.ReadClusterAsync(cancellationToken);

    /// <summary>The silos alone, without what waits for them: cheap enough to ask often.</summary>
    /// <exception cref="GridException">The silo has no connection.</exception>
    public ValueTask<ClusterState> ReadSilosAsync(CancellationToken cancellationToken = default) => Engine.ReadSilosAsync(cancellationToken);

    /// <summary>Says which grains of a kind are to be alive: wherever one's partition comes to a silo that was told so, it is called to life without
    /// a call. What fails to activate is tried again by whoever calls it. Replaces what was said before.</summary>
    /// <remarks>For grains that something happens to on their own, as a market moves. An engine of one process gives no partitions, so parents'
    /// signs of life must do there; they also keep alive what would idle out.</remarks>
    /// <exception cref="ArgumentException">The silo does not host the kind.</exception>
    public void KeepAlive<TGrain>(IEnumerable<string> keys)
        where TGrain : class, IGrain
    {
        ArgumentNullException.ThrowIfNull(keys);
        var kind = GrainInterface.Of(typeof(TGrain)).Kind;
        if (!_grains.TryGetValue(kind, out var host))
            throw new ArgumentException($"Kind '{kind}' is not hosted here.");
        host.KeepAlive(keys);
    }

    /// <summary>How many activations of a kind live here now.</summary>
    public int ActivationCount(string kind) => _grains.TryGetValue(kind, out var host) ? host.Count : 0;

    internal static GrainUnavailableException Stopping() =>
        new("This silo is not serving: it has not started, or is stopping. Retry elsewhere or later.");

    /// <summary>Why a sender may not call now, or null.</summary>
    internal GridException? RefusalFor(string sender) => _phase switch
    {
        Phase.Running => null,
        Phase.Leaving or Phase.Draining when sender.Length > 0 => null,
        _ => Stopping(),
    };

    internal void Report(GrainError error)
    {
        try
        {
            Options.OnError(error);
        }
#pragma warning disable CA1031 // The listener's own fault must not take the silo down with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"The listener of grain errors failed: {exception}\nwith: {error}");
        }
    }

    internal void Born() => Interlocked.Increment(ref _births);

    private void Sweep()
    {
        var now = Interlocked.Increment(ref _sweeps);
        foreach (var host in _grains.Values)
            host.EndIdle(now, SweepsPerIdleTimeout);
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        GridTelemetry.Remove(this);
        var wasRunning = _phase == Phase.Running;
        // Not yet draining: calls that are still delivered keep their order, one-way calls among them.
        _phase = Phase.Leaving;
        if (_sweeper is not null)
            await _sweeper.DisposeAsync().ConfigureAwait(false);
        if (wasRunning)
            await Engine.StopAsync(cancellationToken).ConfigureAwait(false);
        _phase = Phase.Stopped;
        // Nothing is left unless the drain was cut short: then what runs is not heard, and its callers learn that the silo is
        // gone.
        foreach (var host in _grains.Values)
            host.DropAll();
        await _drainCancelled.CancelAsync().ConfigureAwait(false);
    }
}
