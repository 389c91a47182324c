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
