namespace RiskGrid.Grid.Tests;

public sealed class TurnTests
{
    [Fact]
    public async Task A_call_reaches_a_grain_that_nobody_created()
    {
        await using var silo = await TestSilo.StartAsync();
        Assert.Equal("hello", await silo.Grain().AskAsync("hello"));
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(2, (await silo.Grain().CountWithToken(default).Within()).Value);
        await silo.Grain().Reset().Within();
        Assert.Equal(1, (await silo.Grain().Count().Within()).Value);
        Assert.Equal(1, silo.Script.Activations);
    }

    [Fact]
    public async Task One_turn_runs_at_a_time_even_while_the_former_awaits()
    {
        await using var silo = await TestSilo.StartAsync();
        var inside = 0;
        var worst = 0;
        silo.Script.OnAsk = async (_, request, _) =>
        {
            worst = Math.Max(worst, ++inside);
            await Task.Yield();
            await Task.Run(static () => { });
            inside--;
            return request;
        };
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() => silo.Grain().AskAsync($"{i}")))).Within();
        Assert.True(worst == 1, $"{worst} turns of one activation ran at the same time.");
    }

    [Fact]
    public async Task Branches_of_one_turn_never_run_at_the_same_time()
    {
        await using var silo = await TestSilo.StartAsync();
        silo.Script.OnAsk = async (_, _, _) =>
        {
            var unguarded = 0;
            async Task Branch()
            {
                for (var i = 0; i < 1000; i++)
                {
                    await Task.Yield();
                    unguarded++;
                }
            }

            await Task.WhenAll(Branch(), Branch(), Branch(), Branch());
            return $"{unguarded}";
        };
        Assert.Equal("4000", await silo.Grain().AskAsync(""));
    }

    [Fact]
    public async Task Calls_of_one_caller_run_in_the_order_of_calling()
    {
        await using var silo = await TestSilo.StartAsync();
        var seen = new List<string>();
        silo.Script.OnAsk = async (_, request, _) =>
        {
            await Task.Yield();
            seen.Add(request);
            return request;
        };
        var sent = Enumerable.Range(0, 500).Select(i => $"{i}").ToArray();
        await Task.WhenAll(sent.Select(s => silo.Grain().AskAsync(s))).Within();
        Assert.Equal(sent, seen);
    }

    [Fact]
    public async Task A_thousand_racing_callers_get_one_activation()
    {
        await using var silo = await TestSilo.StartAsync();
        silo.Script.OnActivate = async (_, _) => await Task.Yield();
        using var start = new ManualResetEventSlim();
        var callers = Enumerable.Range(0, 1000).Select(_ => Task.Run(async () =>
        {
            start.Wait();
            return (await silo.Grain().Count()).Value;
        })).ToArray();
        start.Set();
        var counts = await Task.WhenAll(callers).Within();
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), counts.Order());
        Assert.Equal(1, silo.Script.Activations);
    }
}
