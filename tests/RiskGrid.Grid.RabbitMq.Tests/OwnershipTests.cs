using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using RiskGrid.Grid.Tests;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

[Collection(BrokerCollection.Name)]
public sealed class OwnershipTests(Broker broker, ITestOutputHelper output)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Each_partition_is_delivered_to_one_silo_and_it_is_the_one_that_ranks_best()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.StartSiloAsync()));
        await Cluster.ConvergedAsync(silos);
        foreach (var silo in silos)
            silo.Script.OnAsk = (_, _, _) => Task.FromResult(silo.Incarnation);
        foreach (var caller in silos)
        {
            var owners = await Task.WhenAll(Cluster.Keys.Select(key => caller.Grain(key).AskAsync("")));
            for (var partition = 0; partition < Partition.Count; partition++)
                Assert.Equal(silos.Single(s => s.Owns(partition)).Incarnation, owners[partition]);
        }

        Assert.All(silos, silo => Assert.InRange(silo.OwnedCount, 5, 45));
    }

    [Theory]
    [InlineData("one after the other")]
    [InlineData("one leaves while another joins")]
    public async Task Ownership_converges_from_this_order_of_starts(string order)
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var start = TimeProvider.System.GetTimestamp();
        var silos = new List<ClusterSilo>();
        for (var i = 0; i < 3; i++)
            silos.Add(await cluster.StartSiloAsync());
        if (order == "one leaves while another joins")
        {
            var leaving = silos[1].Silo.StopAsync();
            silos[1] = await cluster.StartSiloAsync();
            await leaving.Within();
        }

        var ready = TimeProvider.System.GetTimestamp();
        await Cluster.ConvergedAsync([.. silos]);
        output.WriteLine($"{order}: started in {TimeProvider.System.GetElapsedTime(start, ready)}, converged {TimeProvider.System.GetElapsedTime(ready)} later");
        Assert.InRange(TimeProvider.System.GetElapsedTime(ready), TimeSpan.Zero, Soon);
    }

    [Fact]
    public async Task Grains_that_are_to_be_alive_live_where_their_partition_is_and_nobody_calls_them()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var first = await cluster.StartSiloAsync();
        first.Silo.KeepAlive<IScriptedGrain>(Cluster.Keys);
        await LiveAsync(first);
        var second = await cluster.StartSiloAsync();
        second.Silo.KeepAlive<IScriptedGrain>(Cluster.Keys);
        await Cluster.ConvergedAsync(first, second);
        await LiveAsync(first, second);
        await first.Silo.StopAsync().Within();
        await LiveAsync(second);
        Assert.Empty(first.Errors);
        Assert.Empty(second.Errors);

        Task LiveAsync(params ClusterSilo[] silos) => TestExtensions.Eventually(
            () => silos.Sum(s => s.OwnedCount) == Partition.Count && silos.All(s => s.Silo.ActivationCount("scripted") == s.OwnedCount),
            "each silo has a grain in each partition that it owns");
    }

    /// <summary>The connection ends while a partition of two kinds is being given up, and only one kind has been told. What was told late would be taken
    /// for the next connection's: the other kind's grain would not come back to life.</summary>
    [Fact]
    public async Task A_silo_comes_back_when_all_that_it_lost_with_its_last_connection_has_been_told_and_not_before()
    {
        const int Held = 5;
        using var go = new ManualResetEventSlim();
        await using var cluster = new Cluster(broker.NewCluster());
        var telling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = "";
        var silo = await cluster.StartSiloAsync(
            build: builder => builder.AddGrain<INeighbourGrain>(() => new NeighbourGrain(HoldUp)),
            prepare: script => script.OnActivate = (grain, _) =>
            {
                HoldUp(grain.Context);
                return Task.CompletedTask;
            });
        silo.Silo.KeepAlive<IScriptedGrain>(Cluster.Keys);
        silo.Silo.KeepAlive<INeighbourGrain>(Cluster.Keys);
        await LiveAsync();
        before = silo.Incarnation;
        var yielding = Task.Run(() => silo.Engine.YieldAsync(Held));
        await telling.Task.Within();
        silo.Engine.Session!.Lose("a test");

        // As long as a session takes to come back, and more.
        await Task.WhenAny(LiveAsync(), Task.Delay(TimeSpan.FromSeconds(2)));
        Assert.Equal(before, silo.Incarnation);
        go.Set();
        await Record.ExceptionAsync(() => yielding.Within());
        await LiveAsync();

        // Whichever kind is told first.
        void HoldUp(GrainContext grain)
        {
            if (grain.Key == Cluster.Keys[Held])
            {
                grain.Deactivated.Register(() =>
                {
                    telling.TrySetResult();
                    go.Wait(TestExtensions.Patience);
                });
            }
        }

        Task LiveAsync() => TestExtensions.Eventually(
            () => silo.Incarnation != before && new[] { "scripted", "neighbour" }.All(kind => silo.Silo.ActivationCount(kind) == Partition.Count),
            "each partition has its two grains");
    }

    [Fact]
    public async Task A_silo_that_cannot_stand_in_line_everywhere_takes_nothing_from_others_and_says_what_is_wrong_with_which_queue()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var first = await cluster.StartSiloAsync();
        await Cluster.ConvergedAsync(first);
        var queue = new Names(cluster.Options.Prefix).Queue("scripted", 5);
        var leader = $"whereis('%2F_{queue}')";
        await broker.Server.EvaluateAsync($"sys:suspend({leader}).");
        try
        {
            var starting = cluster.StartSiloAsync();
            while (!starting.IsCompleted)
            {
                Assert.Equal(Partition.Count, first.OwnedCount);
                await Task.WhenAny(starting, Task.Delay(1));
            }

            var refused = await Assert.ThrowsAsync<GrainUnavailableException>(() => starting);
            Assert.Contains($"its queue {queue}, which has no leader", refused.Message, StringComparison.Ordinal);
            Assert.Equal(Partition.Count, first.OwnedCount);
        }
        finally
        {
            await broker.Server.EvaluateAsync($"sys:resume({leader}).");
        }

        await Cluster.ConvergedAsync(first, await cluster.StartSiloAsync());
    }

    [Fact]
    public async Task A_silo_that_stops_as_soon_as_it_has_started_leaves_nothing_behind()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var first = await cluster.StartSiloAsync();
        for (var i = 0; i < 5; i++)
        {
            var passing = await cluster.StartSiloAsync();
            await passing.Silo.StopAsync().Within();
            Assert.Empty(passing.Errors);
        }

        await Cluster.ConvergedAsync(first);
        first.Script.OnAsk = (_, request, _) => Task.FromResult(request);
        Assert.Equal(Cluster.Keys, await Task.WhenAll(Cluster.Keys.Select(key => first.Grain(key).AskAsync(key))).Within());
        Assert.Empty(first.Errors);
    }

    [Fact]
    public async Task Silos_join_and_leave_under_load_and_no_call_fails()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var first = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await using var load = new Load(gateway, callers: 32);
        await load.ReachAsync(500);
        var second = await cluster.StartSiloAsync();
        await Cluster.ConvergedAsync(first, second);
        await load.ReachAsync(load.Answered + 500);
        await first.Silo.StopAsync().Within();
        await load.ReachAsync(load.Answered + 500);
        await load.StopAsync();
        output.WriteLine($"{load.Answered} calls, the slowest {load.Slowest.TotalMilliseconds:0} ms");
        Assert.Empty(load.Errors);
        Assert.Empty(first.Errors);
        Assert.Empty(second.Errors);
    }

    [Fact]
    public async Task A_silo_that_leaves_finishes_what_it_has_and_nothing_runs_twice()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var runs = new ConcurrentDictionary<string, int>();
        Task<string> Run(ScriptedGrain grain, string request, CancellationToken token)
        {
            runs.AddOrUpdate(request, 1, (_, n) => n + 1);
            return Task.FromResult(request);
        }

        var first = await cluster.StartSiloAsync();
        var second = await cluster.StartSiloAsync();
        first.Script.OnAsk = Run;
        second.Script.OnAsk = Run;
        var gateway = await cluster.StartGatewayAsync();
        await Cluster.ConvergedAsync(first, second);
        var calls = Enumerable.Range(0, 2000)
            .Select(i => gateway.Grain(Cluster.Keys[i % Partition.Count]).AskAsync(i.ToString(CultureInfo.InvariantCulture))).ToArray();
        await first.Silo.StopAsync().Within();
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
        Assert.All(runs, run => Assert.Equal(1, run.Value));
        Assert.Equal(2000, runs.Count);
    }

    /// <summary>Each call ends when another one has begun, so that at no moment nothing runs.</summary>
    [Fact]
    public async Task The_last_silo_leaves_when_its_time_is_up_also_while_calls_still_come_and_the_next_one_answers_them()
    {
        var options = broker.NewCluster() with { LeaveTime = TimeSpan.FromMilliseconds(500), DrainTime = TimeSpan.FromMilliseconds(200) };
        await using var cluster = new Cluster(options);
        TaskCompletionSource? former = null;
        var first = await cluster.StartSiloAsync(prepare: script => script.OnAsk = async (_, request, _) =>
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref former, end)?.SetResult();
            await end.Task;
            return request;
        });
        var gateway = await cluster.StartGatewayAsync();
        await using var load = new Load(gateway, callers: 16);
        await load.ReachAsync(500);
        var start = TimeProvider.System.GetTimestamp();
        await first.Silo.StopAsync().Within();
        output.WriteLine($"left after {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0} ms, {load.Answered} calls answered");
        await cluster.StartSiloAsync();
        await load.ReachAsync(load.Answered + 500);
        await load.StopAsync();
        Assert.Empty(load.Errors);
        Assert.Empty(first.Errors);
    }

    [Fact]
    public async Task The_last_silo_calls_grains_to_life_in_order_while_it_waits_for_what_runs()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var seen = new ConcurrentQueue<string>();
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var silo = await cluster.StartSiloAsync(prepare: script =>
        {
            script.OnTell = (_, request) =>
            {
                seen.Enqueue(request);
                return Task.CompletedTask;
            };
            script.OnAsk = async (_, request, _) =>
            {
                seen.Enqueue(request);
                started.TrySetResult();
                if (request == "first")
                    await go.Task;
                return request;
            };
        });
        var gateway = await cluster.StartGatewayAsync();
        var first = gateway.Grain("a").AskAsync("first");
        await started.Task.Within();
        var stopped = silo.Silo.StopAsync();
        await gateway.Grain("b").TellAsync("told").Within();
        Assert.Equal("asked", await gateway.Grain("b").AskAsync("asked"));
        Assert.Equal(["first", "told", "asked"], seen);
        go.SetResult();
        Assert.Equal("first", await first);
        await stopped.Within();
    }

    [Fact]
    public async Task First_deliveries_keep_their_order_while_partitions_move()
    {
        const int Calls = 3000;
        await using var cluster = new Cluster(broker.NewCluster());
        var firsts = new ConcurrentQueue<int>();
        var seen = new ConcurrentDictionary<int, bool>();
        async Task<string> See(ScriptedGrain grain, string request, CancellationToken token)
        {
            if (seen.TryAdd(int.Parse(request), true))
                firsts.Enqueue(int.Parse(request));
            await Task.Yield();
            return request;
        }

        var silos = new[] { await cluster.StartSiloAsync(), await cluster.StartSiloAsync() };
        foreach (var silo in silos)
            silo.Script.OnAsk = See;
        var gateway = await cluster.StartGatewayAsync();
        var partition = Partition.Of("ordered");
        var calls = new List<Task>();
        for (var i = 0; i < Calls; i++)
        {
            calls.Add(gateway.Grain("ordered").AskAsync($"{i}"));
            if (i % 500 == 250)
            {
                await calls[i - 200];
                await Task.WhenAll(silos.Where(s => s.Owns(partition)).Select(s => s.Engine.YieldAsync(partition)));
            }
        }

        await Task.WhenAll(calls).Within();
        Assert.Equal(Enumerable.Range(0, Calls), firsts);
        Assert.All(silos, silo => Assert.True(silo.Script.Activations > 0));
    }

    [Fact]
    public async Task The_cluster_can_be_read()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silos = new[] { await cluster.StartSiloAsync(), await cluster.StartSiloAsync() };
        var gateway = await cluster.StartGatewayAsync();
        await Cluster.ConvergedAsync(silos);
        ClusterState? state = null;
        await TestExtensions.Eventually(
            () =>
            {
                state = gateway.Silo.ReadClusterAsync().AsTask().GetAwaiter().GetResult();
                return silos.Select(s => s.OwnedCount).SequenceEqual(state.Silos.Take(2).Select(s => s.Partitions.GetValueOrDefault("scripted")));
            },
            "the gateway has heard who owns what");
        Assert.Equal("rabbitmq", state!.Engine);
        Assert.Equal(["silo0", "silo1", "silo2"], state.Silos.Select(s => s.Load.Name));
        Assert.All(state.Silos, s => Assert.Equal(Environment.ProcessId, s.ProcessId));
        Assert.Equal(Partition.Count, state.Silos.Sum(s => s.Partitions.GetValueOrDefault("scripted")));
        Assert.Equal([("dead letters", 0L), ("scripted", 0L), ("work", 0L)], state.Queues.Select(q => (q.Name, q.Messages)));
        await silos[0].Silo.StopAsync().Within();
        await TestExtensions.Eventually(
            () => gateway.Silo.ReadClusterAsync().AsTask().GetAwaiter().GetResult().Silos.Count == 2, "who said goodbye is gone");
    }

    [GrainKind("neighbour")]
    public interface INeighbourGrain : IGrain
    {
        Task<StringValue> Ask(StringValue request);
    }

    private sealed class NeighbourGrain(Action<GrainContext> activated) : Grain, INeighbourGrain
    {
        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            activated(Context);
            return Task.CompletedTask;
        }

        public Task<StringValue> Ask(StringValue request) => Task.FromResult(request);
    }
}
