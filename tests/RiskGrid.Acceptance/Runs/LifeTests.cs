using System.Diagnostics;
using RiskGrid.Acceptance.Face;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance.Runs;

/// <summary>Runs that are listed, stopped, out of time, interrupted, and whose server is killed.</summary>
public sealed class LifeTests(RunServer server) : IClassFixture<RunServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // So many that it is still at work when it is stopped.
    private static readonly string[] Long = ["var", "/", "--method", "monte-carlo", "--paths", "10000000", "--seed", "3"];

    [Fact]
    public async Task Runs_are_listed_newest_first_by_state()
    {
        await server.DocumentAsync("pin", "/", "--run-id", "life.1");
        await server.DocumentAsync("pin", "/DESK", "--run-id", "life.2");
        var listed = (await server.RunAsync("runs", "--state", "finished", "--json")).MustEndWith(0).OneDocument().GetProperty("runs").EnumerateArray()
            .Select(r => (Id: RunDocument.Text(r, "run_id"), State: RunDocument.Text(r, "state"))).ToList();
        Assert.True(listed.FindIndex(r => r.Id == "life.2") < listed.FindIndex(r => r.Id == "life.1"), "the newest is first");
        Assert.All(listed, r => Assert.Equal("finished", r.State));
        Assert.Single((await server.RunAsync("runs", "--limit", "1", "--json")).MustEndWith(0).OneDocument().GetProperty("runs").EnumerateArray());
        Assert.Contains("pinned inputs", (await server.RunAsync("runs")).MustEndWith(0).Output, StringComparison.Ordinal);
        var manifest = (await server.RunAsync("runs", "life.1", "--manifest")).MustEndWith(0).OneDocument();
        Assert.Equal(System.Text.Json.JsonValueKind.Object, manifest.ValueKind);
    }

    [Fact]
    public async Task A_run_that_was_started_aside_can_be_stopped()
    {
        var started = (await server.RunAsync([.. Long, "--detach", "--run-id", "life.stopped"])).MustEndWith(0).Output;
        Assert.Contains("riskgrid runs life.stopped --wait", started, StringComparison.Ordinal);
        Assert.Contains("cancelled", (await server.RunAsync("runs", "cancel", "life.stopped")).MustEndWith(0).Output, StringComparison.Ordinal);
        var shown = await server.RunAsync("runs", "life.stopped");
        CommandTests.AssertOneLineThatNames(shown.MustEndWith(1), "cancelled");
        CommandTests.AssertOneLineThatNames((await server.RunAsync("rerun", "life.stopped")).MustEndWith(1), "life.stopped");
    }

    [Fact]
    public async Task An_interrupt_stops_the_run_itself()
    {
        using var client = server.Server.Connect();
        using var command = RiskGridProgram.Start([.. Long, "--run-id", "life.interrupted", "--address", server.Server.Address]);
        await Eventually.HoldsAsync(() => IsComputingAsync(client, "life.interrupted"), Patience, () => "the run has begun");
        using (var signal = Process.Start("bash", ["-c", $"kill -INT {command.Id}"]))
            await signal.WaitForExitAsync();
        var errors = await command.StandardError.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.Equal(1, command.ExitCode);
        Assert.Contains("life.interrupted was cancelled", errors, StringComparison.Ordinal);
        Assert.Equal(RunState.Cancelled, (await client.GetRunAsync("life.interrupted")).State);
    }

    [Fact]
    public async Task A_run_that_takes_longer_than_its_deadline_fails_and_says_so() =>
        CommandTests.AssertOneLineThatNames((await server.RunAsync([.. Long, "--deadline", "0.3"])).MustEndWith(1), "deadline");

    [Fact]
    public async Task A_run_goes_on_after_its_server_was_killed_and_ends_with_the_same_bits()
    {
        string[] ask = ["var", "/", "--method", "monte-carlo", "--paths", "10000000", "--seed", "5", "--decompose"];
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        var first = await ServerProcess.StartAsync(ledger);
        var address = first.Grpc;
        ServerProcess? second = null;
        try
        {
            using var client = new RiskGridClient(address);
            await RunServer.FillAsync(client);
            (await RiskGridProgram.RunAsync([.. ask, "--run-id", "killed", "--detach", "--address", first.Address])).MustEndWith(0);
            await Eventually.HoldsAsync(async () => (await client.GetRunAsync("killed")).Progress is { ItemsDone: > 0 }, Patience, () => "a shard was done");
            var watching = RiskGridProgram.RunAsync("runs", "killed", "--wait", "--json", "--address", first.Address);
            await first.KillAsync();
            second = await ServerProcess.StartOnAsync(address.Port, ledger);
            var killed = new RunDocument((await watching).MustEndWith(0).OneDocument());
            var progress = killed.Root.GetProperty("progress");
            Assert.True(progress.GetProperty("items_resumed").GetInt32() > 0, "shards from before the kill were not computed again");
            Assert.True(progress.GetProperty("items_resumed").GetInt32() < progress.GetProperty("items_total").GetInt32(), "the kill came in the middle");

            // Quotes are gone with the server; the ledger has the snapshot.
            var snapshot = RunDocument.Text(killed.Root.GetProperty("inputs"), "snapshot_hash");
            var whole = (await RiskGridProgram.RunAsync([.. ask, "--snapshot", snapshot, "--json", "--address", second.Address])).MustEndWith(0).OneDocument();
            Assert.Equal(RunDocument.Text(whole, "result_hash"), killed.ResultHash);
            (await RiskGridProgram.RunAsync("rerun", "killed", "--address", second.Address)).MustEndWith(0);
        }
        finally
        {
            await first.DisposeAsync();
            if (second is not null)
                await second.DisposeAsync();
        }
    }

    private static async Task<bool> IsComputingAsync(RiskGridClient client, string run)
    {
        try
        {
            return await client.GetRunAsync(run) is { State: RunState.Running, Progress.Stage: "computing" };
        }
        catch (Protocol.Rpc.RpcException e) when (e.Status == Protocol.Rpc.RpcStatus.NotFound)
        {
            return false;
        }
    }
}
