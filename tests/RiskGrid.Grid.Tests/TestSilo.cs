using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

/// <summary>A silo with scripted grains, a manual clock, and every unseen exception kept.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(Silo silo, Script script, ManualTime time, ConcurrentQueue<GrainError> errors)
    {
        Silo = silo;
        Script = script;
        Time = time;
        Errors = errors;
    }

    public Silo Silo { get; }

    public Script Script { get; }

    public ManualTime Time { get; }

    public ConcurrentQueue<GrainError> Errors { get; }

    public static async Task<TestSilo> StartAsync(Action<SiloBuilder>? configure = null, IGridEngine? engine = null)
    {
        var script = new Script();
        var time = new ManualTime();
        var errors = new ConcurrentQueue<GrainError>();
        var builder = new SiloBuilder()
            .AddGrain<IScriptedGrain>(() => new ScriptedGrain(script))
            .Configure(options =>
            {
                options.Time = time;
                options.OnError = errors.Enqueue;
            });
        if (engine is not null)
            builder.UseEngine(engine);
        configure?.Invoke(builder);
        return new TestSilo(await builder.StartAsync(), script, time, errors);
    }

    public IScriptedGrain Grain(string key = "a") => Silo.Grains.Get<IScriptedGrain>(key);

    public async ValueTask DisposeAsync() => await Silo.DisposeAsync();
}

public static class TestExtensions
{
    /// <summary>Far beyond what a loaded machine needs; reached only by a broken promise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int EagerLooks = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public static async Task<string> AskAsync(this IScriptedGrain grain, string request) =>
        (await grain.Ask(new StringValue { Value = request }).Within()).Value;

    public static Task TellAsync(this IScriptedGrain grain, string request) => grain.Tell(new StringValue { Value = request });

    public static Task Within(this Task task) => task.WaitAsync(Patience);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Patience);

    /// <summary>Waits for a condition that nothing signals.</summary>
    public static async Task Eventually(Func<bool> condition, string promise)
    {
        using var deadline = new CancellationTokenSource(Patience);
        for (var looks = 0; !condition(); looks++)
        {
            Assert.False(deadline.IsCancellationRequested, $"Within {Patience} it did not happen that {promise}.");
            // What is waited for may need the processor.
            if (looks < EagerLooks)
                await Task.Yield();
            else
                await Task.Delay(Pause);
        }
    }
}
