using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Google.Protobuf;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Protocol.Grid;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests.Runs;

/// <summary>The same run has the same bits, whatever carries and computes it.</summary>
public sealed class RepeatedRunTests
{
    private const uint Paths = 3_000;

    [Fact]
    public async Task One_thread_or_two_and_any_shard_size_give_the_same_bits()
    {
        await using var ledger = await TestLedger.OpenAsync();
        Wire.Run first;
        await using (var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Threads = 2 }))
        {
            first = await silo.ComputeAsync("default", RunSilo.MonteCarlo(Paths));
            foreach (var shard in (uint[])[37, 512, 700, Paths])
                Assert.Equal(first.ResultHash, (await silo.ComputeAsync($"shards-of-{shard}", RunSilo.MonteCarlo(Paths, shard: shard))).ResultHash);
            Assert.NotEqual(first.ResultHash, (await silo.ComputeAsync("other-seed", RunSilo.MonteCarlo(Paths, seed: 8))).ResultHash);
        }

        await using var single = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Threads = 1 });
        var again = await single.RerunAsync("again", "default");
        Assert.True(again.Rerun.Identical, again.Rerun.ToString());
        Assert.True(again.Rerun.Numbers > 100, "the comparison covers the numbers");
        Assert.Equal(first.ResultHash, again.ResultHash);
        Assert.Equal(first.ManifestJson, again.ManifestJson);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task Items_that_come_late_twice_or_after_a_lost_ownership_give_the_same_bits(int seed)
    {
        await using var ledger = await TestLedger.OpenAsync();
        Wire.Run plain;
        await using (var silo = await TestSilo.StartFirmAsync(ledger.Store))
            plain = await silo.ComputeAsync("plain", RunSilo.MonteCarlo(Paths));
        await using var strict = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = TestSiloOptions.Strict((ulong)seed, 1.0 / 64) });
        await strict.Run("strict").Start(new Wire.StartRunRequest { RunId = "strict", RerunOf = "plain" }, CancellationToken.None).Within("the rerun starts");
        var run = await strict.EndOfAsync("strict");
        Assert.True(run.Rerun?.Identical, $"strict seed {seed}: {run}");
        var small = RunSilo.MonteCarlo(Paths, shard: 250);
        small.SnapshotHash = plain.Inputs.SnapshotHash;
        Assert.Equal(plain.ResultHash, (await strict.ComputeAsync("small", small)).ResultHash);
        Assert.Empty(strict.Log.Errors);
    }

    [Fact]
    public async Task An_item_that_left_out_what_belongs_to_a_tail_costs_time_and_no_bit()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine });
        var plain = await silo.ComputeAsync("plain", RunSilo.MonteCarlo(Paths, shard: 250));
        var (handedOver, spoiled) = (0, 0);
        engine.HoldsWork = work =>
        {
            Interlocked.Increment(ref handedOver);
            // Once, an item is told that nothing matters.
            if (work.Request is RunWork { Thresholds.Length: > 0 } item && Interlocked.Exchange(ref spoiled, 1) == 0)
                item.Thresholds = ByteString.CopyFrom(MemoryMarshal.AsBytes<double>(Enumerable.Repeat(1e300, item.Thresholds.Length / sizeof(double)).ToArray()));
            return Task.CompletedTask;
        };
        var run = await silo.ComputeAsync("spoiled", RunSilo.MonteCarlo(Paths, shard: 250));
        Assert.Equal(plain.ResultHash, run.ResultHash);
        Assert.Single(silo.Log.Of("RunLegAnew"));
        Assert.Equal((1, 2 * 12), (spoiled, handedOver));
        Assert.Equal((12u, 12u, 0u), (run.Progress.ItemsDone, run.Progress.ItemsTotal, run.Progress.ItemsResumed));
        Assert.Equal(run.Progress.RevaluationsTotal, run.Progress.RevaluationsDone);
    }

    [Fact]
    public async Task A_run_goes_on_after_a_restart_from_the_items_that_are_stored()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var engine = new ControlledEngine();
        var (handedOver, never) = (0, new TaskCompletionSource());
        engine.HoldsWork = _ => Interlocked.Increment(ref handedOver) <= 5 ? Task.CompletedTask : never.Task;
        await using (var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Engine = engine }))
        {
            await silo.StartRunAsync("halfway", RunSilo.MonteCarlo(Paths, shard: 250));
            await Patience.Eventually("five items are done", async () =>
                (await silo.Run("halfway").GetRun(new Wire.GetRunRequest { RunId = "halfway" })).Progress.ItemsDone == 5);
        }

        var computed = 0;
        var other = new ControlledEngine { HoldsWork = _ => { Interlocked.Increment(ref computed); return Task.CompletedTask; } };
        await using var next = await TestSilo.StartAsync(ledger.Store, new TestSiloOptions { Engine = other });
        // Nobody asks for the run: the registry calls it to life.
        await Patience.Eventually("the run is finished", async () =>
            (await next.Registry().ListRuns(new Wire.ListRunsRequest { State = Wire.RunState.Finished })).Runs.Count == 1);
        var run = await next.EndOfAsync("halfway");
        Assert.Equal((5u, 12u, 12u), (run.Progress.ItemsResumed, run.Progress.ItemsDone, run.Progress.ItemsTotal));
        Assert.Equal(7, computed);
        var again = await next.RerunAsync("at-once", "halfway");
        Assert.True(again.Rerun.Identical, again.Rerun.ToString());
    }

    [Fact]
    public async Task A_rerun_says_what_differs_and_what_is_missing()
    {
        await using var ledger = await TestLedger.OpenAsync();
        Wire.Run run;
        await using (var silo = await TestSilo.StartFirmAsync(ledger.Store))
            run = await silo.ComputeAsync("first", RunSilo.Historical());
        var tampering = new FaultyLedger(ledger.Store);
        await using var other = await TestSilo.StartAsync(tampering);

        void Tamper(string field, string value) => tampering.Tampers = record =>
            record.Id.Value == "first" ? new RunRecord(record, Changed(record.ManifestJson, field, value), record.Result) : record;

        Tamper("kernel_version", "0");
        var rerun = await other.RerunAsync("other-kernels", "first");
        Assert.False(rerun.Rerun.Identical);
        Assert.Equal(0u, rerun.Rerun.Different);
        var difference = Assert.Single(rerun.Rerun.Differences);
        Assert.Equal(("kernel_version", "0"), (difference.Address, difference.Before));

        Tamper("snapshot", new string('0', 64));
        var refused = await RunSilo.Refused(other.Run("no-snapshot").Start(new Wire.StartRunRequest { RunId = "no-snapshot", RerunOf = "first" }, CancellationToken.None));
        Assert.Equal(GridErrorCode.FailedPrecondition, refused.Code);
        Assert.Contains("no market snapshot", refused.Message, StringComparison.Ordinal);

        Tamper("panel", new string('1', 64));
        refused = await RunSilo.Refused(other.Run("no-panel").Start(new Wire.StartRunRequest { RunId = "no-panel", RerunOf = "first" }, CancellationToken.None));
        Assert.Contains("no history panel", refused.Message, StringComparison.Ordinal);

        // Another number in the old result: the rerun names its address.
        tampering.Tampers = record => record.Id.Value == "first" ? new RunRecord(record, record.ManifestJson, WithOtherVar(record.Result!)) : record;
        rerun = await other.RerunAsync("other-number", "first");
        Assert.Equal(1u, rerun.Rerun.Different);
        Assert.Equal("/ measures[1 0.975] value_at_risk", rerun.Rerun.Differences.Single().Address);
        Assert.Equal(run.ResultHash, rerun.ResultHash);
    }

    private static string Changed(string json, string field, string value)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        node[field] = value;
        return node.ToJsonString();
    }

    private static byte[] WithOtherVar(byte[] result)
    {
        var end = Protocol.Grid.RunEnd.Parser.ParseFrom(result);
        end.Result.Nodes[0].Measures[0].ValueAtRisk += 1;
        return Google.Protobuf.MessageExtensions.ToByteArray(end);
    }
}
