namespace RiskGrid.Grid.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_fires_when_due_and_then_every_period_as_a_turn()
    {
        await using var silo = await TestSilo.StartAsync();
        var ticks = 0;
        silo.Script.OnActivate = (grain, _) =>
        {
            grain.Context.RegisterTimer(() => Task.FromResult(ticks++), 2 * Second, Second);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = (_, _, _) => Task.FromResult($"{ticks}");
        Assert.Equal("0", await silo.Grain().AskAsync(""));
        silo.Time.Advance(1.9 * Second);
        Assert.Equal("0", await silo.Grain().AskAsync(""));
        for (var expected = 1; expected <= 5; expected++)
        {
            silo.Time.Advance(expected == 1 ? 0.1 * Second : Second);
            Assert.Equal($"{expected}", await silo.Grain().AskAsync(""));
        }
    }

    [Fact]
    public async Task A_period_whose_turn_still_runs_is_not_queued_twice()
    {
        await using var silo = await TestSilo.StartAsync();
        var ticks = 0;
        var go = new TaskCompletionSource();
        silo.Script.OnActivate = (grain, _) =>
        {
            grain.Context.RegisterTimer(
                async () =>
                {
                    ticks++;
                    await go.Task;
                },
                Second,
                Second);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = (_, _, _) => Task.FromResult($"{ticks}");
        await silo.Grain().AskAsync("");
        silo.Time.Advance(Second);
        await TestExtensions.Eventually(() => Volatile.Read(ref ticks) == 1, "the timer's turn started");
        silo.Time.Advance(100 * Second);
        go.SetResult();
        Assert.Equal("1", await silo.Grain().AskAsync(""));
        silo.Time.Advance(Second);
        Assert.Equal("2", await silo.Grain().AskAsync(""));
    }

    [Fact]
    public async Task A_disposed_timer_never_runs_again()
    {
        await using var silo = await TestSilo.StartAsync();
        var ticks = 0;
        IDisposable? timer = null;
        silo.Script.OnAsk = (grain, request, _) =>
        {
            if (request == "start")
                timer = grain.Context.RegisterTimer(() => Task.FromResult(ticks++), Second, Timeout.InfiniteTimeSpan);
            else
                timer!.Dispose();
            return Task.FromResult($"{ticks}");
        };
        await silo.Grain().AskAsync("start");
        await silo.Grain().AskAsync("stop");
        silo.Time.Advance(10 * Second);
        Assert.Equal("0", await silo.Grain().AskAsync("stop"));
    }

    [Fact]
    public async Task Timers_end_with_their_activation()
    {
        await using var silo = await TestSilo.StartAsync();
        var before = silo.Time.ArmedTimers;
        silo.Script.OnActivate = (grain, _) =>
        {
            grain.Context.RegisterTimer(() => Task.CompletedTask, Second, Second);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = (grain, request, _) =>
        {
            grain.Context.DeactivateOnIdle();
            return Task.FromResult(request);
        };
        await silo.Grain().AskAsync("end");
        await TestExtensions.Eventually(() => silo.Time.ArmedTimers == before, "the ended activation's timer was disposed");
    }

    [Fact]
    public async Task A_timer_that_throws_is_reported_and_fires_again()
    {
        await using var silo = await TestSilo.StartAsync();
        var ticks = 0;
        silo.Script.OnActivate = (grain, _) =>
        {
            grain.Context.RegisterTimer(() => ticks++ == 0 ? throw new InvalidOperationException("first") : Task.CompletedTask, Second, Second);
            return Task.CompletedTask;
        };
        silo.Script.OnAsk = (_, _, _) => Task.FromResult($"{ticks}");
        await silo.Grain().AskAsync("");
        silo.Time.Advance(Second);
        await silo.Grain().AskAsync("");
        silo.Time.Advance(Second);
        Assert.Equal("2", await silo.Grain().AskAsync(""));
        var error = Assert.Single(silo.Errors);
        Assert.Equal((GrainErrorSource.Timer, "scripted", "a", "first"), (error.Source, error.Kind, error.Key, error.Exception.Message));
    }
}
