using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RabbitMQ.Client;
using RiskGrid.Grid.Tests;
using RiskGrid.Protocol.Grid;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

[Collection(BrokerCollection.Name)]
public sealed class FailureTests(Broker broker, ITestOutputHelper output)
{
    [Fact]
    public async Task A_silo_whose_connection_is_cut_loses_its_partitions_says_so_once_and_comes_back()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        using var proxy = new TcpProxy(broker.Server.Port);
        var steady = await cluster.StartSiloAsync();
        var cut = await cluster.StartSiloAsync(o => o with { Address = new Uri($"amqp://guest:guest@127.0.0.1:{proxy.Port}/") });
        await Cluster.ConvergedAsync(steady, cut);
        var lost = Cluster.Keys[Enumerable.Range(0, Partition.Count).First(cut.Owns)];
        var started = new TaskCompletionSource();
        var never = new TaskCompletionSource<string>();
        cut.Script.OnAsk = (_, _, _) =>
        {
            started.TrySetResult();
            return never.Task;
        };
        var deactivated = new TaskCompletionSource<DeactivationReason>();
        cut.Script.OnDeactivate = (_, reason) =>
        {
            deactivated.TrySetResult(reason);
            return Task.CompletedTask;
        };
        var moved = steady.Grain(lost).AskAsync("moved");
        await started.Task.Within();
        var own = cut.Grain(lost).AskAsync("own");
        var before = cut.Incarnation;
        proxy.Cut(refuse: true);

