using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

/// <summary>What every engine guarantees; one subclass per engine runs it. Says nothing that a repetition or a lost ownership may
/// break.</summary>
public abstract class EngineContract
{
    protected abstract IGridEngine CreateEngine();

    /// <summary>Takes a partition away from the silo as the engine's cluster would.</summary>
    protected abstract Task LoseOwnershipAsync(Silo silo, string kind, int partition);

    [Fact]
    public async Task A_request_gets_its_own_reply()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = (grain, request, _) => Task.FromResult($"{grain.Context.Key}:{request}");
        var calls = Enumerable.Range(0, 500).Select(i => silo.Grain($"{i % 17}").AskAsync($"{i}")).ToArray();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i % 17}:{i}"), await Task.WhenAll(calls).Within());
    }

    [Fact]
    public async Task Calls_without_request_or_reply_and_with_a_token_pass_too()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        await silo.Grain().Reset().Within();
        await silo.Grain().Do(new StringValue { Value = "x" }).Within();
        Assert.True((await silo.Grain().Count().Within()).Value >= 1);
        Assert.True((await silo.Grain().CountWithToken(default).Within()).Value >= 1);
    }

    [Fact]
    public async Task First_deliveries_of_one_sender_to_one_grain_keep_their_order()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var firsts = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var seen = new HashSet<string>();
        void See(string key, string request)
        {
            // The turn of an activation that was dropped may still run: two see the same call at once.
            lock (seen)
            {
                if (seen.Add($"{key} {request}"))
                    firsts.GetOrAdd(key, _ => new()).Enqueue(int.Parse(request));
            }
        }

        silo.Script.OnAsk = async (grain, request, _) =>
        {
            See(grain.Context.Key, request);
            await Task.Yield();
            return request;
        };
        silo.Script.OnTell = (grain, request) =>
        {
            See(grain.Context.Key, request);
            return Task.CompletedTask;
        };
        var calls = new List<Task>();
        for (var i = 0; i < 400; i++)
            calls.Add(i % 3 == 0 ? silo.Grain($"{i % 4}").TellAsync($"{i}") : silo.Grain($"{i % 4}").AskAsync($"{i}"));
        await Task.WhenAll(calls).Within();
        await TestExtensions.Eventually(() => firsts.Values.Sum(q => q.Count) == 400, "every call arrived");
        Assert.All(firsts.Values, order => Assert.Equal(order.Order(), order));
    }

    [Fact]
    public async Task A_one_way_call_completes_when_handed_over_and_arrives()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource<string>();
        silo.Script.OnTell = async (_, request) =>
        {
            await go.Task;
            arrived.TrySetResult(request);
        };
        await silo.Grain().TellAsync("news").Within();
        go.SetResult();
        Assert.Equal("news", await arrived.Task.Within());
    }

    [Fact]
    public async Task An_application_error_arrives_with_code_message_and_details()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = (_, request, _) =>
            throw new GrainCallException(GridErrorCode.InvalidArgument, $"{request} is negative", new StringValue { Value = "strike" });
        var exception = await Assert.ThrowsAsync<GrainCallException>(() => silo.Grain().AskAsync("strike"));
        Assert.Equal((GridErrorCode.InvalidArgument, "strike is negative"), (exception.Code, exception.Message));
        Assert.Equal("strike", exception.Detail<StringValue>()?.Value);
    }

    [Fact]
    public async Task An_unexpected_exception_arrives_with_its_type_and_message()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = async (_, _, _) =>
        {
            await Task.Yield();
            throw new FormatException("no such strike");
        };
        var exception = await Assert.ThrowsAsync<GrainFailedException>(() => silo.Grain().AskAsync(""));
        Assert.Equal(("System.FormatException", "no such strike"), (exception.RemoteType, exception.RemoteMessage));
    }

    [Fact]
    public async Task An_error_passes_through_a_grain_that_calls_a_grain()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = async (grain, request, _) => request == "inner"
            ? throw new GrainCallException(GridErrorCode.NotFound, "no such trade")
            : (await grain.Context.Grains.Get<IScriptedGrain>("b").Ask(new StringValue { Value = "inner" })).Value;
        Assert.Equal("no such trade", (await Assert.ThrowsAsync<GrainCallException>(() => silo.Grain().AskAsync("outer"))).Message);
    }

    [Fact]
    public async Task A_kind_that_nobody_hosts_is_named()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var exception = await Assert.ThrowsAsync<GrainNotHostedException>(
            () => silo.Silo.Grains.Get<GrainInterfaceTests.ILeaf>("x").Name().Within());
        Assert.Contains("'leaf'", exception.Message);
    }

    [Fact]
    public async Task A_large_message_passes()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var large = new string('x', 1 << 20);
        Assert.Equal(large, await silo.Grain().AskAsync(large));
    }

    [Fact]
    public async Task Work_runs_somewhere_and_gives_its_result_or_its_error()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.AddWork<Int64Value, StringValue>("spell", (work, _) => work.Value >= 0
                ? Task.FromResult(new StringValue { Value = $"<{work.Value}>" })
                : throw new GrainCallException(GridErrorCode.OutOfRange, "negative")),
            CreateEngine());
        var results = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(i => silo.Silo.RunWorkAsync<StringValue>("spell", new Int64Value { Value = i }))).Within();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"<{i}>"), results.Select(r => r.Value));
        var error = await Assert.ThrowsAsync<GrainCallException>(
            () => silo.Silo.RunWorkAsync<StringValue>("spell", new Int64Value { Value = -1 }).Within());
        Assert.Equal(GridErrorCode.OutOfRange, error.Code);
    }

    [Fact]
    public async Task Work_that_nobody_handles_is_named()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var exception = await Assert.ThrowsAsync<GrainNotHostedException>(
            () => silo.Silo.RunWorkAsync<StringValue>("unknown", new Int64Value()).Within());
        Assert.Contains("'unknown'", exception.Message);
    }

    [Fact]
    public async Task A_topic_reaches_every_subscriber_in_the_order_of_its_publisher()
    {
        var heard = new ConcurrentQueue<long>[] { new(), new() };
        ValueTask Hear(int subscriber, long value)
        {
            if (!heard[subscriber].Contains(value))
                heard[subscriber].Enqueue(value);
            return ValueTask.CompletedTask;
        }

        await using var silo = await TestSilo.StartAsync(
            builder => builder
                .Subscribe<Int64Value>("numbers", message => Hear(0, message.Value))
                .Subscribe<Int64Value>("numbers", message => Hear(1, message.Value)),
            CreateEngine());
        for (var i = 0; i < 200; i++)
            await silo.Silo.PublishAsync("numbers", new Int64Value { Value = i });
        await silo.Silo.PublishAsync("nobody-listens", new Int64Value());
        foreach (var subscriber in heard)
        {
            await TestExtensions.Eventually(() => subscriber.Count == 200, "every message arrived");
            Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), subscriber);
        }
    }

    [Fact]
    public async Task Calls_under_way_when_ownership_is_lost_are_answered_all_the_same()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            started.TrySetResult();
            await go.Task;
            return request;
        };
        var calls = Enumerable.Range(0, 20).Select(i => silo.Grain().AskAsync($"{i}")).ToArray();
        await started.Task.Within();
        var before = silo.Script.Activations;
        await LoseOwnershipAsync(silo.Silo, "scripted", Partition.Of("a"));
        await TestExtensions.Eventually(() => silo.Script.Activations > before, "the calls came to a new activation");
        go.SetResult();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
    }

    [Fact]
    public async Task A_fenced_activation_hands_its_calls_to_the_next()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = (grain, request, _) => grain.Activation < 3
            ? throw new ActivationFencedException("an older epoch")
            : Task.FromResult(request);
        var calls = Enumerable.Range(0, 20).Select(i => silo.Grain().AskAsync($"{i}")).ToArray();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
    }

    [Fact]
    public async Task A_deadline_passes_on_the_way()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        silo.Script.OnAsk = async (_, request, token) =>
        {
            token.UnsafeRegister(_ => go.TrySetResult(), null);
            started.TrySetResult();
            await go.Task;
            return request;
        };
        var call = silo.Silo.Grains.WithTimeout(TimeSpan.FromSeconds(1)).Get<IScriptedGrain>("a").AskWithToken(new StringValue(), default);
        await started.Task.Within();
        silo.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<GrainDeadlineException>(() => call.Within());
        await go.Task.Within();
    }

    [Fact]
    public async Task Leaving_answers_what_was_taken_and_then_refuses()
    {
        await using var silo = await TestSilo.StartAsync(engine: CreateEngine());
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            await Task.Yield();
            if (request.Length > 0)
                await grain.Context.Grains.Get<IScriptedGrain>("child").Ask(new StringValue());
            return request;
        };
        var calls = Enumerable.Range(1, 100).Select(i => silo.Grain($"{i % 7}").AskAsync($"{i}")).ToArray();
        await silo.Silo.StopAsync().Within();
        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
        Assert.Equal(0, silo.Silo.ActivationCount("scripted"));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => silo.Grain().AskAsync("late"));
    }
}
