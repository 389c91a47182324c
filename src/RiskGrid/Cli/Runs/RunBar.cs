using System.Globalization;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Runs;

/// <summary>A run's progress as a bar on stderr; nothing where that is no terminal.</summary>
internal sealed class RunBar(ProgressTask task) : IProgress<Run>
{
    /// <summary>Runs work that reports to a bar; the bar is null where none is shown.</summary>
    public static async Task<T> ShowAsync<T>(bool quiet, string runId, Func<RunBar?, Task<T>> work)
    {
        if (quiet || !Terminal.Error.Profile.Capabilities.Interactive)
            return await work(null);
        return await Terminal.Error.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => work(new RunBar(progress.AddTask(Markup.Escape($"{runId}: freezing"), maxValue: 1.0))));
    }

    public void Report(Run value)
    {
        task.Description = Markup.Escape(Describe(value));
        task.Value = Share(value.Progress);
    }

    /// <summary>What a run is doing, in a few words.</summary>
    public static string Describe(Run run) => run.Progress switch
    {
        null => run.RunId,
        { Stage: "computing" } p => string.Create(CultureInfo.InvariantCulture, $"{run.RunId}: {Rate(p)}"),
        var p => $"{run.RunId}: {p.Stage}",
    };

    /// <summary>The share of the work that is done, 0 to 1.</summary>
    public static double Share(RunProgress? progress) => progress switch
    {
        null => 0,
        { RevaluationsTotal: > 0 } p => Math.Min(1, (double)p.RevaluationsDone / p.RevaluationsTotal),
        { ItemsTotal: > 0 } p => Math.Min(1, (double)p.ItemsDone / p.ItemsTotal),
        _ => 0,
    };

    private static string Rate(RunProgress progress) => progress.ElapsedSeconds > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{progress.RevaluationsDone / progress.ElapsedSeconds / 1e6:N1} million revaluations a second")
        : "computing";
}
