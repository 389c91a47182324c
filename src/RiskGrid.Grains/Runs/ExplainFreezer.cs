using System.Collections.Immutable;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>Freezes a P&amp;L explain: its inputs are those of two runs.</summary>
internal static class ExplainFreezer
{
    /// <summary>The manifest and what it says.</summary>
    /// <exception cref="ValidationException">A run does not cover the scope, or has another reporting currency.</exception>
    /// <exception cref="GrainCallException">There is no such run.</exception>
    public static async Task<(string Manifest, RunContext Context)> FreezeAsync(SiloServices silo, RunSpec spec, CancellationToken cancellationToken)
    {
        var explain = (ExplainSpec)spec.Kind;
        var (from, to) = (await ReadAsync(silo, explain.FromRun, cancellationToken).ConfigureAwait(false), await ReadAsync(silo, explain.ToRun, cancellationToken).ConfigureAwait(false));
        if (!string.Equals(from.Reporting, to.Reporting, StringComparison.Ordinal))
            throw new ValidationException("spec.explain.to_run", $"it reports in {to.Reporting}, run {explain.FromRun} in {from.Reporting}");
        var before = await silo.Ledger.ReadHierarchyAsync(from.HierarchyVersion, cancellationToken).ConfigureAwait(false);
        var after = await silo.Ledger.ReadHierarchyAsync(to.HierarchyVersion, cancellationToken).ConfigureAwait(false)
            ?? throw new ValidationException("spec.explain.to_run", $"the ledger has no version {to.HierarchyVersion} of the hierarchy");
        if (after.Find(spec.Path) is null)
            throw new ValidationException("spec.path", $"there is no node '{spec.Path}' in the hierarchy of run {explain.ToRun}");
        var tree = RunTree.Of(after, spec.Path, withoutChildren: false);
        var (starts, ends) = (ImmutableSortedDictionary.CreateBuilder<string, FrozenBook>(StringComparer.Ordinal), ImmutableSortedDictionary.CreateBuilder<string, FrozenBook>(StringComparer.Ordinal));
        foreach (var index in tree.Books)
        {
            var id = tree.Nodes[index].Id;
            ends.Add(id.Value, to.Books.TryGetValue(id.Value, out var end)
                ? end
                : throw new ValidationException("spec.explain.to_run", $"run {explain.ToRun} does not cover book {id}; its scope is {to.Spec.Path}"));
            if (!from.Books.TryGetValue(id.Value, out var start))
            {
                // A book that did not exist yet held nothing.
                if (before?.Nodes.ContainsKey(id) ?? false)
                    throw new ValidationException("spec.explain.from_run", $"run {explain.FromRun} does not cover book {id}; its scope is {from.Spec.Path}");
                start = new FrozenBook(0, Sheet.Build(id, []).Hash);
            }

            starts.Add(id.Value, start);
        }

        var manifest = to with { Spec = spec, Books = ends.ToImmutable(), Start = new FrozenStart(starts.ToImmutable(), from.SnapshotHash), Legs = [], PanelHash = string.Empty };
        var json = manifest.ToJson();
        var hash = CanonicalJson.Hash(json);
        return (json, await silo.Contexts.GetAsync(hash, () => RunContextBuilder.BuildAsync(silo, manifest, hash), cancellationToken).ConfigureAwait(false));
    }

    private static async Task<RunManifest> ReadAsync(SiloServices silo, string runId, CancellationToken cancellationToken)
    {
        var run = await silo.Ledger.ReadRunAsync(RunId.Parse(runId), cancellationToken).ConfigureAwait(false) ?? throw GrainErrors.Missing($"there is no run '{runId}'");
        return RunManifest.Parse(run.ManifestJson) with { KernelVersion = Kernels.NativeKernels.Version, RevaluationVersion = RunManifest.PresentRevaluation };
    }
}
