using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using RiskGrid.Testing;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>Several silos of one cluster in this process, on the real clock.</summary>
internal sealed class Cluster(RabbitMqOptions options) : IAsyncDisposable
{
    private readonly List<ClusterSilo> _silos = [];
    private readonly List<ChildProcess> _children = [];

    /// <summary>One key for each partition.</summary>
    public static readonly IReadOnlyList<string> Keys = [.. Enumerable.Range(0, Partition.Count).Select(KeyOf)];

    public RabbitMqOptions Options => options;

    /// <summary>What the engines of this process have told their operators.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>A silo that hosts scripted grains.</summary>
    public Task<ClusterSilo> StartSiloAsync(
        Func<RabbitMqOptions, RabbitMqOptions>? configure = null, Action<SiloBuilder>? build = null, Action<Script>? prepare = null) =>
        StartAsync(configure, (builder, script) =>
        {
            prepare?.Invoke(script);
            builder.AddGrain<IScriptedGrain>(() => new ScriptedGrain(script));
            build?.Invoke(builder);
        });

    /// <summary>One without grains.</summary>
    public Task<ClusterSilo> StartGatewayAsync(
        Func<RabbitMqOptions, RabbitMqOptions>? configure = null, Action<SiloBuilder>? build = null) =>
        StartAsync(configure, (builder, _) => build?.Invoke(builder));

    /// <summary>A silo in a process of its own; ready when this returns.</summary>
    public async Task<ChildProcess> StartChildAsync(int heartbeatSeconds = 5)
    {
        var child = ChildProcess.Start(
            typeof(SiloChild).Assembly, "silo", options.Address.ToString(), options.Prefix, heartbeatSeconds.ToString(CultureInfo.InvariantCulture));
        lock (_children)
            _children.Add(child);
        await child.ReadUntilAsync("ready");
        return child;
    }

    /// <summary>Waits until every partition of the scripted kind is owned by the best-ranked of the silos, and by no other.</summary>
    public static Task ConvergedAsync(params ClusterSilo[] silos) => TestExtensions.Eventually(
        () => Enumerable.Range(0, Partition.Count).All(p =>
        {
            var best = silos.Aggregate((a, b) => Rank.IsBetter(b.Incarnation, a.Incarnation, p) ? b : a);
            return silos.All(s => s.Owns(p) == (s == best));
        }),
        "every partition is owned by the silo that ranks best");

    public async ValueTask DisposeAsync()
    {
        foreach (var child in _children)
            child.Dispose();
        // A test that failed may have left grains that wait for ever.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Task.WhenAll(_silos.Select(s => s.Silo.StopAsync(patience.Token)));
        await Task.WhenAll(_silos.Select(s => s.Silo.DisposeAsync().AsTask()));
    }

    private async Task<ClusterSilo> StartAsync(Func<RabbitMqOptions, RabbitMqOptions>? configure, Action<SiloBuilder, Script> build)
    {
        var name = $"silo{_silos.Count}";
        var engine = new RabbitMqEngine((configure?.Invoke(options) ?? options) with { Log = new EngineLog(name, Log) });
        var script = new Script();
        var errors = new ConcurrentQueue<GrainError>();
        var builder = new SiloBuilder().Configure(o =>
        {
            o.OnError = errors.Enqueue;
            o.Name = name;
        }).UseEngine(engine);
        build(builder, script);
        var silo = new ClusterSilo(await builder.StartAsync(), engine, script, errors);
        lock (_silos)
            _silos.Add(silo);
        return silo;
    }

    private static string KeyOf(int partition) => Enumerable.Range(0, int.MaxValue)
        .Select(i => $"k{i}").First(key => Partition.Of(key) == partition);
}

internal sealed record ClusterSilo(Silo Silo, RabbitMqEngine Engine, Script Script, ConcurrentQueue<GrainError> Errors)
{
    public string Incarnation => Engine.Session?.Incarnation ?? "";

    public bool Owns(int partition) => Engine.Session?.Ownership.Owns("scripted", partition) ?? false;

    public int OwnedCount => Engine.Session?.Ownership.OwnedCount("scripted") ?? 0;

    public IScriptedGrain Grain(string key, TimeSpan? timeout = null) =>
        (timeout is { } limit ? Silo.Grains.WithTimeout(limit) : Silo.Grains).Get<IScriptedGrain>(key);

    public Task<StringValue> RunAsync(string request) => Silo.RunWorkAsync<StringValue>("who", new StringValue { Value = request });
}
