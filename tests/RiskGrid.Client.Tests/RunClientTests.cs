using System.Runtime.CompilerServices;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client.Tests;

public sealed class RunClientTests
{
    [Fact]
    public async Task Every_method_of_runs_reaches_its_counterpart()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        Assert.Equal("mine", (await client.StartRunAsync(new RunSpec { Pin = new PinSpec() }, "mine")).RunId);
        Assert.Equal("old", (await client.RerunAsync("old")).RerunOf);
        Assert.Equal("r", (await client.GetRunAsync("r")).RunId);
        Assert.Equal(RunState.Cancelled, (await client.CancelRunAsync("r")).State);
        var vector = await client.GetRunVectorAsync("r", "/INDEX", "1d");
        Assert.Equal(("/INDEX", "1d"), (vector.Path, vector.Leg));
        Assert.Equal([-1.0, 2.0], vector.Pnl);
        Assert.Equal(["down", "up"], vector.Labels);
    }

    [Fact]
    public async Task A_start_that_is_tried_again_keeps_its_run_id()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address, new RpcChannelOptions { FirstRetryDelay = TimeSpan.FromMilliseconds(1) });
        var ids = new List<string>();
        server.OnStartRun = request =>
        {
            ids.Add(request.RunId);
            return ids.Count < 3 ? throw new RpcException(RpcStatus.Unavailable, "down") : new Run { RunId = request.RunId };
        };
        var run = await client.StartRunAsync(new RunSpec { Pin = new PinSpec() });
        Assert.Equal([run.RunId, run.RunId, run.RunId], ids);
        Assert.NotEmpty(run.RunId);
    }

    [Fact]
    public async Task Waiting_goes_on_when_the_subscription_breaks_and_ends_with_the_final_state()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address, new RpcChannelOptions { FirstRetryDelay = TimeSpan.FromMilliseconds(1) });
        var subscriptions = 0;
        server.OnSubscribeRun = (request, token) => Progress(request.RunId, ++subscriptions, token);
        var seen = new List<uint>();
        var run = await client.WaitForRunAsync("r", new Heard(seen)).WaitAsync(ScriptedServer.Patience);
        Assert.Equal((RunState.Finished, 2), (run.State, subscriptions));
        Assert.Equal([1u, 2u, 3u], seen);
    }

    [Fact]
    public async Task Listing_reads_page_after_page()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        server.OnListRuns = request => request.PageToken.Length == 0
            ? new ListRunsResponse { Runs = { new Run { RunId = "c" }, new Run { RunId = "b" } }, NextPageToken = "b" }
            : new ListRunsResponse { Runs = { new Run { RunId = "a" } } };
        Assert.Equal(["c", "b", "a"], await client.ListRunsAsync(pageSize: 2).Select(r => r.RunId).ToListAsync());
    }

    private static async IAsyncEnumerable<Run> Progress(string id, int subscription, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (subscription == 1)
        {
            yield return new Run { RunId = id, State = RunState.Running, Progress = new RunProgress { ItemsDone = 1 } };
            throw new RpcException(RpcStatus.Unavailable, "restarting");
        }

        yield return new Run { RunId = id, State = RunState.Running, Progress = new RunProgress { ItemsDone = 2 } };
        yield return new Run { RunId = id, State = RunState.Finished, Progress = new RunProgress { ItemsDone = 3 } };
    }

    private sealed class Heard(List<uint> seen) : IProgress<Run>
    {
        public void Report(Run value) => seen.Add(value.Progress.ItemsDone);
    }
}
