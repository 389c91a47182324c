using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>Says what a silo hosts and by which engine; then <see cref="Build"/> once.</summary>
public sealed class SiloBuilder
{
    private readonly SiloOptions _options = new();
    private readonly List<(GrainInterface Table, Func<Grain> Factory)> _grains = [];
    private readonly List<WorkHandler> _work = [];
    private readonly List<Action<Silo>> _subscriptions = [];
    private IGridEngine? _engine;

    /// <summary>Hosts the kind of <typeparamref name="TGrain"/>. The factory runs once per activation, on any thread, and makes a
    /// new grain that implements the interface; what it needs, it captures.</summary>
    /// <exception cref="ArgumentException">The interface cannot cross a wire, or its kind is hosted already.</exception>
    public SiloBuilder AddGrain<TGrain>(Func<Grain> factory)
        where TGrain : class, IGrain
    {
        ArgumentNullException.ThrowIfNull(factory);
        var table = GrainInterface.Of(typeof(TGrain));
        foreach (var (other, _) in _grains)
        {
            if (other.Kind == table.Kind)
                throw new ArgumentException($"Kind '{table.Kind}' of {table.Type.FullName} is hosted already, for {other.Type.FullName}.");
        }

        _grains.Add((table, factory));
        return this;
    }

    /// <summary>Handles work items of a kind. The handler runs on the thread pool, several at a time, perhaps twice for one item:
    /// the same item must give the same reply. Long computation belongs on the compute pool.</summary>
    public SiloBuilder AddWork<TWork, TReply>(string kind, Func<TWork, CancellationToken, Task<TReply>> handler)
        where TWork : class, IMessage<TWork>, new()
        where TReply : class, IMessage<TReply>, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(handler);
        if (_work.Exists(w => w.Kind == kind))
            throw new ArgumentException($"Work kind '{kind}' has a handler already.");
        _work.Add(new WorkHandler(
            kind,
            new MessageParser<TWork>(() => new TWork()),
            async (work, token) => await handler((TWork)work, token).ConfigureAwait(false)));
        return this;
    }

    /// <summary>Subscribes from the start; see <see cref="Silo.Subscribe{TMessage}"/>.</summary>
    public SiloBuilder Subscribe<TMessage>(string topic, Func<TMessage, ValueTask> handler)
        where TMessage : class, IMessage<TMessage>, new()
    {
        _subscriptions.Add(silo => silo.Subscribe(topic, handler));
        return this;
    }

    /// <summary>Changes the options.</summary>
    public SiloBuilder Configure(Action<SiloOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(_options);
        return this;
    }

    /// <summary>Sets the engine; the in-process one unless called. An engine serves one silo, which disposes it.</summary>
    public SiloBuilder UseEngine(IGridEngine engine)
    {
        _engine = engine;
        return this;
    }

    /// <summary>Runs on the strict in-process engine: for tests.</summary>
    public SiloBuilder UseStrict(StrictOptions options) => UseEngine(new StrictEngine(options));

    /// <summary>A silo that is not started yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Silo Build()
    {
        var options = _options with { };
        options.Validate();
        var silo = new Silo(options, _engine ?? new InProcessEngine(), _grains, _work);
        foreach (var subscribe in _subscriptions)
            subscribe(silo);
        return silo;
    }

    /// <summary>A started silo.</summary>
    public async Task<Silo> StartAsync(CancellationToken cancellationToken = default)
    {
        var silo = Build();
        try
        {
            await silo.StartAsync(cancellationToken).ConfigureAwait(false);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
