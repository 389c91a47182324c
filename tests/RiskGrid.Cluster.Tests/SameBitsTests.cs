using System.Text.Json.Nodes;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Protocol.V1;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests;

/// <summary>Every number can be computed again to the bit: in one process and on any number of silos, whatever happens to them and to the broker.</summary>
[Collection(ClusterServers.Collection)]
public sealed class SameBitsTests(ClusterServers servers, ITestOutputHelper output)
{
    // Enough to have shards for every silo; and enough for something to be done to the cluster midway.
    private const uint ShortPaths = 20_000;
    private const uint LongPaths = 100_000;
    private const int Trades = 19_987;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Monte_Carlo_VaR_of_the_demo_portfolio_is_the_same_embedded_and_on_silos_that_come_and_go_under_a_broker_that_restarts()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        var (embedded, whole) = await EmbeddedAsync(ledger);
        await using var cluster = await TestCluster.CreateAsync(servers, sample: true);
        (await RiskGridProgram.RunAsync("ledger", "copy", ledger, cluster.Database.OriginalString)).MustEndWith(0);
        await Task.WhenAll(cluster.StartSiloAsync(), cluster.StartGatewayAsync());
        using var client = cluster.Connect();

        await cluster.WaitUntilReadyAsync(1);
        Same(embedded, await RunAsync(cluster, client, "silos-1", embedded), "on 1 silo");
        await cluster.StartSiloAsync();
        await cluster.WaitUntilReadyAsync(2);
        Same(embedded, await RunAsync(cluster, client, "silos-2", embedded), "on 2 silos");
        await cluster.StartSilosAsync(2);
        await cluster.WaitUntilReadyAsync(4);
        Same(embedded, await RunAsync(cluster, client, "silos-4", embedded), "on 4 silos");

        await MidwayAsync("silos come and go", whole, attempt => WithSilosComingAndGoingAsync(cluster, client, whole, attempt));
        await MidwayAsync("the broker restarts", whole, attempt => WithTheBrokerRestartedAsync(cluster, client, whole, attempt));

