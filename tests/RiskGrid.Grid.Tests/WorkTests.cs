using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class WorkTests
{
    [Fact]
    public async Task No_more_items_run_at_a_time_than_the_silo_allows()
    {
        var running = 0;
        var worst = 0;
        var gate = new Lock();
        await using var silo = await TestSilo.StartAsync(builder => builder
            .Configure(o => o.WorkConcurrency = 3)
            .AddWork<Int64Value, Int64Value>("square", async (work, _) =>
            {
                lock (gate)
                    worst = Math.Max(worst, ++running);
                await Task.Yield();
                lock (gate)
                    running--;
                return new Int64Value { Value = work.Value * work.Value };
            }));
        var results = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(i => silo.Silo.RunWorkAsync<Int64Value>("square", new Int64Value { Value = i }))).Within();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i * i), results.Select(r => r.Value));
        Assert.InRange(worst, 1, 3);
    }

    [Fact]
    public async Task A_full_work_queue_refuses_more()
    {
        var go = new TaskCompletionSource();
        await using var silo = await TestSilo.StartAsync(builder => builder
            .Configure(o => (o.WorkConcurrency, o.WorkQueueLimit) = (1, 2))
            .AddWork<Int64Value, Int64Value>("wait", async (work, _) =>
            {
                await go.Task;
                return work;
            }));
        var taken = Enumerable.Range(0, 3).Select(i => silo.Silo.RunWorkAsync<Int64Value>("wait", new Int64Value { Value = i })).ToArray();
        await Assert.ThrowsAsync<GrainOverloadedException>(() => silo.Silo.RunWorkAsync<Int64Value>("wait", new Int64Value()).Within());
        go.SetResult();
        Assert.Equal([0L, 1L, 2L], (await Task.WhenAll(taken).Within()).Select(r => r.Value));
    }

    [Fact]
    public async Task A_cancelled_item_ends_at_once_and_its_handler_is_told()
    {
        var started = new TaskCompletionSource<CancellationToken>();
        var go = new TaskCompletionSource();
        await using var silo = await TestSilo.StartAsync(builder => builder.AddWork<Int64Value, Int64Value>("wait", async (work, token) =>
        {
            started.SetResult(token);
            await go.Task;
            return work;
        }));
        using var cancel = new CancellationTokenSource();
        var item = silo.Silo.RunWorkAsync<Int64Value>("wait", new Int64Value(), cancel.Token);
        var token = await started.Task.Within();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.Within());
        Assert.True(token.IsCancellationRequested, "The handler was not told.");
        go.SetResult();
    }

    [Fact]
    public async Task A_subscriber_that_is_too_far_behind_loses_the_oldest_and_it_is_reported_once()
    {
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var heard = new ConcurrentQueue<long>();
        await using var silo = await TestSilo.StartAsync(builder => builder
            .Configure(o => o.TopicQueueLimit = 10)
            .Subscribe<Int64Value>("numbers", async message =>
            {
                started.TrySetResult();
                await go.Task;
                heard.Enqueue(message.Value);
            }));
        await silo.Silo.PublishAsync("numbers", new Int64Value { Value = -1 });
        await started.Task.Within();
        for (var i = 0; i < 100; i++)
            await silo.Silo.PublishAsync("numbers", new Int64Value { Value = i });
        go.SetResult();
        await TestExtensions.Eventually(() => heard.Count == 11, "the newest ten messages arrived");
        Assert.Equal([-1, .. Enumerable.Range(90, 10)], heard);
        Assert.IsType<GrainOverloadedException>(Assert.Single(silo.Errors).Exception);
    }

    [Fact]
    public async Task A_subscriber_that_throws_is_reported_and_hears_the_next_message()
    {
        var heard = new ConcurrentQueue<long>();
        await using var silo = await TestSilo.StartAsync(builder => builder.Subscribe<Int64Value>("numbers", message =>
        {
            heard.Enqueue(message.Value);
            return message.Value == 0 ? throw new InvalidOperationException("zero") : ValueTask.CompletedTask;
        }));
        await silo.Silo.PublishAsync("numbers", new Int64Value { Value = 0 });
        await silo.Silo.PublishAsync("numbers", new Int64Value { Value = 1 });
        await TestExtensions.Eventually(() => heard.Count == 2, "the second message arrived");
        Assert.Equal((GrainErrorSource.Topic, "numbers", "zero"), silo.Errors.Select(e => (e.Source, e.Kind, e.Exception.Message)).Single());
    }

    [Fact]
    public async Task A_subscription_ends_when_disposed()
    {
        var heard = new ConcurrentQueue<long>();
        await using var silo = await TestSilo.StartAsync();
        var subscription = silo.Silo.Subscribe<Int64Value>("numbers", message =>
        {
            heard.Enqueue(message.Value);
            return ValueTask.CompletedTask;
        });
        await silo.Silo.PublishAsync("numbers", new Int64Value { Value = 1 });
        await TestExtensions.Eventually(() => heard.Count == 1, "the message arrived");
        subscription.Dispose();
        Assert.Null(silo.Silo.Catalog.FindTopic("numbers"));
        await silo.Silo.PublishAsync("numbers", new Int64Value { Value = 2 });
        Assert.Equal([1L], heard);
    }

    [Fact]
    public async Task A_topic_carries_one_type_of_message()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.Subscribe<Int64Value>("numbers", _ => ValueTask.CompletedTask));
        Assert.Throws<ArgumentException>(() => silo.Silo.Subscribe<StringValue>("numbers", _ => ValueTask.CompletedTask));
    }
}
