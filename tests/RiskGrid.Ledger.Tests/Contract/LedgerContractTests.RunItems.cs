using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    private static readonly RunId R1 = RunId.Parse("r1");

    [Fact]
    public async Task Items_come_back_in_order_whatever_the_order_of_their_arrival_and_however_often_they_came()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        await Ledger.CreateRunAsync(Run("r2"), CancellationToken.None);
        (int Leg, int Block)[] keys = [.. from leg in Enumerable.Range(0, 3) from block in Enumerable.Range(0, 20) select (leg, block)];
        var arrivals = keys.Concat(keys).ToArray();
        new Random(Seed).Shuffle(arrivals);
        var stored = await Task.WhenAll(arrivals.Select(k => PutAsync("r1", k.Leg, k.Block, Bytes((k.Leg * 100) + k.Block, k.Block * 31))));
        Assert.All(stored, Assert.True);
        await PutAsync("r2", 0, 0, [1]);
        await ReopenAsync();

        var items = await Ledger.ReadRunItemsAsync(R1, CancellationToken.None);
        Assert.Equal(keys, items.Select(i => (i.Leg, i.Block)));
        Assert.All(items, i => Assert.Equal(Bytes((i.Leg * 100) + i.Block, i.Block * 31), i.Payload));
        Assert.Empty(await Ledger.ReadRunItemsAsync(RunId.Parse("r3"), CancellationToken.None));
    }

    [Fact]
    public async Task An_item_that_comes_with_other_bits_is_refused_loudly_and_the_first_ones_stay()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        await PutAsync("r1", 2, 5, [1, 2, 3]);
        foreach (var other in new byte[][] { [1, 2, 4], [1, 2], [1, 2, 3, 0], [] })
        {
            var conflict = await Assert.ThrowsAsync<RunItemConflictException>(() => PutAsync("r1", 2, 5, other));
            Assert.Equal((R1, 2, 5), (conflict.Run, conflict.Leg, conflict.Block));
            Assert.Contains("Run r1, leg 2, block 5 was computed twice with different bits", conflict.Message, StringComparison.Ordinal);
        }

        Assert.True(await PutAsync("r1", 2, 5, [1, 2, 3]));
        Assert.Equal([1, 2, 3], Assert.Single(await Ledger.ReadRunItemsAsync(R1, CancellationToken.None)).Payload);
    }

    [Fact]
    public async Task Items_of_no_run_and_of_impossible_places_are_refused()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        Assert.Equal("run_id", (await Assert.ThrowsAsync<ValidationException>(() => PutAsync("r2", 0, 0, [1]))).Field);
        Assert.Equal("leg", (await Assert.ThrowsAsync<ValidationException>(() => PutAsync("r1", -1, 0, [1]))).Field);
        Assert.Equal("block", (await Assert.ThrowsAsync<ValidationException>(() => PutAsync("r1", 0, -1, [1]))).Field);
        Assert.Empty(await Ledger.ReadRunItemsAsync(R1, CancellationToken.None));
    }

    [Fact]
    public async Task A_finished_run_has_its_result_and_vectors_and_its_items_are_gone()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        await Ledger.CreateRunAsync(Run("r2"), CancellationToken.None);
        await PutAsync("r1", 0, 0, [1]);
        await PutAsync("r2", 0, 0, [2]);
        Clock.Now += Duration.FromSeconds(9);
        var result = Bytes(Seed, 300_000);
        RunVector[] vectors = [Vector(0, "FIRM", 1), Vector(1, "FIRM", 2), Vector(0, "EQD", 3)];
        var done = await Ledger.FinishRunAsync(R1, RunOutcome.Done(result, "hash", vectors), CancellationToken.None);

        Assert.Equal((RunState.Done, "hash", null), (done.State, done.ResultHash, done.Error));
        Assert.Equal(Clock.Now, done.EndedAt);
        await ReopenAsync();
        Assert.Equal(Text(done), Text(await ReadAsync("r1")));
        Assert.Equal(result, (await ReadAsync("r1"))!.Result);
        foreach (var vector in vectors)
        {
            var read = await Ledger.ReadRunVectorAsync(R1, vector.Leg, vector.Node, CancellationToken.None);
            Assert.Equal((vector.Leg, vector.Node, vector.ScenarioSetHash), (read!.Leg, read.Node, read.ScenarioSetHash));
            Assert.Equal(vector.Content, read.Content);
        }

        Assert.Null(await Ledger.ReadRunVectorAsync(R1, 1, NodeId.Parse("EQD"), CancellationToken.None));
        Assert.Null(await Ledger.ReadRunVectorAsync(RunId.Parse("r2"), 0, NodeId.Parse("FIRM"), CancellationToken.None));
        Assert.Empty(await Ledger.ReadRunItemsAsync(R1, CancellationToken.None));
        Assert.Single(await Ledger.ReadRunItemsAsync(RunId.Parse("r2"), CancellationToken.None));
    }

    [Fact]
    public async Task The_first_ending_counts_and_what_comes_after_it_is_ignored()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        await PutAsync("r1", 0, 0, [1]);
        var cancelled = await Ledger.FinishRunAsync(R1, RunOutcome.Cancelled("no longer wanted"), CancellationToken.None);
        Assert.Equal((RunState.Cancelled, "no longer wanted"), (cancelled.State, cancelled.Error));

        Clock.Now += Duration.FromSeconds(1);
        var late = await Ledger.FinishRunAsync(R1, RunOutcome.Done([7], "h", [Vector(0, "FIRM", 1)]), CancellationToken.None);
        Assert.Equal(cancelled, late);
        Assert.Equal(cancelled, await ReadAsync("r1"));
        Assert.Null(await Ledger.ReadRunVectorAsync(R1, 0, NodeId.Parse("FIRM"), CancellationToken.None));

        // Also an item that differs from the one it had: nobody will use it.
        Assert.False(await PutAsync("r1", 0, 0, [2]));
        Assert.False(await PutAsync("r1", 0, 1, [2]));
        Assert.Empty(await Ledger.ReadRunItemsAsync(R1, CancellationToken.None));
    }

    [Fact]
    public async Task An_outcome_that_is_not_whole_is_refused_and_the_run_goes_on()
    {
        await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        await PutAsync("r1", 0, 0, [1]);
        var whole = RunOutcome.Done([7], "h", [Vector(0, "FIRM", 1)]);
        await RefusedAsync("state", whole with { State = RunState.Running });
        await RefusedAsync("state", whole with { State = (RunState)9 });
        await RefusedAsync("result", whole with { Result = null });
        await RefusedAsync("result", whole with { ResultHash = "" });
        await RefusedAsync("error", RunOutcome.Failed(""));
        await RefusedAsync("vectors", whole with { Vectors = [Vector(0, "FIRM", 1), Vector(0, "FIRM", 2)] });
        await RefusedAsync("vectors", whole with { Vectors = [Vector(0, "FIRM", 1) with { ScenarioSetHash = "" }] });
        await RefusedAsync("vectors", whole with { Vectors = [Vector(-1, "FIRM", 1)] });
        Assert.Equal(
            "run_id",
            (await Assert.ThrowsAsync<ValidationException>(() => Ledger.FinishRunAsync(RunId.Parse("r2"), whole, CancellationToken.None))).Field);
        Assert.Equal(RunState.Running, (await ReadAsync("r1"))!.State);
        Assert.Single(await Ledger.ReadRunItemsAsync(R1, CancellationToken.None));

        async Task RefusedAsync(string field, RunOutcome outcome) =>
            Assert.Equal(field, (await Assert.ThrowsAsync<ValidationException>(() => Ledger.FinishRunAsync(R1, outcome, CancellationToken.None))).Field);
    }

    [Fact]
    public async Task A_run_never_ends_before_it_began()
    {
        var created = await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None);
        Clock.Now -= Duration.FromHours(1);
        await ReopenAsync();
        var ended = await Ledger.FinishRunAsync(R1, RunOutcome.Failed("deadline"), CancellationToken.None);
        Assert.True(ended.EndedAt >= created.CreatedAt, $"created at {created.CreatedAt}, ended at {ended.EndedAt}");
    }

    [Fact]
    public async Task A_closed_ledger_refuses_runs_and_bytes()
    {
        var closed = Ledger;
        await ReopenAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.CreateRunAsync(Run("r1"), CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.PutRunItemAsync(R1, 0, 0, [1], CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.FinishRunAsync(R1, RunOutcome.Failed("x"), CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.ReadRunAsync(R1, CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.PutBlobAsync("panel", new byte[1], CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.ReadBookAtAsync("B1", 0));
    }

    private Task<bool> PutAsync(string run, int leg, int block, byte[] payload) =>
        Ledger.PutRunItemAsync(RunId.Parse(run), leg, block, payload, CancellationToken.None);
}
