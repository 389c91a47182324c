using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class ErrorTests
{
    [Fact]
    public async Task An_exception_goes_to_its_caller_and_the_grain_lives_on()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grain().Count().Within();
        silo.Script.OnAsk = (_, _, _) => throw new FormatException("no such strike");
        var failed = await Assert.ThrowsAsync<GrainFailedException>(() => silo.Grain().AskAsync(""));
        Assert.Equal("System.FormatException", failed.RemoteType);
        Assert.Equal("no such strike", failed.RemoteMessage);
        Assert.IsType<FormatException>(failed.InnerException);
        Assert.Equal(2, (await silo.Grain().Count().Within()).Value);
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_reported_with_its_place()
    {
        await using var silo = await TestSilo.StartAsync();
        silo.Script.OnTell = (grain, request) =>
        {
            grain.Context.Post(() => Task.FromException(new InvalidOperationException("posted")));
            throw new InvalidOperationException(request);
        };
        await silo.Grain("k").TellAsync("told").Within();
        await TestExtensions.Eventually(() => silo.Errors.Count == 2, "both exceptions were reported");
        Assert.Equal(
            [(GrainErrorSource.OneWayCall, "scripted", "k", "told"), (GrainErrorSource.PostedTurn, "scripted", "k", "posted")],
            silo.Errors.Select(e => (e.Source, e.Kind, e.Key, e.Exception.Message)));
        Assert.Equal("Tell", silo.Errors.First().Operation);
    }

    [Fact]
    public async Task A_null_reply_and_a_null_task_are_failures_not_hangs()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddGrain<INullGrain>(() => new NullGrain()));
        var grain = silo.Silo.Grains.Get<INullGrain>("n");
        Assert.Contains("returned null instead of a reply", (await Assert.ThrowsAsync<GrainFailedException>(() => grain.Reply().Within())).Message);
        Assert.Contains("returned null instead of a task", (await Assert.ThrowsAsync<GrainFailedException>(() => grain.Nothing().Within())).Message);
    }

    [Fact]
    public async Task A_null_task_of_a_grains_own_turn_is_reported_and_the_grain_lives_on()
    {
        Task none = null!;
        var second = TimeSpan.FromSeconds(1);
        await using var silo = await TestSilo.StartAsync();
        silo.Script.OnAsk = (grain, request, _) =>
        {
            if (request == "begin")
            {
                grain.Context.Post(() => none);
                grain.Context.RegisterTimer(() => none, second, second);
            }

            return Task.FromResult(request);
        };
        silo.Script.OnDeactivate = (_, _) => none;
        await silo.Grain().AskAsync("begin");
        silo.Time.Advance(second);
        await silo.Grain().AskAsync("on");
        await silo.Silo.StopAsync().Within();
        Assert.Equal([GrainErrorSource.PostedTurn, GrainErrorSource.Timer, GrainErrorSource.Deactivation], silo.Errors.Select(e => e.Source));
        Assert.All(silo.Errors, e => Assert.Contains("null instead of a task", e.Exception.Message));
    }

    [Fact]
    public async Task A_null_task_of_an_activation_fails_the_calls_that_wait_for_it()
    {
        await using var silo = await TestSilo.StartAsync();
        Task none = null!;
        silo.Script.OnActivate = (_, _) => none;
        Assert.Contains("null instead of a task", (await Assert.ThrowsAsync<GrainFailedException>(() => silo.Grain().AskAsync(""))).Message);
        silo.Script.OnActivate = (_, _) => Task.CompletedTask;
        Assert.Equal("again", await silo.Grain().AskAsync("again"));
    }

    [Fact]
    public async Task A_factory_that_makes_the_wrong_grain_says_so()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddGrain<INullGrain>(() => new ScriptedGrain(new Script())));
        var exception = await Assert.ThrowsAsync<GrainFailedException>(() => silo.Silo.Grains.Get<INullGrain>("n").Nothing().Within());
        Assert.Contains("made a ScriptedGrain, which does not implement it", exception.Message);
    }

    [Fact]
    public void Every_exception_keeps_its_content_across_a_wire()
    {
        GridException[] exceptions =
        [
            new GrainCallException(GridErrorCode.Aborted, "version 3 is not 4", new StringValue { Value = "version" }, new Int64Value { Value = 3 }),
            new GrainUnavailableException("later"),
            new GrainOverloadedException("slower"),
            new GrainDeadlineException("too late"),
            new GrainNotHostedException("not here"),
            new GrainFailedException("System.FormatException", "no such strike"),
        ];
        foreach (var before in exceptions)
        {
            var after = Faults.FromFault(Protocol.Grid.Fault.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(Faults.ToFault(before))));
            Assert.Equal((before.GetType(), before.Code, before.Message), (after.GetType(), after.Code, after.Message));
        }

        var call = (GrainCallException)Faults.FromFault(Faults.ToFault(exceptions[0]));
        Assert.Equal("version", call.Detail<StringValue>()?.Value);
        Assert.Equal(3, call.Detail<Int64Value>()?.Value);
        Assert.Null(call.Detail<BoolValue>());
    }

    [Fact]
    public void A_fault_of_an_unknown_code_reads_as_an_unexpected_exception()
    {
        var exception = Faults.FromFault(new Protocol.Grid.Fault { Code = 99, Message = "from the future", RemoteType = "X" });
        Assert.Equal("from the future", Assert.IsType<GrainFailedException>(exception).RemoteMessage);
    }

    [GrainKind("nothing")]
    public interface INullGrain : IGrain
    {
        Task<StringValue> Reply();

        Task Nothing();
    }

    private sealed class NullGrain : Grain, INullGrain
    {
        public Task<StringValue> Reply() => Task.FromResult<StringValue>(null!);

#pragma warning disable MA0022 // The fault that the test is about.
        public Task Nothing() => null!;
#pragma warning restore MA0022
    }
}
