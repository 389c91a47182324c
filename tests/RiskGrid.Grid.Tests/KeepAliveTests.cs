namespace RiskGrid.Grid.Tests;

/// <summary>Grains that are to be alive live where their partition is, without a call.</summary>
public sealed class KeepAliveTests
{
    private const string Kind = "scripted";
    private static readonly string Elsewhere = Enumerable.Range(0, 1000).Select(i => $"b{i}").First(key => Partition.Of(key) != Partition.Of("a"));

    [Fact]
    public async Task A_grain_comes_to_life_with_its_partition_and_answers_from_there()
    {
        await using var silo = await TestSilo.StartAsync();
        silo.Silo.KeepAlive<IScriptedGrain>(["a", Elsewhere]);
        Assert.Equal(0, silo.Silo.ActivationCount(Kind));
        Host(silo).OwnershipGained(Kind, Partition.Of("a"));
        await TestExtensions.Eventually(() => silo.Script.Activations == 1, "the grain was activated");
        Assert.Equal(1, silo.Silo.ActivationCount(Kind));
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(1, silo.Script.Activations);
    }

    [Fact]
    public async Task A_grain_that_is_named_after_its_partition_has_come_comes_to_life_then()
    {
        await using var silo = await TestSilo.StartAsync();
        Host(silo).OwnershipGained(Kind, Partition.Of("a"));
        Host(silo).OwnershipGained(Kind, Partition.Of(Elsewhere));
        Assert.Equal(0, silo.Silo.ActivationCount(Kind));
        silo.Silo.KeepAlive<IScriptedGrain>(["a"]);
        Assert.Equal(1, silo.Silo.ActivationCount(Kind));
        silo.Silo.KeepAlive<IScriptedGrain>(["a", Elsewhere]);
        await TestExtensions.Eventually(() => silo.Script.Activations == 2, "both grains were activated, each once");
        Assert.Equal(2, silo.Silo.ActivationCount(Kind));
    }

    /// <summary>A second activation would fence the one of the new owner.</summary>
    [Fact]
    public async Task Nothing_comes_to_life_in_a_partition_that_was_lost_until_it_comes_back()
    {
        await using var silo = await TestSilo.StartAsync();
        silo.Silo.KeepAlive<IScriptedGrain>(["a"]);
        Host(silo).OwnershipGained(Kind, Partition.Of("a"));
        Host(silo).OwnershipLost(Kind, Partition.Of("a"));
        Assert.Equal(0, silo.Silo.ActivationCount(Kind));
        silo.Silo.KeepAlive<IScriptedGrain>(["a", Elsewhere]);
        Assert.Equal(0, silo.Silo.ActivationCount(Kind));
        Host(silo).OwnershipGained(Kind, Partition.Of("a"));
        Assert.Equal(1, silo.Silo.ActivationCount(Kind));
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
    }

    [Fact]
    public async Task A_silo_that_drains_calls_nobody_to_life()
    {
        await using var silo = await TestSilo.StartAsync();
        var (draining, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        silo.Script.OnDeactivate = (_, _) =>
        {
            draining.TrySetResult();
            return go.Task;
        };
        await silo.Grain().Count().Within();
        var stopping = silo.Silo.StopAsync();
        await draining.Task.Within();
        silo.Silo.KeepAlive<IScriptedGrain>([Elsewhere]);
        Host(silo).OwnershipGained(Kind, Partition.Of(Elsewhere));
        Assert.Equal(1, silo.Silo.ActivationCount(Kind));
        go.SetResult();
        await stopping.Within();
        Assert.Equal(1, silo.Script.Activations);
    }

    [Fact]
    public async Task A_grain_that_fails_to_come_to_life_is_reported_and_does_so_with_its_next_call()
    {
        await using var silo = await TestSilo.StartAsync();
        var failed = new TaskCompletionSource();
        silo.Script.OnActivate = (_, _) =>
        {
            if (failed.TrySetResult())
                throw new InvalidOperationException("not now");
            return Task.CompletedTask;
        };
        silo.Silo.KeepAlive<IScriptedGrain>(["a"]);
        Host(silo).OwnershipGained(Kind, Partition.Of("a"));
        await failed.Task.Within();
        await TestExtensions.Eventually(() => silo.Errors.Count == 1, "the failure is reported");
        var error = Assert.Single(silo.Errors);
        Assert.Equal((GrainErrorSource.Activation, Kind, "a", "not now"), (error.Source, error.Kind, error.Key, error.Exception.Message));
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
    }

    [Fact]
    public async Task A_kind_that_is_not_hosted_is_refused()
    {
        await using var gateway = await new SiloBuilder().StartAsync();
        Assert.Throws<ArgumentException>(() => gateway.KeepAlive<IScriptedGrain>(["a"]));
    }

    private static IEngineHost Host(TestSilo silo) => silo.Silo;
}
