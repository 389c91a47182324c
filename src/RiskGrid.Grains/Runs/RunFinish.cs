using Google.Protobuf;
using RiskGrid.Compute;
using RiskGrid.Grains.Nodes;
using RiskGrid.Ledger;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>From the tails of all legs to the result, what is stored, and, for a rerun, how it compares.</summary>
internal static class RunFinish
{
    /// <summary>How the run ends.</summary>
    public static async Task<RunOutcome> OfAsync(
        SiloServices silo, RunRecord record, RunContext context, RunTails[] tails, Func<RunProgress> progress, CancellationToken cancellationToken)
    {
        var valuations = new SheetValuation[context.Markets.Length];
        await silo.Pool.RunAsync(
            ComputePriority.Run, valuations.Length, b => valuations[b] = SheetPricer.Price(context.Markets[b]), cancellationToken).ConfigureAwait(false);
        var bases = NodeBases.Of(
            context.Tree, [.. context.Markets.Select(m => m.Sheet.Count)], [.. valuations.Select(v => v.Total.Mtm)]);
        var result = Frame(context, valuations, bases);
        await FillAsync(silo, context, tails, bases, result, cancellationToken).ConfigureAwait(false);
        return await EndAsync(silo, record, context, tails, result, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<RunOutcome> EndAsync(
        SiloServices silo, RunRecord record, RunContext context, RunTails[] tails, RunResult result, Func<RunProgress> progress, CancellationToken cancellationToken)
    {
        var rerun = RunMapping.Asked(record).RerunOf is { Length: > 0 } before
            ? await silo.Ledger.ReadRunAsync(Model.RunId.Parse(before), cancellationToken).ConfigureAwait(false)
            : null;
        return await silo.Pool.RunAsync(
            ComputePriority.Run,
            () =>
            {
                // Taken last, so that finishing counts too.
                var (hash, vectors) = (ResultNumbers.Hash(result), RunVectors.Of(context, tails));
                var end = new RunEnd { Result = result, Progress = progress(), Trades = (uint)context.Trades };
                if (rerun is not null)
                    end.Rerun = ResultNumbers.Compare(RunMapping.End(rerun).Result, result, context.Manifest.DifferencesFrom(RunManifest.Parse(rerun.ManifestJson)));
                return RunOutcome.Done(end.ToByteArray(), hash, vectors);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static RunResult Frame(RunContext context, SheetValuation[] valuations, NodeBases bases)
    {
        var coverage = RunCoverages.Of(context, valuations);
        var result = new RunResult();
        foreach (var leg in context.Legs)
        {
            result.Legs.Add(new RunLeg
            {
                Name = leg.Name,
                Scenarios = (uint)leg.Scenarios.Count,
                ScenarioSetHash = leg.Scenarios.Hash,
                Dropped = (uint)((leg.Scenarios as Risk.HistoricalScenarioSet)?.Dropped.Length ?? 0),
                VectorsKept = leg.KeepsVectors,
            });
        }

        foreach (var node in context.Tree.Nodes)
        {
            result.Nodes.Add(new Protocol.V1.NodeRisk
            {
                NodeId = node.Id.Value,
                Path = node.Path,
                Kind = node.Book >= 0 ? NodeKinds.Book : NodeKinds.Desk,
                BaseValue = bases.Values[node.Index],
                Coverage = coverage[node.Index],
                Failure = bases.Trades[node.Index] == 0 ? "the node holds no trades: every number is zero" : string.Empty,
            });
        }

        return result;
    }

    private static Task FillAsync(SiloServices silo, RunContext context, RunTails[] tails, NodeBases bases, RunResult result, CancellationToken cancellationToken) =>
        context.Manifest.Spec.Kind switch
        {
            Risk.Runs.VarSpec { Method: Risk.Runs.ParametricMethod } var => ParametricResults.FillAsync(silo, context, var, tails, bases, result, cancellationToken),
            Risk.Runs.BacktestSpec backtest => BacktestResults.FillAsync(silo, context, backtest, tails, bases, result, cancellationToken),
            Risk.Runs.ExplainSpec => ExplainResults.FillAsync(silo, context, result, cancellationToken),
            Risk.Runs.VarSpec var => VarResults.FillAsync(silo, context, var, tails, bases, result, cancellationToken),
            Risk.Runs.StressSpec stress => StressResults.FillAsync(silo, context, stress, tails, bases, result, cancellationToken),
            _ => Task.CompletedTask,
        };
}
