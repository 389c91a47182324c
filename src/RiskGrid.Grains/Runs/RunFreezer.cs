using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Compute;
using RiskGrid.Grid;
using RiskGrid.Kernels;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk.Runs;
using LedgerState = RiskGrid.Ledger.RunState;
using RunSpec = RiskGrid.Risk.Runs.RunSpec;

namespace RiskGrid.Grains.Runs;

/// <summary>A run whose inputs are frozen: what is stored, and the same laid out for computing.</summary>
internal sealed record FrozenRun(NewRun Run, RunContext Context);

/// <summary>Freezes the inputs of a run: nothing that happens later changes its numbers. An impossible spec is refused before anything is
/// stored.</summary>
internal static class RunFreezer
{
    /// <summary>The frozen run.</summary>
    /// <exception cref="ValidationException">The inputs do not allow what is asked; the message names which.</exception>
    /// <exception cref="GrainCallException">The spec breaks a rule, or what it names does not exist.</exception>
    public static async Task<FrozenRun> FreezeAsync(
        SiloServices silo, IGrains grains, LedgerClock clock, RunId id, StartRunRequest request, string asked, CancellationToken cancellationToken)
    {
        var started = clock.Now;
        var (manifest, context) = request switch
        {
            { RerunOf.Length: > 0 } => await RepeatAsync(silo, request.RerunOf, cancellationToken).ConfigureAwait(false),
            { Spec.Explain: not null } => await ExplainFreezer.FreezeAsync(silo, RunSpecMapping.FromWire(request.Spec), cancellationToken).ConfigureAwait(false),
            _ => await FreezeAsync(silo, grains, request.Spec, cancellationToken).ConfigureAwait(false),
        };
        var items = RunItems.Of(context.Legs, (int)(request.Spec?.ScenariosPerShard ?? 0));
        Instant? deadline = request.Spec is { DeadlineSeconds: > 0 } spec ? started + Duration.FromSeconds(Math.Min(spec.DeadlineSeconds, 1e9)) : null;
        return new FrozenRun(new NewRun(id, asked, manifest, items.Length, deadline), context);
    }

    private static async Task<(string Manifest, RunContext Context)> FreezeAsync(
        SiloServices silo, IGrains grains, Protocol.V1.RunSpec? asked, CancellationToken cancellationToken)
    {
        var spec = RunSpecMapping.FromWire(asked);
        if (!string.Equals(spec.Market, SiloServices.DefaultMarket, StringComparison.Ordinal))
            throw new ValidationException("spec.market", $"there is no market '{spec.Market}'; this server prices from '{SiloServices.DefaultMarket}'");

        // The market and the books have nothing to do with each other: both are read at once.
        var pinning = SnapshotAsync(silo, grains, spec, cancellationToken);
        var position = await silo.Ledger.ReadPositionAndHierarchyAsync(cancellationToken).ConfigureAwait(false);
        var hierarchy = position.Hierarchy ?? throw new ValidationException("spec.path", "there is no hierarchy yet");
        if (hierarchy.Find(spec.Path) is null)
            throw new ValidationException("spec.path", $"there is no node '{spec.Path}'; paths look like / or /INDEX or /INDEX/SPX-2026-02-20");
        var tree = RunTree.Of(hierarchy, spec.Path, withoutChildren: false);
        var books = tree.Books.Select(b => tree.Nodes[b].Id).ToList();
        var reading = await RunContextBuilder.ReadAllAsync(
            books.Count, b => SheetAsync(silo, books[b], position.Sequences.GetValueOrDefault(books[b]), cancellationToken)).ConfigureAwait(false);
        var sheets = await Task.WhenAll(reading).ConfigureAwait(false);
        var snapshot = await pinning.ConfigureAwait(false);
        var market = new RunMarket(silo.History, silo.Drivers, snapshot.Snapshot, sheets, silo.Options);
        var sets = await silo.Pool.RunAsync(ComputePriority.Run, () => RunPlans.Scenarios(spec, market), cancellationToken).ConfigureAwait(false);
        var plan = RunPlans.Of(spec, hierarchy, sets);
        if (silo.History is { } history && sets.Count > 0)
            await silo.StoredPanels.StoreAsync(silo.Ledger, history, cancellationToken).ConfigureAwait(false);
        var manifest = new RunManifest
        {
            Spec = spec,
            HierarchyVersion = position.HierarchyVersion,
            Books = books.Zip(sheets).ToImmutableSortedDictionary(
                b => b.First.Value, b => new FrozenBook(position.Sequences.GetValueOrDefault(b.First), b.Second.Hash), StringComparer.Ordinal),
            SnapshotHash = snapshot.Snapshot.Hash,
            AsOf = snapshot.Point,
            Reporting = silo.Options.Reporting.Code,
            PanelHash = sets.Count > 0 ? silo.History?.Hash ?? string.Empty : string.Empty,
            Legs = [.. sets.Select(s => new FrozenLeg(s.Name, s.Scenarios.Spec, s.Scenarios.Hash))],
        };
        var json = manifest.ToJson();
        var hash = CanonicalJson.Hash(json);
        var context = await silo.Contexts.GetAsync(
            hash, () => RunContextBuilder.PrepareAsync(silo, manifest, hash, plan, snapshot.Snapshot, silo.History, sheets), cancellationToken).ConfigureAwait(false);
        return (json, context);
    }

