using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task A_run_comes_back_as_it_was_created_also_after_reopening()
    {
        var deadline = Clock.Now + Duration.FromMinutes(5) + Duration.FromTicks(3);
        var created = await Ledger.CreateRunAsync(Run("r1", deadline: deadline), CancellationToken.None);
        Assert.Equal((RunId.Parse("r1"), RunState.Running, 12), (created.Id, created.State, created.ItemCount));
        Assert.Equal((Clock.Now, deadline, null), (created.CreatedAt, created.Deadline, created.EndedAt));
        Assert.Equal(("""{"measure":"var"}""", """{"snapshot":"é東"}"""), (created.SpecJson, created.ManifestJson));
        Assert.Equal((null, null, null), (created.Result, created.ResultHash, created.Error));
        await ReopenAsync();
        Assert.Equal(created, await ReadAsync("r1"));
        Assert.Null(await Ledger.ReadRunAsync(RunId.Parse("r2"), CancellationToken.None));
    }

    [Fact]
    public async Task Creating_a_run_again_returns_the_one_stored_and_another_run_under_its_id_is_refused()
    {
        var first = await Ledger.CreateRunAsync(Run("r1", deadline: Clock.Now), CancellationToken.None);
        Clock.Now += Duration.FromHours(1);
        Assert.Equal(first, await Ledger.CreateRunAsync(Run("r1", deadline: Clock.Now), CancellationToken.None));

        await RefusedAsync("another spec", Run("r1") with { SpecJson = "{}" });
        await RefusedAsync("another manifest", Run("r1") with { ManifestJson = "{}" });
        await RefusedAsync("12 items, not 13", Run("r1") with { ItemCount = 13 });
        Assert.Equal(first, await ReadAsync("r1"));

        // Also when it has ended: who asks for it again gets its end.
        var done = await Ledger.FinishRunAsync(first.Id, RunOutcome.Done([7], "h", []), CancellationToken.None);
        Assert.Equal(Text(done), Text(await Ledger.CreateRunAsync(Run("r1"), CancellationToken.None)));

        async Task RefusedAsync(string reason, NewRun other)
        {
            var refused = await Assert.ThrowsAsync<ValidationException>(() => Ledger.CreateRunAsync(other, CancellationToken.None));
            Assert.Equal("run_id", refused.Field);
            Assert.Contains($"run r1 exists already with {reason}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_many_concurrent_creations_and_endings_of_a_run_one_counts_and_all_hear_of_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var run = Run($"r{round}");
            var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Ledger.CreateRunAsync(run, CancellationToken.None)));
            Assert.All(created, r => Assert.Equal(created[0], r));
            var ended = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Ledger.FinishRunAsync(
                run.Id, i % 2 == 0 ? RunOutcome.Done([(byte)i], $"h{i}", [Vector(0, "FIRM", i)]) : RunOutcome.Cancelled($"by {i}"), CancellationToken.None)));
            Assert.All(ended, r => Assert.Equal(Text(ended[0]), Text(r)));
        }
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_page_by_page_even_when_the_clock_stands_still_or_is_set_back()
    {
        var ids = new[] { "m", "z", "a", "k", "B", "x", "c" };
        for (var i = 0; i < ids.Length; i++)
        {
            await Ledger.CreateRunAsync(Run(ids[i]), CancellationToken.None);
            if (i == 3)
            {
                Clock.Now -= Duration.FromDays(1);
                await ReopenAsync();
            }
        }

        await Ledger.FinishRunAsync(RunId.Parse("a"), RunOutcome.Cancelled(null), CancellationToken.None);
        await Ledger.FinishRunAsync(RunId.Parse("x"), RunOutcome.Failed("no history"), CancellationToken.None);
        Assert.Equal("c x B k a z m", await ListAsync(null));
        Assert.Equal("c B k z m", await ListAsync(RunState.Running));
        Assert.Equal("x", await ListAsync(RunState.Failed));
        Assert.Equal("", await ListAsync(RunState.Done));
        var unfinished = await Ledger.ReadUnfinishedRunsAsync(CancellationToken.None);
        Assert.Equal("m z k B c", string.Join(' ', unfinished.Select(r => r.Id)));

        foreach (var limit in new[] { 0, -1, ILedger.MaxListedRuns + 1 })
            await Assert.ThrowsAsync<ValidationException>(() => Ledger.ListRunsAsync(null, limit, null, CancellationToken.None));
        var lost = await Assert.ThrowsAsync<ValidationException>(() => Ledger.ListRunsAsync(null, 1, RunId.Parse("q"), CancellationToken.None));
        Assert.Equal("before", lost.Field);

        async Task<string> ListAsync(RunState? state)
        {
            var all = new List<RunSummary>();
            IReadOnlyList<RunSummary> page;
            do
            {
                page = await Ledger.ListRunsAsync(state, 2, all.Count == 0 ? null : all[^1].Id, CancellationToken.None);
                Assert.True(page.Count <= 2, "a page is no longer than its limit");
                all.AddRange(page);
            }
            while (page.Count > 0);
            return string.Join(' ', all.Select(r => r.Id));
        }
    }

    [Fact]
    public async Task A_run_without_its_parts_is_refused()
    {
        await RefusedAsync("run_id", Run("r1") with { Id = default });
        await RefusedAsync("spec", Run("r1") with { SpecJson = "" });
        await RefusedAsync("manifest", Run("r1") with { ManifestJson = "" });
        await RefusedAsync("item_count", Run("r1") with { ItemCount = -1 });
        Assert.Equal("run_id", Assert.Throws<ValidationException>(() => RunId.Parse("a/b")).Field);
        Assert.Empty(await Ledger.ReadUnfinishedRunsAsync(CancellationToken.None));

        async Task RefusedAsync(string field, NewRun run) =>
            Assert.Equal(field, (await Assert.ThrowsAsync<ValidationException>(() => Ledger.CreateRunAsync(run, CancellationToken.None))).Field);
    }

    private static NewRun Run(string id, int items = 12, Instant? deadline = null) =>
        new(RunId.Parse(id), """{"measure":"var"}""", """{"snapshot":"é東"}""", items, deadline);

    private static RunVector Vector(int leg, string node, int seed) => new(leg, NodeId.Parse(node), $"set{leg}", Bytes(seed, 8344));

    /// <summary>All that a record says; its equality looks at the result's identity only.</summary>
    private static string Text(RunRecord? run) => $"{run} {(run?.Result is { } result ? Convert.ToHexString(result) : null)}";

    private async Task<RunRecord?> ReadAsync(string run) => await Ledger.ReadRunAsync(RunId.Parse(run), CancellationToken.None);
}
