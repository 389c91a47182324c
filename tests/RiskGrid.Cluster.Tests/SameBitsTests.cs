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

        Same(whole, await WithSilosComingAndGoingAsync(cluster, client, whole), "with a silo killed and one added");
        Same(whole, await WithTheBrokerRestartedAsync(cluster, client, whole), "with the broker restarted");

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

    private async Task<Run> WithSilosComingAndGoingAsync(TestCluster cluster, RiskGridClient client, Run whole)
    {
        const string Id = "silos-come-and-go";
        var victim = cluster.Silos[0];
        await client.StartRunAsync(Spec(LongPaths, whole.Inputs.SnapshotHash), Id);
        var added = cluster.StartSiloAsync();
        await MidwayAsync(cluster, client, Id);
        await victim.KillAsync();
        await added;
        await MustRunAsync(cluster, client, Id, "a silo was killed and another is ready");
        return await FinishedAsync(cluster, client, Id);
    }

    private async Task<Run> WithTheBrokerRestartedAsync(TestCluster cluster, RiskGridClient client, Run whole)
    {
        const string Id = "broker-restarts";
        await client.StartRunAsync(Spec(LongPaths, whole.Inputs.SnapshotHash), Id);
        await MidwayAsync(cluster, client, Id);
        await servers.Broker.StopAsync();
        await servers.Broker.StartAsync();
        return await FinishedAsync(cluster, client, Id);
    }

    // Returns between 20 % and 60 % of the shards.
    private async Task MidwayAsync(TestCluster cluster, RiskGridClient client, string id)
    {
        var share = 0.0;
        await cluster.WaitUntilAsync(
            async () =>
            {
                var run = await client.GetRunAsync(id);
                share = (double)run.Progress.ItemsDone / run.Progress.ItemsTotal;
                Assert.True(run.State == RunState.Running && share <= 0.6, $"{id} has gone too far before anything was done to it: {run.Progress}");
                return share >= 0.2;
            },
            Patience,
            () => $"{id} is a fifth done; it is at {share:P0}");
        output.WriteLine($"{id}: at {share:P0}");
    }

    private async Task MustRunAsync(TestCluster cluster, RiskGridClient client, string id, string when)
    {
        Run run = null!;
        await cluster.WaitUntilAsync(async () => (run = await client.GetRunAsync(id)) is not null, Patience, $"{id} can be asked for");
        Assert.True(run.State == RunState.Running, $"{id} is over when {when}: {run.Progress}");
        output.WriteLine($"{id}: {run.Progress.ItemsDone} of {run.Progress.ItemsTotal} shards when {when}");
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