        // What was computed embedded is computed again from its manifest alone.
        await client.RerunAsync(embedded.RunId, "again");
        var rerun = await FinishedAsync(cluster, client, "again");
        Assert.True(rerun.Rerun.Identical && rerun.Rerun.Numbers > 0, $"{rerun.Rerun}");
        Same(embedded, rerun, "as a rerun of the embedded run");
    }

    // What all others are compared with, a short and a long run: one process, one file.
    private async Task<(Run Short, Run Long)> EmbeddedAsync(string ledger)
    {
        await using var server = await ServerProcess.StartAsync(ledger);
        (await RiskGridProgram.RunAsync("load", "--sample", "--address", server.Address)).MustEndWith(0);
        using var client = server.Connect();
        var (brief, whole) = (await EmbeddedAsync(server, client, "embedded", ShortPaths), await EmbeddedAsync(server, client, "embedded-long", LongPaths));
        Assert.Equal(0, await server.TerminateAsync());
        return (brief, whole);
    }

    private async Task<Run> EmbeddedAsync(ServerProcess server, RiskGridClient client, string id, uint paths)
    {
        await client.StartRunAsync(Spec(paths, snapshot: ""), id);
        var run = await client.WaitForRunAsync(id).WaitAsync(Patience);
        Assert.True(run.State == RunState.Finished, $"{run.Error} {server.Errors}");
        Assert.Equal(Trades, (int)run.Inputs.Trades);
        Assert.All(run.Result.Nodes, n => Assert.Equal(2, n.Measures.Count));
        Assert.All(run.Result.Nodes[0].Measures, m => Assert.NotEmpty(m.Children));
        Tell(run);
        return run;
    }

    private static RunSpec Spec(uint paths, string snapshot) => new()
    {
        SnapshotHash = snapshot,
        Var = new VarSpec { MonteCarlo = new MonteCarloMethod { Paths = paths, Seed = 20260130 }, Decompose = true, Contributors = 10 },
    };

    private async Task<Run> RunAsync(TestCluster cluster, RiskGridClient client, string id, Run embedded)
    {
        await client.StartRunAsync(Spec(ShortPaths, embedded.Inputs.SnapshotHash), id);
        return await FinishedAsync(cluster, client, id);
    }

    // What was done to the cluster must have been done while the run was under way. A machine that stands still may miss that: another run, then. Each
    // has to give the same bits in any case.
    private async Task MidwayAsync(string what, Run whole, Func<int, Task<(Run Run, bool Midway)>> doAsync)
    {
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var (run, midway) = await doAsync(attempt);
            Same(whole, run, $"while {what}");
            if (midway)
                return;
        }

        Assert.Fail($"three runs were over before {what}");
    }

    private async Task<(Run Run, bool Midway)> WithSilosComingAndGoingAsync(TestCluster cluster, RiskGridClient client, Run whole, int attempt)
    {
        var id = $"silos-come-and-go-{attempt}";
        var victim = cluster.Silos[0];
        await client.StartRunAsync(Spec(LongPaths, whole.Inputs.SnapshotHash), id);
        var added = cluster.StartSiloAsync();
        var midway = await IsMidwayAsync(cluster, client, id);
        await victim.KillAsync();
        await added;
        midway &= await IsRunningAsync(cluster, client, id, "a silo was killed and another is ready");
        return (await FinishedAsync(cluster, client, id), midway);
    }

    private async Task<(Run Run, bool Midway)> WithTheBrokerRestartedAsync(TestCluster cluster, RiskGridClient client, Run whole, int attempt)
    {
        var id = $"broker-restarts-{attempt}";
        await client.StartRunAsync(Spec(LongPaths, whole.Inputs.SnapshotHash), id);
        var midway = await IsMidwayAsync(cluster, client, id);
        await servers.Broker.StopAsync();
        await servers.Broker.StartAsync();
        return (await FinishedAsync(cluster, client, id), midway);
    }

    // Returns when a fifth of the shards are done: whether that was seen before three fifths were.
    private async Task<bool> IsMidwayAsync(TestCluster cluster, RiskGridClient client, string id)
    {
        Run? run = null;
        var share = 0.0;
        await cluster.WaitUntilAsync(
            async () =>
            {
                run = await client.GetRunAsync(id);
                share = (double)run.Progress.ItemsDone / run.Progress.ItemsTotal;
                return share >= 0.2;
            },
            Patience,
            () => $"{id} is a fifth done; it is at {share:P0}");
        output.WriteLine($"{id}: at {share:P0}");
        return run!.State == RunState.Running && share <= 0.6;
    }

    private async Task<bool> IsRunningAsync(TestCluster cluster, RiskGridClient client, string id, string when)
    {
        Run run = null!;
        await cluster.WaitUntilAsync(async () => (run = await client.GetRunAsync(id)) is not null, Patience, $"{id} can be asked for");
        output.WriteLine($"{id}: {run.Progress.ItemsDone} of {run.Progress.ItemsTotal} shards when {when}");
        return run.State == RunState.Running;
    }

    private async Task<Run> FinishedAsync(TestCluster cluster, RiskGridClient client, string id)
    {
        Run run;
        try
        {
            run = await client.WaitForRunAsync(id).WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{id} has not finished within {Patience}: {(await client.GetRunAsync(id)).Progress}\n{cluster.Logs()}", e);
        }

        Assert.True(run.State == RunState.Finished, $"{id}: {run.Error}\n{cluster.Logs()}");
        Tell(run);
        return run;
    }

    private void Tell(Run run) => output.WriteLine(
        $"{run.RunId}: {run.ResultHash}, {run.Progress.ElapsedSeconds:N1} s, {run.Progress.ItemsTotal} shards, {run.Progress.ItemsResumed} taken over");

    private static void Same(Run expected, Run actual, string where)
    {
        Assert.True(Inputs(expected) == Inputs(actual), $"{where} the inputs are others: {expected.ManifestJson} and {actual.ManifestJson}");
        Assert.True(expected.ResultHash == actual.ResultHash, $"{where} the result's hash is {actual.ResultHash}, embedded {expected.ResultHash}");
        Assert.Equal(expected.Result, actual.Result);
    }

    // The same market, whether it was pinned at a point or named by its hash.
    private static string Inputs(Run run)
    {
        var manifest = JsonNode.Parse(run.ManifestJson)!.AsObject();
        manifest.Remove("as_of");
        manifest["spec"]!.AsObject().Remove("snapshot_hash");
        return manifest.ToJsonString();
    }
}
