using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task A_full_mailbox_refuses_more_calls_and_keeps_those_it_has()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.Configure(o => o.MailboxLimit = 10));
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            started.TrySetResult();
            await go.Task;
            return request;
        };
        var running = silo.Grain().AskAsync("running");
        await started.Task.Within();
        var waiting = Enumerable.Range(0, 10).Select(i => silo.Grain().AskAsync($"{i}")).ToArray();
        var refused = await Assert.ThrowsAsync<GrainOverloadedException>(() => silo.Grain().AskAsync("too many"));
        Assert.Equal(GridErrorCode.ResourceExhausted, refused.Code);
        Assert.Contains("scripted/a has 10 calls waiting", refused.Message);
        await Assert.ThrowsAsync<GrainOverloadedException>(() => silo.Grain().TellAsync("too many"));
        // Other grains do not notice.
        Assert.Equal(1, (await silo.Grain("b").Count().Within()).Value);
        go.SetResult();
        Assert.Equal("running", await running);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), await Task.WhenAll(waiting).Within());
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_is_not_started_when_it_was_still_queued()
    {
        await using var silo = await TestSilo.StartAsync();
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var seen = new List<string>();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            seen.Add(request);
            started.TrySetResult();
            await go.Task;
            return request;
        };
        using var cancel = new CancellationTokenSource();
        var running = silo.Grain().AskWithToken(new StringValue { Value = "running" }, cancel.Token);
        await started.Task.Within();
        var queued = silo.Grain().AskWithToken(new StringValue { Value = "queued" }, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Within());
        go.SetResult();
        Assert.Equal("after", await silo.Grain().AskAsync("after"));
        Assert.Equal(["running", "after"], seen);
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        await using var silo = await TestSilo.StartAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => silo.Grain().CountWithToken(new CancellationToken(canceled: true)).Within());
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
    }

    [Fact]
    public async Task A_time_limit_ends_the_wait_tells_the_turn_and_skips_what_is_late()
    {
        await using var silo = await TestSilo.StartAsync();
        var started = new TaskCompletionSource<CancellationToken>();
        var go = new TaskCompletionSource();
        var seen = new List<string>();
        silo.Script.OnAsk = async (_, request, token) =>
        {
            seen.Add(request);
            started.TrySetResult(token);
            await go.Task;
            return request;
        };
        var limited = silo.Silo.Grains.WithTimeout(TimeSpan.FromSeconds(5)).Get<IScriptedGrain>("a");
        var running = limited.AskWithToken(new StringValue { Value = "running" }, default);
        var token = await started.Task.Within();
        var queued = limited.Ask(new StringValue { Value = "queued" });
        silo.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(running.IsCompleted, "The call ended before its limit.");
        silo.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(GridErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<GrainDeadlineException>(() => running.Within())).Code);
        await Assert.ThrowsAsync<GrainDeadlineException>(() => queued.Within());
        Assert.True(token.IsCancellationRequested, "The running turn was not told that nobody waits.");
        go.SetResult();
        await silo.Grain().AskAsync("after");
        Assert.Equal(["running", "after"], seen);
    }

    [Fact]
    public async Task A_reply_within_the_limit_leaves_no_timer_behind()
    {
        await using var silo = await TestSilo.StartAsync();
        var before = silo.Time.ArmedTimers;
        await silo.Silo.Grains.WithTimeout(TimeSpan.FromSeconds(5)).Get<IScriptedGrain>("a").Count().Within();
        await TestExtensions.Eventually(() => silo.Time.ArmedTimers == before, "the timer of the limit is gone");
    }
}