    private static async Task<Sheet> SheetAsync(SiloServices silo, NodeId book, long sequence, CancellationToken cancellationToken) =>
        silo.Contexts.Sheet(book, sequence) ?? await RunContextBuilder.SheetAsync(silo, book, sequence, cancellationToken).ConfigureAwait(false);

    // The versions of the code are those of now; whatever else the run depended on must be there as it was.
    private static async Task<(string Manifest, RunContext Context)> RepeatAsync(SiloServices silo, string runId, CancellationToken cancellationToken)
    {
        var before = await silo.Ledger.ReadRunAsync(RunId.Parse(runId), cancellationToken).ConfigureAwait(false)
            ?? throw GrainErrors.Missing($"there is no run '{runId}'");
        if (before.State != LedgerState.Done)
            throw new GrainCallException(GridErrorCode.FailedPrecondition, $"run {runId} did not finish: there is no result to compare with");
        var manifest = RunManifest.Parse(before.ManifestJson) with { KernelVersion = NativeKernels.Version, RevaluationVersion = RunManifest.PresentRevaluation };
        var json = manifest.ToJson();
        var hash = CanonicalJson.Hash(json);
        try
        {
            return (json, await silo.Contexts.GetAsync(hash, () => RunContextBuilder.BuildAsync(silo, manifest, hash), cancellationToken).ConfigureAwait(false));
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Precondition(new ValidationException(e.Field, $"run {runId} cannot be computed again: {e.Reason}"));
        }
    }

    private static async Task<(MarketSnapshot Snapshot, MarketPoint Point)> SnapshotAsync(
        SiloServices silo, IGrains grains, RunSpec spec, CancellationToken cancellationToken)
    {
        var point = new MarketPoint { Market = spec.Market };
        var hash = spec.SnapshotHash;
        if (hash.Length == 0)
        {
            var market = await grains.WithTimeout(CallTimes.Usual).Get<IMarketGrain>(spec.Market).GetMarket(new GetMarketRequest { Pin = true, WithoutQuotes = true })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            (hash, point) = (market.SnapshotHash, market.Point);
            if (hash.Length == 0)
                throw new GrainCallException(GridErrorCode.FailedPrecondition, $"market '{spec.Market}' has no valuation instant yet: publish quotes first");
        }

        var snapshot = silo.Contexts.Snapshot(hash) ?? await silo.Ledger.ReadSnapshotAsync(hash, cancellationToken).ConfigureAwait(false)
            ?? throw new ValidationException("spec.snapshot_hash", $"the ledger has no market snapshot {hash}");
        return (snapshot, point);
    }
}
