using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

/// <summary>One method of every shape.</summary>
[GrainKind("scripted")]
public interface IScriptedGrain : IGrain
{
    Task<StringValue> Ask(StringValue request);

    Task<StringValue> AskWithToken(StringValue request, CancellationToken cancellationToken);

    Task<Int64Value> Count();

    Task<Int64Value> CountWithToken(CancellationToken cancellationToken);

    Task Do(StringValue request);

    Task Reset();

    [OneWay]
    Task Tell(StringValue request);
}

/// <summary>What the grains of one test do; each test sets what it needs.</summary>
public sealed class Script
{
    private int _activations;

    public Func<ScriptedGrain, string, CancellationToken, Task<string>> OnAsk { get; set; } = (_, request, _) => Task.FromResult(request);

    public Func<ScriptedGrain, string, Task> OnTell { get; set; } = (_, _) => Task.CompletedTask;

    public Func<ScriptedGrain, CancellationToken, Task> OnActivate { get; set; } = (_, _) => Task.CompletedTask;

    public Func<ScriptedGrain, DeactivationReason, Task> OnDeactivate { get; set; } = (_, _) => Task.CompletedTask;

    public int Activations => Volatile.Read(ref _activations);

    public int NextActivation() => Interlocked.Increment(ref _activations);
}

public sealed class ScriptedGrain(Script script) : Grain, IScriptedGrain
{
    private long _count;

    /// <summary>1 for the first activation of any key in the test.</summary>
    public int Activation { get; private set; }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Activation = script.NextActivation();
        return script.OnActivate(this, cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => script.OnDeactivate(this, reason);

    public Task<StringValue> Ask(StringValue request) => AskWithToken(request, CancellationToken.None);

    public async Task<StringValue> AskWithToken(StringValue request, CancellationToken cancellationToken) =>
        new() { Value = await script.OnAsk(this, request.Value, cancellationToken) };

    public Task<Int64Value> Count() => Task.FromResult(new Int64Value { Value = ++_count });

    public Task<Int64Value> CountWithToken(CancellationToken cancellationToken) => Count();

    public Task Do(StringValue request) => script.OnAsk(this, request.Value, CancellationToken.None);

    public Task Reset()
    {
        _count = 0;
        return Task.CompletedTask;
    }

    public Task Tell(StringValue request) => script.OnTell(this, request.Value);
}
