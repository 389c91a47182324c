using System.Collections.Immutable;
using RiskGrid.Compute;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>Reads a run's frozen inputs from the ledger and lays them out for computing; refuses what is not what the manifest says.</summary>
internal static class RunContextBuilder
{
    private const int BooksAtATime = 16;

    /// <summary>The context of a manifest.</summary>
    /// <exception cref="ValidationException">An input is missing from the ledger or is not what the manifest says; the message names it.</exception>
    public static async Task<RunContext> BuildAsync(SiloServices silo, RunManifest manifest, string manifestHash)
    {
        var hierarchy = await silo.Ledger.ReadHierarchyAsync(manifest.HierarchyVersion, CancellationToken.None).ConfigureAwait(false)
            ?? throw new ValidationException("hierarchy_version", $"the ledger has no version {manifest.HierarchyVersion} of the hierarchy");
        var snapshot = await silo.Ledger.ReadSnapshotAsync(manifest.SnapshotHash, CancellationToken.None).ConfigureAwait(false)
            ?? throw new ValidationException("snapshot", $"the ledger has no market snapshot {manifest.SnapshotHash}");
        var panel = await PanelAsync(silo, manifest.PanelHash).ConfigureAwait(false);
        var legs = await silo.Pool.RunAsync(ComputePriority.Run, () => manifest.Legs.Select(l => Leg(l, panel)).ToArray(), CancellationToken.None).ConfigureAwait(false);
        var plan = RunPlans.Of(manifest.Spec, hierarchy, legs);
        var sheets = await SheetsAsync(silo, manifest.Books, plan.Tree).ConfigureAwait(false);
        var context = await PrepareAsync(silo, manifest, manifestHash, plan, snapshot, panel, sheets).ConfigureAwait(false);
        return manifest.Start is null ? context : context with { Start = await StartAsync(silo, manifest.Start, plan.Tree).ConfigureAwait(false) };
    }

    private static async Task<ExplainStart> StartAsync(SiloServices silo, FrozenStart start, RunTree tree)
    {
        var snapshot = await silo.Ledger.ReadSnapshotAsync(start.SnapshotHash, CancellationToken.None).ConfigureAwait(false)
            ?? throw new ValidationException("start.snapshot", $"the ledger has no market snapshot {start.SnapshotHash}");
        return new ExplainStart([.. await SheetsAsync(silo, start.Books, tree).ConfigureAwait(false)], snapshot);
    }

    /// <summary>Lays out what has been read: the last step of <see cref="BuildAsync"/>, and of freezing a new run.</summary>
    public static async Task<RunContext> PrepareAsync(
        SiloServices silo, RunManifest manifest, string manifestHash, RunPlan plan, MarketSnapshot snapshot, HistoryPanel? panel, Sheet[] sheets)
    {
        var directory = new FactorDirectory(snapshot.Quotes.Keys);
        var markets = new SheetMarket[sheets.Length];
        await silo.Pool.RunAsync(
            ComputePriority.Run,
            sheets.Length,
            b => markets[b] = SheetMarket.From(new SheetBinding(sheets[b], directory, silo.Options with { Reporting = Currency.Parse(manifest.Reporting) }), snapshot),
            CancellationToken.None).ConfigureAwait(false);
        var prepared = new PreparedSheet[plan.Legs.Length * sheets.Length];
        await silo.Pool.RunAsync(
            ComputePriority.Run,
            prepared.Length,
            i => prepared[i] = new PreparedSheet(markets[i % sheets.Length], plan.Legs[i / sheets.Length].Scenarios),
            CancellationToken.None).ConfigureAwait(false);
        return new RunContext
        {
            Manifest = manifest,
            ManifestHash = manifestHash,
            Tree = plan.Tree,
            Markets = [.. markets],
            Panel = panel,
            Snapshot = snapshot,
            Legs = [.. plan.Legs.Select((l, i) => new RunLegContext(
                l.Name, l.Scenarios, l.Masks, l.Tails, l.KeepsVectors, [.. prepared.AsSpan(i * sheets.Length, sheets.Length)]))],
        };
    }