        // The broker gives the call to the other silo; what the cut silo sent itself, it cannot know the end of.
        Assert.Equal("moved", await moved);
        Assert.Contains("may or may not have been applied", (await Assert.ThrowsAsync<GrainUnavailableException>(() => own)).Message);
        Assert.Contains("is being rebuilt", (await Assert.ThrowsAsync<GrainUnavailableException>(() => cut.Grain(lost).AskAsync("down"))).Message);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => cut.Silo.PublishAsync("topic", new StringValue()).AsTask());
        await Assert.ThrowsAsync<GrainUnavailableException>(() => cut.RunAsync("work"));
        never.SetResult("too late");
        Assert.Equal(DeactivationReason.OwnershipLost, await deactivated.Task.Within());
        await TestExtensions.Eventually(() => !cut.Errors.IsEmpty, "the loss is reported");
        Assert.Single(cut.Errors);
        cut.Script.OnAsk = (_, request, _) => Task.FromResult(request);

        proxy.Mend();
        await Cluster.ConvergedAsync(steady, cut);
        Assert.NotEqual(before, cut.Incarnation);
        Assert.Equal("back", await cut.Grain(lost).AskAsync("back"));
    }

    /// <summary>The client library takes such an end for a pause, and reads it again and again.</summary>
    [Fact]
    public async Task A_connection_that_ends_in_the_middle_of_a_frame_is_lost_at_once()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        using var proxy = new TcpProxy(broker.Server.Port);
        // Silence alone would be noticed after minutes.
        var cut = await cluster.StartSiloAsync(o => o with
        {
            Address = new Uri($"amqp://guest:guest@127.0.0.1:{proxy.Port}/"), Heartbeat = TimeSpan.FromMinutes(5),
        });
        await Cluster.ConvergedAsync(cut);
        var before = cut.Incarnation;
        var watch = Stopwatch.StartNew();
        proxy.EndInsideFrame();
        await TestExtensions.Eventually(() => cut.Incarnation != before, "the end is noticed");
        output.WriteLine($"noticed after {watch.ElapsedMilliseconds} ms");
        await Cluster.ConvergedAsync(cut);
        Assert.Equal("back", await cut.Grain("a").AskAsync("back"));
    }

    [Fact]
    public async Task A_silo_that_gives_its_connection_up_holds_no_partition_at_a_broker_that_does_not_hear_it()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        using var proxy = new TcpProxy(broker.Server.Port);
        var steady = await cluster.StartSiloAsync();
        // Silence alone would be noticed after minutes.
        var deaf = await cluster.StartSiloAsync(o => o with
        {
            Address = new Uri($"amqp://guest:guest@127.0.0.1:{proxy.Port}/"), Heartbeat = TimeSpan.FromMinutes(5),
        });
        await Cluster.ConvergedAsync(steady, deaf);

        // It does not come back and take its share again before anybody has looked.
        proxy.Deafen(refuse: true);
        var watch = Stopwatch.StartNew();
        deaf.Engine.Session!.Lose("a test");
        await TestExtensions.Eventually(() => steady.OwnedCount == Partition.Count, "the other silo owns all");
        output.WriteLine($"after {watch.ElapsedMilliseconds} ms");
        proxy.Mend();
        await Cluster.ConvergedAsync(steady, deaf);
    }

    [Fact]
    public async Task A_partition_that_cannot_be_stood_in_line_for_again_is_a_lost_session()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        await Cluster.ConvergedAsync(silo);
        var before = silo.Incarnation;
        await silo.Engine.Session!.Listening.CloseAsync();
        Assert.NotNull(await Record.ExceptionAsync(() => silo.Engine.YieldAsync(0)));
        await TestExtensions.Eventually(() => silo.Incarnation != before, "the session is lost");
        await Cluster.ConvergedAsync(silo);
        Assert.Equal("back", await silo.Grain(Cluster.Keys[0]).AskAsync("back"));
    }

    [Fact]
    public async Task A_silo_that_is_stopped_while_it_comes_back_leaves_without_an_error()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var steady = await cluster.StartSiloAsync();
        await Cluster.ConvergedAsync(steady);
        // From before it is connected until it has much of its share.
        foreach (var stage in new[] { 0, 1, 4, 16 })
        {
            var back = await cluster.StartSiloAsync();
            await Cluster.ConvergedAsync(steady, back);
            var before = back.Incarnation;
            back.Engine.Session!.Lose("a test");
            await TestExtensions.Eventually(() => back.Incarnation != before, "the loss is noticed");
            await TestExtensions.Eventually(() => back.OwnedCount >= stage, "it is at this stage of coming back");
            await back.Silo.StopAsync().Within();
            await Cluster.ConvergedAsync(steady);
            Assert.Equal("still", await steady.Grain("a").AskAsync("still"));
        }
    }

    [Fact]
    public async Task A_killed_silo_is_replaced_and_its_calls_and_work_are_done_by_another()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var child = await cluster.StartChildAsync();
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await TestExtensions.Eventually(() => gateway.Engine.Session!.Members.Read().Count == 3, "all have heard of each other");
        var other = gateway.Engine.Session!.Members.Read().Single(s => s.ProcessId != Environment.ProcessId).Incarnation;
        await TestExtensions.Eventually(
            () => Enumerable.Range(0, Partition.Count).All(p => silo.Owns(p) == Rank.IsBetter(silo.Incarnation, other, p)), "both have their shares");
        var hanging = gateway.Grain(Cluster.Keys[Enumerable.Range(0, Partition.Count).First(p => !silo.Owns(p))]).AskAsync(SiloChild.Hang);
        await child.ReadUntilAsync("ran");
        var work = gateway.RunAsync(SiloChild.Hang);
        await child.ReadUntilAsync("work");
        var worker = await cluster.StartGatewayAsync(build: builder =>
            builder.AddWork<StringValue, StringValue>("who", (request, _) => Task.FromResult(new StringValue { Value = "another" })));
        await using var load = new Load(gateway, callers: 8);
        await load.ReachAsync(200);
        Assert.False(hanging.IsCompleted);
        var killed = TimeProvider.System.GetTimestamp();
        _ = child.KillAsync();
        Assert.Equal(SiloChild.Hang, await hanging);
        output.WriteLine($"the killed silo's call was answered {TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds:0} ms after the kill");
        Assert.Equal("another", (await work.Within()).Value);
        output.WriteLine($"its work item was done {TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds:0} ms after the kill");
        await load.ReachAsync(load.Answered + 200);
        await load.StopAsync();
        output.WriteLine($"the longest time without any answer was {load.LongestGap.TotalMilliseconds:0} ms, the slowest call {load.Slowest.TotalMilliseconds:0} ms");
        Assert.Empty(load.Errors);
        await TestExtensions.Eventually(() => silo.OwnedCount == Partition.Count, "the other silo knows that it owns everything");
        Assert.NotEqual("", worker.Incarnation);
    }

    [Fact]
    public async Task A_frozen_silo_is_replaced_and_when_it_thaws_it_runs_nothing_that_it_had_buffered()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var child = await cluster.StartChildAsync(heartbeatSeconds: 1);
        var gateway = await cluster.StartGatewayAsync();
        await gateway.Grain("a").AskAsync("warm");
        child.Pause();
        var frozen = TimeProvider.System.GetTimestamp();
        var calls = Enumerable.Range(0, 200).Select(i => gateway.Grain(Cluster.Keys[i % Partition.Count]).AskAsync($"buffered {i}")).ToArray();
        var silo = await cluster.StartSiloAsync();
        await Task.WhenAll(calls).Within();
        output.WriteLine($"the frozen silo's calls were answered within {TimeProvider.System.GetElapsedTime(frozen).TotalSeconds:0.0} s");
        child.Resume();
        Assert.Contains("was lost", await child.ReadUntilAsync("error"));
        await TestExtensions.Eventually(() => silo.OwnedCount < Partition.Count, "the thawed silo is back and has taken its share");
        await gateway.Grain("a").AskAsync("after");
        var said = await child.TerminateAsync();
        Assert.DoesNotContain(said, line => line.Contains("buffered", StringComparison.Ordinal));
        Assert.Contains("left", said);
    }

    [Fact]
    public async Task A_message_that_nobody_can_finish_is_a_dead_letter_and_its_caller_may_retry()
    {
        await using var cluster = new Cluster(broker.NewCluster() with { DeliveryLimit = 3 });
        var silo = await cluster.StartSiloAsync();
        silo.Script.OnAsk = (_, request, _) => request == "poison" ? throw new ActivationFencedException("again and again") : Task.FromResult(request);
        var exception = await Assert.ThrowsAsync<GrainUnavailableException>(() => silo.Grain("a").AskAsync("poison"));
        Assert.Contains("no silo finished it", exception.Message);
        Assert.Contains("retry with the same id", exception.Message);
        Assert.Contains(silo.Errors, e => e.Operation == "dead letter" && e.Exception.Message.Contains("scripted.Ask of a"));
        Assert.Equal("sound", await silo.Grain("a").AskAsync("sound"));
    }

    [Fact]
    public async Task What_cannot_be_read_is_answered_or_reported_and_the_queue_goes_on()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        var silo = await cluster.StartSiloAsync();
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var replies = new ConcurrentDictionary<string, Reply>();
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, args) =>
        {
            foreach (var reply in ReplyBatch.Parser.ParseFrom(args.Body.Span).Replies)
                replies[reply.MessageId] = reply;
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("amq.rabbitmq.reply-to", autoAck: true, consumer);
        var queue = new Names(cluster.Options.Prefix).Queue("scripted", Partition.Of("a"));
        async Task SendAsync(string type, byte[] body) => await channel.BasicPublishAsync(
            "", queue, mandatory: true, new BasicProperties { Type = type, ReplyTo = "amq.rabbitmq.reply-to" }, body);
        await SendAsync("calls", Encoding.UTF8.GetBytes("no batch"));
        await SendAsync("novelty", []);
        await SendAsync("calls", new CallBatch
        {
            Calls =
            {
                new Envelope { Kind = "scripted", Key = "a", Method = "Unheard", MessageId = "1" },
                new Envelope { Kind = "scripted", Key = "a", Method = "Ask", MessageId = "2", Payload = ByteString.CopyFromUtf8("no string") },
                new Envelope { Kind = "scripted", Key = "a", Method = "Ask", MessageId = "3", Payload = new StringValue { Value = "sound" }.ToByteString() },
            },
        }.ToByteArray());
        Assert.Equal("sound", await silo.Grain("a").AskAsync("sound"));

        // Each is answered when it is done, together with whatever else is done by then or alone.
        await TestExtensions.Eventually(() => replies.Count == 3, "each of the three is answered");
        Assert.Contains("no method 'Unheard'", replies["1"].Fault.Message);
        Assert.Contains("InvalidProtocolBuffer", replies["2"].Fault.RemoteType);
        Assert.Equal("sound", StringValue.Parser.ParseFrom(replies["3"].Payload).Value);
        Assert.Equal(4, silo.Errors.Count);
        await TestExtensions.Eventually(() => channel.MessageCountAsync(queue).GetAwaiter().GetResult() == 0, "the queue is empty");
        await silo.Silo.StopAsync().Within();
        Assert.Equal(0u, await channel.MessageCountAsync(queue));
    }

    [Fact]
    public async Task A_start_without_a_broker_says_where_and_how_to_mend_it()
    {
        using var nowhere = new TcpProxy(1);
        var port = nowhere.Port;
        nowhere.Dispose();
        var options = new RabbitMqOptions { Address = new Uri($"amqp://me:secret@127.0.0.1:{port}/"), ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        var absent = await Assert.ThrowsAsync<GrainUnavailableException>(
            () => new SiloBuilder().UseEngine(new RabbitMqEngine(options)).StartAsync().Within());
        Assert.Contains($"amqp://me@127.0.0.1:{port}/ cannot be reached", absent.Message);
        Assert.Contains("start it", absent.Message);
        Assert.DoesNotContain("secret", absent.ToString());
        var wrong = options with { Address = new Uri($"amqp://guest:secret@127.0.0.1:{broker.Server.Port}/"), ConnectTimeout = TimeSpan.FromHours(1) };
        var refused = await Assert.ThrowsAsync<GrainUnavailableException>(
            () => new SiloBuilder().UseEngine(new RabbitMqEngine(wrong)).StartAsync().Within());
        Assert.Contains("refuses this user or password", refused.Message);
        Assert.Equal((false, true), (absent.IsRefusal, refused.IsRefusal));
        Assert.DoesNotContain("secret", refused.ToString());
    }

    [Fact]
    public async Task A_queue_that_does_not_answer_is_named_with_how_to_mend_it()
    {
        var options = broker.NewCluster();
        await using var cluster = new Cluster(options);
        await cluster.StartGatewayAsync();
        var dead = new Names(options.Prefix).Dead;
        await EvaluateAsync("suspend");
        try
        {
            var exception = await Assert.ThrowsAsync<GrainUnavailableException>(
                () => cluster.StartGatewayAsync(o => o with { ConnectTimeout = TimeSpan.FromMilliseconds(1) }).Within());
            Assert.Contains($"does not answer for its queue {dead}", exception.Message);
            Assert.Contains("delete the queue", exception.Message);
        }
        finally
        {
            await EvaluateAsync("resume");
        }

        Task EvaluateAsync(string what) => broker.Server.EvaluateAsync($"sys:{what}(whereis('%2F_{dead}')).");
    }

    [Fact]
    public async Task Queues_of_other_limits_are_named()
    {
        await using var cluster = new Cluster(broker.NewCluster());
        await cluster.StartSiloAsync();
        var exception = await Assert.ThrowsAsync<GrainUnavailableException>(() => cluster.StartSiloAsync(o => o with { DeliveryLimit = 7 }).Within());
        Assert.Contains("x-delivery-limit", exception.Message);
        Assert.Contains("same options", exception.Message);
        Assert.True(exception.IsRefusal);
    }
}
