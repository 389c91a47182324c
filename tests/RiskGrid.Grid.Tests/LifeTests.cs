using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class LifeTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private static Task<TestSilo> StartAsync() => TestSilo.StartAsync(builder => builder.Configure(o => o.IdleTimeout = Idle));

    [Fact]
    public async Task An_idle_grain_ends_and_the_next_call_finds_a_new_one()
    {
        await using var silo = await StartAsync();
        var reasons = new ConcurrentQueue<DeactivationReason>();
        silo.Script.OnDeactivate = (_, reason) =>
        {
            reasons.Enqueue(reason);
            return Task.CompletedTask;
        };
        await silo.Grain().Count().Within();
        await IdlesOutAsync(silo);
        Assert.Equal([DeactivationReason.Idle], reasons);
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(2, silo.Script.Activations);
    }

    [Fact]
    public async Task A_grain_that_is_pinged_never_idles_out()
    {
        await using var silo = await StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await silo.Grain().Count().Within();
            silo.Time.Advance(Idle * 0.7);
            // Behind whatever the sweeps may have queued on the thread pool.
            await silo.Grain("other").Count().Within();
        }

        Assert.Equal(101, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(2, silo.Script.Activations);
    }

    [Fact]
    public async Task A_turn_that_takes_long_is_not_idleness()
    {
        await using var silo = await StartAsync();
        var go = new TaskCompletionSource();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            await go.Task;
            return request;
        };
        var call = silo.Grain().AskAsync("slow");
        await TestExtensions.Eventually(() => silo.Script.Activations == 1, "the grain was activated");
        silo.Time.Advance(Idle * 10);
        go.SetResult();
        Assert.Equal("slow", await call);
        Assert.Equal(1, silo.Script.Activations);
    }

    [Fact]
    public async Task Calls_that_come_while_a_grain_ends_go_to_its_successor_in_order_and_none_is_lost()
    {
        await using var silo = await StartAsync();
        var ending = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        silo.Script.OnDeactivate = async (grain, _) =>
        {
            if (grain.Activation != 1)
                return;
            ending.SetResult();
            await end.Task;
        };
        var seen = new ConcurrentQueue<string>();
        silo.Script.OnAsk = (grain, request, _) =>
        {
            if (request == "end")
                grain.Context.DeactivateOnIdle();
            else
                seen.Enqueue(request);
            return Task.FromResult($"{grain.Activation}");
        };
        await silo.Grain().AskAsync("end");
        await ending.Task.Within();
        var sent = Enumerable.Range(0, 100).Select(i => $"{i}").ToArray();
        var calls = sent.Select(s => silo.Grain().AskAsync(s)).ToArray();
        end.SetResult();
        Assert.All(await Task.WhenAll(calls).Within(), activation => Assert.Equal("2", activation));
        Assert.Equal(sent, seen);
    }

    [Fact]
    public async Task No_call_is_lost_while_callers_race_with_deactivations()
    {
        await using var silo = await StartAsync();
        var perCaller = new ConcurrentDictionary<string, int>();
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            var parts = request.Split(' ');
            var number = int.Parse(parts[1]);
            Assert.Equal(number, perCaller.AddOrUpdate(parts[0], 1, (_, last) => last + 1));
            if (number % 3 == 0)
                grain.Context.DeactivateOnIdle();
            if (number % 5 == 0)
                await Task.Yield();
            return request;
        };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 1; i <= 500; i++)
                Assert.Equal($"{caller} {i}", await silo.Grain().AskAsync($"{caller} {i}"));
        }))).Within();
        Assert.All(perCaller.Values, count => Assert.Equal(500, count));
        Assert.True(silo.Script.Activations > 1, "The grain never ended, so the test proved nothing.");
    }

    [Fact]
    public async Task A_failed_activation_fails_the_waiting_calls_and_the_next_call_tries_anew()
    {
        await using var silo = await StartAsync();
        var fail = new TaskCompletionSource();
        silo.Script.OnActivate = async (grain, _) =>
        {
            await fail.Task;
            if (grain.Activation == 1)
                throw new GrainCallException(GridErrorCode.DataLoss, "the book is damaged");
        };
        var waiting = Enumerable.Range(0, 10).Select(_ => silo.Grain().Count()).ToArray();
        var told = silo.Grain().TellAsync("unheard");
        await told.Within();
        fail.SetResult();
        foreach (var call in waiting)
        {
            var exception = await Assert.ThrowsAsync<GrainCallException>(() => call.Within());
            Assert.Equal((GridErrorCode.DataLoss, "the book is damaged"), (exception.Code, exception.Message));
        }

        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(2, silo.Script.Activations);

        // The next activation does not wait for the last word of the one that failed.
        await TestExtensions.Eventually(() => !silo.Errors.IsEmpty, "the call that nobody waits for is reported");
        Assert.Equal(GrainErrorSource.OneWayCall, Assert.Single(silo.Errors).Source);
    }

    [Fact]
    public async Task A_posted_turn_runs_after_those_queued_and_is_refused_once_the_grain_has_ended()
    {
        await using var silo = await StartAsync();
        var order = new List<string>();
        GrainContext? context = null;
        var posted = new TaskCompletionSource();
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            context = grain.Context;
            order.Add(request);
            if (request == "first")
            {
                Assert.True(grain.Context.Post(() =>
                {
                    order.Add("posted");
                    posted.SetResult();
                    return Task.CompletedTask;
                }));
            }

            await Task.Yield();
            return request;
        };
        await silo.Grain().AskAsync("first");
        await posted.Task.Within();
        await silo.Grain().AskAsync("second");
        Assert.Equal(["first", "posted", "second"], order);
        await IdlesOutAsync(silo);
        Assert.False(context!.Post(() => Task.CompletedTask), "A turn was accepted by an activation that has ended.");
        Assert.True(context.Deactivated.IsCancellationRequested, "Deactivated was not cancelled when the activation ended.");
    }

    [Fact]
    public async Task Lost_ownership_drops_what_is_in_memory_and_every_call_is_answered_by_the_new_activation()
    {
        await using var silo = await StartAsync();
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var ended = new TaskCompletionSource<DeactivationReason>();
        CancellationToken deactivated = default;
        silo.Script.OnDeactivate = (_, reason) =>
        {
            ended.TrySetResult(reason);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            if (grain.Activation == 1)
            {
                deactivated = grain.Context.Deactivated;
                started.TrySetResult();
                await go.Task;
            }

            return $"{request} by {grain.Activation}";
        };
        var calls = new[] { "a", "b", "c" }.Select(s => silo.Grain().AskAsync(s)).ToArray();
        await started.Task.Within();
        ((IEngineHost)silo.Silo).OwnershipLost("scripted", Partition.Of("a"));
        Assert.Equal(["a by 2", "b by 2", "c by 2"], await Task.WhenAll(calls).Within());
        Assert.True(deactivated.IsCancellationRequested, "The turn of the dropped activation was not told.");
        Assert.False(ended.Task.IsCompleted, "The last turn ran before the running one had ended.");
        go.SetResult();
        Assert.Equal(DeactivationReason.OwnershipLost, await ended.Task.Within());
    }

    /// <summary>The token is asked for at the moment when the activation has lost its ownership and has not told yet.</summary>
    [Fact]
    public async Task What_a_grain_has_registered_for_its_end_may_wait_for_somebody_who_uses_the_grain()
    {
        GrainContext? context = null;
        var time = new HookedTime();
        await using var silo = await TestSilo.StartAsync(builder => builder.Configure(o => o.Time = time));
        var answered = new TaskCompletionSource<bool>();
        silo.Script.OnActivate = (grain, _) =>
        {
            context = grain.Context;
            context.RegisterTimer(() => Task.CompletedTask, Idle, Idle);
            context.Deactivated.UnsafeRegister(_ => answered.TrySetResult(Task.Run(() => context.Post(() => Task.CompletedTask)).Wait(Idle / 3)), null);
            return Task.CompletedTask;
        };
        await silo.Grain().AskAsync("");
        time.OnDispose = () => _ = context!.Deactivated;
        ((IEngineHost)silo.Silo).OwnershipLost("scripted", Partition.Of("a"));
        Assert.True(await answered.Task.Within());
        time.OnDispose = () => { };
        Assert.True(context!.Deactivated.IsCancellationRequested);
    }

    [Fact]
    public async Task A_grain_that_learns_it_was_fenced_off_hands_its_call_to_the_new_activation()
    {
        await using var silo = await StartAsync();
        silo.Script.OnAsk = (grain, request, _) => grain.Activation == 1
            ? throw new ActivationFencedException("epoch 1 is over")
            : Task.FromResult($"{request} by {grain.Activation}");
        Assert.Equal("write by 2", await silo.Grain().AskAsync("write"));
    }

    [Fact]
    public async Task Stopping_runs_what_is_queued_ends_every_grain_and_then_refuses()
    {
        await using var silo = await StartAsync();
        var reasons = new ConcurrentQueue<DeactivationReason>();
        silo.Script.OnDeactivate = (_, reason) =>
        {
            reasons.Enqueue(reason);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            for (var i = 0; i < 10; i++)
                await Task.Yield();
            // Grains still reach each other while the silo drains.
            if (request.Length > 0)
                await grain.Context.Grains.Get<IScriptedGrain>($"{request}-child").Ask(new StringValue());
            return request;
        };
        var calls = Enumerable.Range(0, 50).Select(i => silo.Grain($"{i % 5}").AskAsync($"{i}")).ToArray();
        await silo.Silo.StopAsync().Within();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), await Task.WhenAll(calls).Within());
        Assert.Equal(0, silo.Silo.ActivationCount("scripted"));
        Assert.All(reasons, reason => Assert.Equal(DeactivationReason.Draining, reason));
        await Assert.ThrowsAsync<GrainUnavailableException>(() => silo.Grain().AskAsync("late"));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "b")]
    public async Task Stopping_ends_although_every_grain_that_ends_calls_one_to_life(string one, string other)
    {
        await using var silo = await StartAsync();
        var refused = 0;
        silo.Script.OnDeactivate = async (grain, _) =>
        {
            try
            {
                await grain.Context.Grains.Get<IScriptedGrain>(grain.Context.Key == one ? other : one).Tell(new StringValue());
            }
            catch (GrainUnavailableException)
            {
                refused++;
            }
        };
        await silo.Grain(one).AskAsync("live");
        await silo.Silo.StopAsync().Within();
        Assert.Equal(1, silo.Script.Activations);
        Assert.Equal(one == other ? 0 : 1, refused);
    }

    [Fact]
    public async Task Stopping_that_is_cut_short_tells_the_callers_and_leaves_no_timer()
    {
        await using var silo = await StartAsync();
        var started = new TaskCompletionSource();
        silo.Script.OnAsk = async (grain, request, _) =>
        {
            grain.Context.RegisterTimer(() => Task.CompletedTask, Idle, Idle);
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, grain.Context.Deactivated);
            return request;
        };
        var stuck = silo.Grain().AskAsync("stuck");
        var queued = silo.Grain().AskAsync("queued");
        await started.Task.Within();
        using var impatience = new CancellationTokenSource();
        var stopping = silo.Silo.StopAsync(impatience.Token);
        Assert.False(stopping.IsCompleted, "Stopping did not wait for the turn that runs.");
        await impatience.CancelAsync();
        await stopping.Within();
        await Assert.ThrowsAsync<GrainUnavailableException>(() => stuck);
        await Assert.ThrowsAsync<GrainUnavailableException>(() => queued);
        Assert.Equal(0, silo.Time.ArmedTimers);
    }

    [Fact]
    public async Task A_listener_of_errors_that_throws_does_not_harm_the_grain()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.Configure(o => o.OnError = _ => throw new NotSupportedException("listener")));
        silo.Script.OnTell = (_, _) => throw new InvalidOperationException("told");
        await silo.Grain().TellAsync("x").Within();
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
    }

    // Time goes on until it has happened: a reply is there before its turn has ended, and until then nobody is idle.
    private static Task IdlesOutAsync(TestSilo silo) => TestExtensions.Eventually(
        () =>
        {
            silo.Time.Advance(Idle / 4);
            return silo.Silo.ActivationCount("scripted") == 0;
        },
        "the idle activation left the directory");

    /// <summary>The system's clock, which says when a timer is disposed.</summary>
    private sealed class HookedTime : TimeProvider
    {
        public Action OnDispose { get; set; } = () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new HookedTimer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class HookedTimer(HookedTime time, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                time.OnDispose();
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