    /// <summary>The sheet of a book at a sequence.</summary>
    public static async Task<Sheet> SheetAsync(SiloServices silo, NodeId book, long sequence, CancellationToken cancellationToken)
    {
        var state = await silo.Ledger.ReadBookAtAsync(book, sequence, cancellationToken).ConfigureAwait(false);
        return await silo.Pool.RunAsync(
            ComputePriority.Run,
            () =>
            {
                var sheet = Sheet.Build(book, state.Trades);
                silo.Sheets.Keep(sheet, state.Trades);
                return sheet;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads books side by side, a few at a time: a silo that joins a run is ready soon, and its ledger is not flooded.</summary>
    /// <returns>The readings, all of them ended.</returns>
    public static async Task<Task<Sheet>[]> ReadAllAsync(int books, Func<int, Task<Sheet>> read)
    {
        using var room = new SemaphoreSlim(BooksAtATime);
        var reading = new Task<Sheet>[books];
        for (var b = 0; b < books; b++)
        {
            await room.WaitAsync().ConfigureAwait(false);
            reading[b] = ReadAsync(b);
        }

        await ((Task)Task.WhenAll(reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return reading;

        async Task<Sheet> ReadAsync(int book)
        {
            try
            {
                return await read(book).ConfigureAwait(false);
            }
            finally
            {
                room.Release();
            }
        }
    }

    /// <summary>The scenario set of a leg.</summary>
    public static async Task<ScenarioSet> ScenariosAsync(SiloServices silo, RunManifest manifest, int leg, CancellationToken cancellationToken)
    {
        var panel = await PanelAsync(silo, manifest.PanelHash).ConfigureAwait(false);
        var named = await silo.Pool.RunAsync(ComputePriority.Run, () => Leg(manifest.Legs[leg], panel), cancellationToken).ConfigureAwait(false);
        return named.Scenarios;
    }

    private static async Task<HistoryPanel?> PanelAsync(SiloServices silo, string hash)
    {
        if (hash.Length == 0)
            return null;
        return string.Equals(silo.History?.Hash, hash, StringComparison.Ordinal)
            ? silo.History
            : await PanelBlobs.ReadAsync(silo.Ledger, hash, CancellationToken.None).ConfigureAwait(false);
    }

    private static NamedScenarios Leg(FrozenLeg leg, HistoryPanel? panel)
    {
        var set = ScenarioSets.FromSpec(leg.ScenarioSet, hash => string.Equals(hash, panel?.Hash, StringComparison.Ordinal)
            ? panel!
            : throw new ValidationException("panel", $"scenario set {leg.Name} is made from panel {hash}, the manifest names {panel?.Hash ?? "none"}"));
        return string.Equals(set.Hash, leg.ScenarioSetHash, StringComparison.Ordinal)
            ? new NamedScenarios(leg.Name, set)
            : throw new ValidationException($"legs.{leg.Name}", $"the manifest names scenario set {leg.ScenarioSetHash}, its spec gives {set.Hash}");
    }

    private static async Task<Sheet[]> SheetsAsync(SiloServices silo, ImmutableSortedDictionary<string, FrozenBook> books, RunTree tree)
    {
        // What another silo has read is asked for all at once; what is missing is read from the ledger, book by book.
        var found = await Task.WhenAll(tree.Books.Select(b => tree.Nodes[b].Id).Select(
            id => books.TryGetValue(id.Value, out var frozen) ? silo.Sheets.FindAsync(id, frozen.SheetHash, CancellationToken.None) : Task.FromResult<Sheet?>(null))).ConfigureAwait(false);
        var reading = await ReadAllAsync(
            tree.Books.Length,
            b => found[b] is { } sheet || !books.TryGetValue(tree.Nodes[tree.Books[b]].Id.Value, out var frozen)
                ? Task.FromResult(found[b]!)
                : SheetAsync(silo, tree.Nodes[tree.Books[b]].Id, frozen.Sequence, CancellationToken.None)).ConfigureAwait(false);
        var sheets = new Sheet[tree.Books.Length];
        for (var b = 0; b < sheets.Length; b++)
        {
            var id = tree.Nodes[tree.Books[b]].Id;
            if (!books.TryGetValue(id.Value, out var frozen))
                throw new ValidationException("books", $"the manifest does not name book {id} of its scope {tree.Scope.Path}");
            sheets[b] = await reading[b].ConfigureAwait(false);
            if (!string.Equals(sheets[b].Hash, frozen.SheetHash, StringComparison.Ordinal))
            {
                throw new ValidationException(
                    $"books.{id}", $"the manifest names sheet {frozen.SheetHash} at sequence {frozen.Sequence}, the ledger's trades make {sheets[b].Hash}");
            }
        }

        return sheets;
    }
}
