using System.Globalization;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>Runs as a list, newest first.</summary>
internal static class RunList
{
    public static Table Create(IReadOnlyList<Run> runs, int width) => FittedTable.Create(
        "", "run", runs, r => r.RunId,
        new TableColumnOf<Run>[]
        {
            new("state", r => RunText.State(r.State), IsText: true),
            new("what", r => r.RerunOf.Length > 0 ? $"{RunText.Title(r.Spec)}, again" : RunText.Title(r.Spec), IsText: true),
            new("scope", r => r.Inputs?.Scope is { Length: > 0 } scope ? scope : r.Spec?.Path ?? "", IsText: true),
            new("started", r => r.CreatedAt is { } at ? at.ToInstant().ToString("uuuu-MM-dd HH:mm:ss", null) : ""),
            new("seconds", Seconds),
            new("done", r => r is { State: RunState.Running, Progress.ItemsTotal: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"{r.Progress.ItemsDone:N0} of {r.Progress.ItemsTotal:N0} shards") : ""),
            new("result", r => RunText.Short(r.ResultHash)),
            new("error", r => r.Error?.Message ?? "", IsText: true),
        },
        runs.Count == 0 ? "no runs" : "newest first; riskgrid runs NAME shows one",
        width);

    private static string Seconds(Run run) => run is { CreatedAt: { } from, FinishedAt: { } to }
        ? (to.ToInstant() - from.ToInstant()).TotalSeconds.ToString("N2", CultureInfo.InvariantCulture)
        : "";
}
