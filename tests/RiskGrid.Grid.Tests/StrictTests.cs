using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class StrictTests
{
    private static Task<TestSilo> StartAsync(StrictOptions options, Action<SiloBuilder>? configure = null) =>
        TestSilo.StartAsync(configure, new StrictEngine(options with { Announce = static _ => { } }));

    private static StrictOptions Quiet(ulong seed = 1) => new() { Seed = seed, Duplicates = 0, LostOwnership = 0 };

    [Fact]
    public async Task Requests_and_replies_share_nothing_with_their_sender()
    {
        var kept = new KeepingGrain();
        await using var silo = await StartAsync(Quiet(), builder => builder.AddGrain<IKeepingGrain>(() => kept));
        var sent = new StringValue { Value = "sent" };
        var grain = silo.Silo.Grains.Get<IKeepingGrain>("k");
        var call = grain.Keep(sent);
        sent.Value = "changed by the sender after the call";
        var reply = await call.Within();
        Assert.Equal("sent", kept.Request!.Value);
        Assert.NotSame(kept.Reply, reply);
        Assert.Equal(kept.Reply, reply);
        reply.Value = "changed by the caller";
        Assert.Equal("reply", kept.Reply!.Value);
    }

    [Fact]
    public async Task A_topics_message_is_each_subscribers_own_copy_of_what_was_published()
    {
        var heard = new TaskCompletionSource<StringValue>();
        await using var silo = await StartAsync(Quiet(), builder => builder.Subscribe<StringValue>("news", message =>
        {
            heard.TrySetResult(message);
            return ValueTask.CompletedTask;
        }));
        var sent = new StringValue { Value = "sent" };
        await silo.Silo.PublishAsync("news", sent);
        sent.Value = "changed by the publisher";
        Assert.Equal("sent", (await heard.Task.Within()).Value);
    }

    [Fact]
    public async Task Calls_work_items_and_messages_are_repeated_and_the_callers_get_one_outcome()
    {
        var handled = 0;
        var heard = 0;
        await using var silo = await StartAsync(Quiet() with { Duplicates = 1 }, builder => builder
            .AddWork<Int64Value, Int64Value>("work", (work, _) =>
            {
                Interlocked.Increment(ref handled);
                return Task.FromResult(work);
            })
            .Subscribe<StringValue>("news", _ =>
            {
                Interlocked.Increment(ref heard);
                return ValueTask.CompletedTask;
            }));
        var told = 0;
        silo.Script.OnTell = (_, _) =>
        {
            told++;
            return Task.CompletedTask;
        };
        for (var i = 0; i < 50; i++)
        {
            await silo.Grain().Count().Within();
            await silo.Grain("b").TellAsync("x");
            await silo.Silo.RunWorkAsync<Int64Value>("work", new Int64Value()).Within();
            await silo.Silo.PublishAsync("news", new StringValue());
        }

        await TestExtensions.Eventually(
            () => Volatile.Read(ref told) == 100 && Volatile.Read(ref handled) == 100 && Volatile.Read(ref heard) == 100,
            "every message was delivered twice");
        await TestExtensions.Eventually(() => silo.Grain().Count().Within().Result.Value > 100, "every request was delivered twice");
    }

    [Fact]
    public async Task A_refused_repetition_does_not_answer_for_the_call_that_was_taken()
    {
        await using var silo = await StartAsync(
            Quiet() with { Duplicates = 1 }, builder => builder.Configure(o => o.MailboxLimit = 2));
        var go = new TaskCompletionSource();
        var started = new ConcurrentDictionary<string, bool>();
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            started[grain.Context.Key] = true;
            await go.Task;
            return request;
        };
        // Each grain gets four deliveries: one runs, two may wait, one is refused, and that is a repetition.
        var calls = new List<Task<string>>();
        foreach (var key in Enumerable.Range(0, 50).Select(i => $"{i}"))
        {
            calls.Add(silo.Grain(key).AskAsync("first"));
            await TestExtensions.Eventually(() => started.ContainsKey(key), "the first call started");
            calls.Add(silo.Grain(key).AskAsync("second"));
        }

        for (var i = 0; i < 1000; i++)
            await Task.Yield();
        go.SetResult();
        Assert.All(await Task.WhenAll(calls).Within(), reply => Assert.Contains(reply, (string[])["first", "second"]));
    }

    [Fact]
    public async Task Ownership_is_lost_mid_life_and_every_call_is_answered()
    {
        await using var silo = await StartAsync(Quiet() with { LostOwnership = 0.2 });
        silo.Script.OnAsk = async (_, request, _) =>
        {
            await Task.Yield();
            return request;
        };
        var calls = Enumerable.Range(0, 500).Select(i => silo.Grain($"{i % 3}").AskAsync($"{i}")).ToArray();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
        Assert.True(silo.Script.Activations > 10, $"Only {silo.Script.Activations} activations: ownership was hardly ever lost.");
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task Calls_of_different_senders_overtake_each_other()
    {
        await using var silo = await StartAsync(Quiet() with { MaxHops = 50 });
        var seen = new ConcurrentQueue<int>();
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            if (grain.Context.Key == "target")
                seen.Enqueue(int.Parse(request));
            else
                await grain.Context.Grains.Get<IScriptedGrain>("target").Ask(new StringValue { Value = request });
            return request;
        };
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => silo.Grain($"sender-{i}").AskAsync($"{i}"))).Within();
        Assert.Equal(200, seen.Count);
        Assert.True(!seen.SequenceEqual(seen.Order()), "200 independent senders kept their order all the way.");
    }

    [Fact]
    public async Task Messages_that_may_be_lost_are_lost_when_asked_for()
    {
        await using var silo = await StartAsync(Quiet() with { Losses = 1 });
        var told = 0;
        silo.Script.OnTell = (_, _) => Task.FromResult(told++);
        for (var i = 0; i < 20; i++)
            await silo.Grain().TellAsync("x");
        await silo.Silo.StopAsync().Within();
        Assert.Equal(0, told);
    }

    [Fact]
    public async Task The_seed_is_announced()
    {
        var announced = new ConcurrentQueue<string>();
        await using var silo = await TestSilo.StartAsync(
            engine: new StrictEngine(new StrictOptions { Seed = 4711, Announce = announced.Enqueue }));
        Assert.Contains("seed 4711", Assert.Single(announced));
    }

    [Theory]
    [InlineData(-0.1, 0)]
    [InlineData(1.1, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(0, 0.6)]
    public void Impossible_chances_are_refused(double duplicates, double lostOwnership) =>
        Assert.Throws<ArgumentException>(() => new StrictEngine(Quiet() with { Duplicates = duplicates, LostOwnership = lostOwnership }));

    [GrainKind("keeping")]
    public interface IKeepingGrain : IGrain
    {
        Task<StringValue> Keep(StringValue request);
    }

    private sealed class KeepingGrain : Grain, IKeepingGrain
    {
        public StringValue? Request { get; private set; }

        public StringValue? Reply { get; private set; }

        public Task<StringValue> Keep(StringValue request)
        {
            Request = request;
            Reply = new StringValue { Value = "reply" };
            return Task.FromResult(Reply);
        }
    }
}
