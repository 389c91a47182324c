using System.Collections.Immutable;
using Google.Protobuf;
using RiskGrid.Compute;
using RiskGrid.Grains.Nodes;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>The P&amp;L vectors that a run leaves in the ledger.</summary>
internal static class RunVectors
{
    /// <summary>Every node's vector of the legs that keep them; a node whose vector failed has none.</summary>
    public static IReadOnlyList<Ledger.RunVector> Of(RunContext context, IReadOnlyList<RunTails> tails)
    {
        var vectors = new List<Ledger.RunVector>();
        for (var leg = 0; leg < context.Legs.Length; leg++)
        {
            if (!context.Legs[leg].KeepsVectors)
                continue;
            foreach (var node in context.Tree.Nodes)
            {
                if (tails[leg].Pnl(node.Index) is { } pnl)
                    vectors.Add(new Ledger.RunVector(leg, node.Id, context.Legs[leg].Scenarios.Hash, PnlVectors.ToWire(pnl.AsSpan()).ToByteArray()));
            }
        }

        return vectors;
    }

    /// <summary>One vector with its labels.</summary>
    /// <exception cref="ValidationException">The run has no such leg, node or vector.</exception>
    public static async Task<GetRunVectorResponse> ReadAsync(SiloServices silo, RunRecord record, GetRunVectorRequest request, CancellationToken cancellationToken)
    {
        var manifest = RunManifest.Parse(record.ManifestJson);
        var leg = request.Leg.Length == 0 ? 0 : manifest.Legs.ToList().FindIndex(l => string.Equals(l.Name, request.Leg, StringComparison.Ordinal));
        if (leg < 0 || leg >= manifest.Legs.Length)
            throw new ValidationException("leg", manifest.Legs.IsEmpty ? $"run {record.Id} revalued no scenarios: it has no vectors" : $"run {record.Id} has no leg '{request.Leg}'; it has {string.Join(", ", manifest.Legs.Select(l => l.Name))}");
        var path = request.Path.Length == 0 ? manifest.Spec.Path : request.Path;
        var hierarchy = await silo.Ledger.ReadHierarchyAsync(manifest.HierarchyVersion, cancellationToken).ConfigureAwait(false);
        var node = hierarchy?.Find(path) ?? throw new ValidationException("path", $"run {record.Id} has no node '{path}'");
        var vector = await silo.Ledger.ReadRunVectorAsync(record.Id, leg, node.Id, cancellationToken).ConfigureAwait(false)
            ?? throw new ValidationException("path", $"run {record.Id} keeps no vector of '{path}' in leg {manifest.Legs[leg].Name}");
        var set = await RunContextBuilder.ScenariosAsync(silo, manifest, leg, cancellationToken).ConfigureAwait(false);
        var labels = await silo.Pool.RunAsync(
            ComputePriority.Run, () => Enumerable.Range(0, set.Count).Select(set.Label).ToImmutableArray(), cancellationToken).ConfigureAwait(false);
        return new GetRunVectorResponse
        {
            RunId = record.Id.Value,
            Leg = manifest.Legs[leg].Name,
            Path = path,
            Pnl = UnsafeByteOperations.UnsafeWrap(vector.Content),
            Labels = { labels },
            ScenarioSetHash = vector.ScenarioSetHash,
        };
    }
}
