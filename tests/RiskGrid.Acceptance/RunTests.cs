using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance;

/// <summary>Runs over the front door, on a server that is killed halfway.</summary>
public sealed class RunTests
{
    private const int Trades = 600;
    private static readonly string[] Books = ["RUN-A", "RUN-B"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_run_outlives_a_killed_server_and_every_number_of_it_can_be_computed_again()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        string[] options = ["--history", SmallHistory.WriteTo(folder), "--threads", "1"];
        await using var first = await ServerProcess.StartAsync(ledger, options);
        using var client = new RiskGridClient(first.Grpc, new RpcChannelOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(200) });
        await BookAsync(client);
        var started = await client.StartRunAsync(MonteCarlo(1_000_000), "draws");
        Assert.Equal((RunState.Running, (uint)Trades), (started.State, started.Inputs.Trades));
        var done = 0u;
        await foreach (var run in client.SubscribeRunAsync("draws", TimeSpan.FromMilliseconds(10)))
        {
            done = run.Progress.ItemsDone;
            Assert.True(run.State == RunState.Running, $"the run is over before the server is killed: {run.Progress}");
            if (done >= 3)
                break;
        }

        await first.KillAsync();
        await using var second = await ServerProcess.StartOnAsync(first.Grpc.Port, ledger, options);
        var finished = await client.WaitForRunAsync("draws").WaitAsync(Patience);
        Assert.True(finished.State == RunState.Finished, $"{finished.Error} {second.Errors}");
        Assert.True(finished.Progress.ItemsResumed >= done, $"{finished.Progress.ItemsResumed} shards were taken over, {done} were done");
        Assert.True(finished.Progress.ItemsResumed < finished.Progress.ItemsTotal, "the server was killed halfway");

        var rerun = await client.RerunAsync("draws", "again");
        rerun = await client.WaitForRunAsync(rerun.RunId).WaitAsync(Patience);
        Assert.True(rerun.Rerun.Identical, $"{rerun.Rerun}");
        Assert.Equal((finished.ResultHash, finished.ManifestHash), (rerun.ResultHash, rerun.ManifestHash));
        Assert.Equal(["again", "draws"], await client.ListRunsAsync(RunState.Finished, 1).Select(r => r.RunId).ToListAsync());
    }

    [Fact]
    public async Task A_historical_run_has_the_live_numbers_and_refusals_name_their_field()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("ledger.db"), "--history", SmallHistory.WriteTo(folder));
        using var client = server.Connect();
        await BookAsync(client);
        var rollup = (await client.GetRollupAsync("/", settled: true)).Single();
        var started = await client.StartRunAsync(new RunSpec { Var = new VarSpec { Historical = new HistoricalMethod() } });
        var run = await client.WaitForRunAsync(started.RunId).WaitAsync(Patience);
        Assert.Equal(rollup.Tail.Var991D, run.Result.Nodes[0].Measures.Single(m => m.Confidence == "0.99").ValueAtRisk);
        Assert.Equal(rollup.Measures.Mtm, run.Result.Nodes[0].BaseValue);
        var vector = await client.GetRunVectorAsync(run.RunId);
        Assert.Equal((int)rollup.Tail.Scenarios, vector.Pnl.Count);
        Assert.Equal(vector.Pnl.Count, vector.Labels.Count);

        var cancelled = await client.CancelRunAsync((await client.StartRunAsync(MonteCarlo(5_000_000))).RunId);
        Assert.Equal((RunState.Cancelled, (int)RpcStatus.Cancelled), (cancelled.State, cancelled.Error.Code));
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.StartRunAsync(MonteCarlo(0)));
        Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
        Assert.Equal("spec.var.monte_carlo.paths", refused.FieldViolations.Single().Field);
        Assert.Equal(RpcStatus.NotFound, (await Assert.ThrowsAsync<RpcException>(() => client.GetRunAsync("nobody"))).Status);
    }

    private static RunSpec MonteCarlo(uint paths) => new() { Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = paths, Seed = 5 }, Decompose = true } };

    private static async Task BookAsync(RiskGridClient client)
    {
        await client.PutHierarchyAsync([SmallMarket.Node("RUN", "desk", "FIRM"), .. Books.Select(b => SmallMarket.Node(b, "book", "RUN"))]);
        await client.BookTradesAsync(Enumerable.Range(0, Trades).Select(i => SmallMarket.Book(
            $"R-{i:D4}", Books[i % 2], (i % 7) - 3.5, SmallMarket.Strikes[i % 3], i % 5 < 2 ? OptionType.Call : OptionType.Put)));
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
    }
}
