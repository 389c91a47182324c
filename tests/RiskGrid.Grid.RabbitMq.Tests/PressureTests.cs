using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

[Collection(BrokerCollection.Name)]
public sealed class PressureTests(Broker broker, ITestOutputHelper output)
{
    [Fact]
    public async Task Calls_travel_together()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        var before = gateway.Engine.Session!.Outbox.Messages;
        await Task.WhenAll(Enumerable.Range(0, 4000).Select(i => gateway.Grain(Cluster.Keys[i % 4]).AskAsync("x"))).Within();
        var messages = gateway.Engine.Session!.Outbox.Messages - before;
        output.WriteLine($"4000 calls to 4 partitions in {messages} messages");

        // Five where the calls come at once; a sender that gets little of the processor has fewer to put together.
        Assert.InRange(messages, 4000UL / 1024, 2000UL);
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task A_slow_grain_is_not_sent_more_than_it_may_hold_and_holds_up_nobody_else()
    {
        const int Limit = 100;
        await using var cluster = new Cluster(broker.NewCluster() with { UnansweredPerPartition = Limit, BatchCalls = 10, CallsInAll = 5000 });
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        var go = new TaskCompletionSource();
        var order = new ConcurrentQueue<string>();
        var slow = Cluster.Keys[0];
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            if (grain.Context.Key == slow)
            {
                await go.Task;
                order.Enqueue(request);
            }

            return request;
        };
        var calls = Enumerable.Range(0, 3000).Select(i => gateway.Grain(slow).AskAsync($"{i}")).ToArray();
        Assert.Equal("quick", await gateway.Grain(Cluster.Keys[1]).AskAsync("quick"));
        Assert.InRange(silo.Engine.Session!.Ownership.Taken, 1, Limit + 10 + 1);
        var more = Enumerable.Range(0, 3000).Select(i => Record.ExceptionAsync(() => gateway.Grain(slow).TellAsync($"{i}").Within())).ToArray();
        go.SetResult();
        var outcomes = await Task.WhenAll(more);
        Assert.InRange(outcomes.Count(e => e is GrainOverloadedException), 900, 3000);
        Assert.All(outcomes, e => Assert.True(e is null or GrainOverloadedException, e?.ToString()));
        Assert.Equal(3000, (await Task.WhenAll(calls).Within()).Length);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"{i}"), order);
    }

    [Fact]
    public async Task What_waits_at_the_broker_is_counted_when_it_is_asked_for()
    {
        const int Items = 40;
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        var (taken, go) = (0, new TaskCompletionSource());
        await cluster.StartGatewayAsync(build: builder => builder.AddWork<StringValue, StringValue>("who", async (request, _) =>
        {
            Interlocked.Increment(ref taken);
            await go.Task;
            return request;
        }));
        var items = Enumerable.Range(0, Items).Select(i => gateway.RunAsync($"{i}")).ToArray();
        var waiting = 0L;
        await TestExtensions.Eventually(
            () =>
            {
                waiting = gateway.Silo.ReadClusterAsync().AsTask().GetAwaiter().GetResult().Queues.Single(q => q.Name == "work").Messages;
                return taken > 0 && waiting + taken == Items;
            },
            "what no silo has taken is counted");
        output.WriteLine($"{taken} taken, {waiting} waiting");
        Assert.True(waiting > 0, $"{taken} of {Items} were taken at once");
        go.SetResult();
        await Task.WhenAll(items).Within();
        await TestExtensions.Eventually(
            () => gateway.Silo.ReadClusterAsync().AsTask().GetAwaiter().GetResult().Queues.All(q => q.Messages == 0), "nothing waits any more");
        Assert.Empty(silo.Errors);
    }

    [Fact]
    public async Task A_full_queue_of_the_broker_refuses_one_way_calls()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { QueueMessages = 8, BatchCalls = 1 });
        // The queues stay when nobody owns them.
        await (await cluster.StartSiloAsync()).Silo.StopAsync();
        var gateway = await cluster.StartGatewayAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Record.ExceptionAsync(() => gateway.Grain("a").TellAsync($"{i}").Within())));
        var refused = outcomes.OfType<GrainOverloadedException>().Count();
        output.WriteLine($"{refused} of 500 were refused");
        Assert.InRange(refused, 300, 499);
        Assert.Equal(500 - refused, outcomes.Count(e => e is null));
        Assert.Contains("is full", outcomes.OfType<GrainOverloadedException>().First().Message);
        var told = 0;
        await cluster.StartSiloAsync(prepare: script => script.OnTell = (_, _) =>
        {
            Interlocked.Increment(ref told);
            return Task.CompletedTask;
        });
        await TestExtensions.Eventually(() => Volatile.Read(ref told) == 500 - refused, "what was taken has run");
    }

    [Fact]
    public async Task One_way_calls_to_a_slow_grain_are_refused_where_too_many_wait()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { UnansweredPerPartition = 8, WaitingPerPartition = 100 });
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await TestExtensions.Eventually(
            () => gateway.Engine.Session!.Owners.Of("scripted")[Partition.Of("a")].Owner is not null, "the owner is known, so calls go straight to it");
        var go = new TaskCompletionSource();
        var told = 0;
        silo.Script.OnTell = async (_, _) =>
        {
            await go.Task;
            Interlocked.Increment(ref told);
        };
        var outcomes = Enumerable.Range(0, 500).Select(i => Record.ExceptionAsync(() => gateway.Grain("a").TellAsync($"{i}").Within())).ToList();
        await TestExtensions.Eventually(() => outcomes.Count(o => o.IsCompleted) >= 392, "what is too much is refused at once");
        go.SetResult();
        var ended = await Task.WhenAll(outcomes);
        var refused = ended.OfType<GrainOverloadedException>().Count();
        output.WriteLine($"{refused} of 500 were refused");
        Assert.InRange(refused, 392, 400);
        Assert.Equal(500 - refused, ended.Count(e => e is null));
        await TestExtensions.Eventually(() => Volatile.Read(ref told) == 500 - refused, "what was taken has run");
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_on_both_ways()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { MessageBytes = 10_000 });
        var silo = await cluster.StartSiloAsync();
        silo.Script.OnAsk = (_, request, _) => Task.FromResult(request == "much" ? new string('x', 20_000) : request);
        var request = await Assert.ThrowsAsync<GrainCallException>(() => silo.Grain("a").AskAsync(new string('x', 20_000)));
        Assert.Contains("over the limit of 10,000", request.Message);
        var reply = await Assert.ThrowsAsync<GrainCallException>(() => silo.Grain("a").AskAsync("much"));
        Assert.Contains("ask for less", reply.Message);
        Assert.Equal("little", await silo.Grain("a").AskAsync("little"));
    }

    [Fact]
    public async Task Small_messages_travel_together_also_where_large_ones_are_not_allowed()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { MessageBytes = 10_000 });
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        var before = gateway.Engine.Session!.Outbox.Messages;
        var request = new string('x', 9_000);
        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => gateway.Grain(Cluster.Keys[i % 8]).AskAsync(request))).Within();
        Assert.All(replies, reply => Assert.Equal(request, reply));
        Assert.InRange(gateway.Engine.Session!.Outbox.Messages - before, 5UL, 450UL);
        Assert.Empty(silo.Errors);
        Assert.Empty(gateway.Errors);
    }

    [Fact]
    public async Task Bytes_are_bounded_also_after_many_calls_were_refused()
    {
        const int Limit = 8;
        await using var cluster = new Cluster(broker.NewCluster() with { CallsInAll = Limit, BytesInAll = 10_000 });
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        var go = new TaskCompletionSource();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            await go.Task;
            return request.Length.ToString(CultureInfo.InvariantCulture);
        };
        var large = new string('x', 3_000);
        var small = Enumerable.Range(0, Limit).Select(_ => gateway.Grain("a").AskAsync("")).ToList();
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<GrainOverloadedException>(() => gateway.Grain("a").AskAsync(large));
        go.SetResult();
        await Task.WhenAll(small).Within();
        go = new TaskCompletionSource();
        var calls = Enumerable.Range(0, Limit).Select(_ => gateway.Grain("a").AskAsync(large)).ToList();
        var refused = calls.Where(call => call.IsFaulted).ToList();
        go.SetResult();
        foreach (var call in refused)
            await Assert.ThrowsAsync<GrainOverloadedException>(() => call);
        await Task.WhenAll(calls.Except(refused)).Within();
        Assert.Equal(Limit - 3, refused.Count);
    }

    [Fact]
    public async Task Work_is_shared_and_no_silo_takes_more_than_it_runs()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var running = new int[2];
        var most = new int[2];
        var done = new int[2];
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<ClusterSilo> StartWorker(int index) => cluster.StartGatewayAsync(build: builder => builder
            .Configure(o => o.WorkConcurrency = 2)
            .AddWork<StringValue, StringValue>("who", async (request, _) =>
            {
                var now = Interlocked.Increment(ref running[index]);
                if (now > most[index])
                    most[index] = now;

                // Nobody ends before both have what they can run: one of them may stand still for a while.
                if (Volatile.Read(ref running[0]) + Volatile.Read(ref running[1]) >= 4)
                    all.TrySetResult();
                await all.Task;
                await Task.Delay(5, CancellationToken.None);
                Interlocked.Decrement(ref running[index]);
                Interlocked.Increment(ref done[index]);
                return request;
            }));
        var workers = new[] { await StartWorker(0), await StartWorker(1) };
        var gateway = await cluster.StartGatewayAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => gateway.RunAsync($"{i}"))).Within();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), results.Select(r => r.Value));
        Assert.Equal(200, done.Sum());
        Assert.All(done, n => Assert.InRange(n, 2, 198));
        Assert.All(most, n => Assert.InRange(n, 1, 2));
        Assert.All(workers, w => Assert.Empty(w.Errors));
    }
}
