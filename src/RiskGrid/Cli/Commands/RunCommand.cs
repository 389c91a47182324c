using System.CommandLine;
using RiskGrid.Cli.Output.Runs;
using RiskGrid.Cli.Plots;
using RiskGrid.Cli.Runs;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary>What all commands that start a run do: ask, follow, show.</summary>
internal static class RunCommand
{
    /// <param name="command">The command.</param>
    /// <param name="options">Its options of a run.</param>
    /// <param name="kind">Begins the names of its runs.</param>
    /// <param name="build">Makes the question from the options, before anything is asked.</param>
    /// <param name="instead">What the options ask for instead of a run, done: its exit status; null when they ask for a run.</param>
    public static void SetAction(
        Command command, RunOptions options, string kind, Func<ParseResult, RiskGridClient, CancellationToken, Task<RunSpec>> build, Func<ParseResult, int?>? instead = null) =>
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                if (instead?.Invoke(parsed) is { } done)
                    return done;
                using var client = new RiskGridClient(parsed.GetRequiredValue(options.Address));
                var json = parsed.GetValue(options.Json);
                var detach = parsed.GetValue(options.Detach);
                if (parsed.GetValue(options.Plot) is { } picture)
                {
                    if (detach)
                        throw new UsageException("--plot has no meaning with --detach; plot the finished run: riskgrid runs NAME --plot FILE");
                    PlotFile.RequireFolder(picture);
                }

                var spec = await build(parsed, client, token);
                var runId = options.RunId(parsed, kind);
                var run = await new RunSession(client, json).RunAsync(runId, t => client.StartRunAsync(spec, runId, t), detach, token);
                if (run.State == RunState.Finished && parsed.GetValue(options.Plot) is { } plot)
                    await RunPlot.SaveAsync(client, run, plot, token);
                return await ConcludeAsync(run, json, parsed.GetValue(options.Depth));
            },
            cancel));

    /// <summary>Shows a run as it ended, and gives the command's exit status.</summary>
    /// <param name="run">The run.</param>
    /// <param name="json">As one document.</param>
    /// <param name="depth">Levels of nodes to show.</param>
    /// <param name="path">The node to show.</param>
    public static async Task<int> ConcludeAsync(Run run, bool json, int? depth, string? path = null)
    {
        if (json)
            Terminal.WriteJson(RunJson.Document(run, depth));
        switch (run.State)
        {
            case RunState.Running when !json:
                Terminal.WriteLine($"{run.RunId} is {RunText.State(run.State)}. Follow it: riskgrid runs {run.RunId} --wait");
                return CommandLine.Done;
            case RunState.Finished when !json:
                RunView.Show(run, depth, path);
                break;
            case RunState.Failed or RunState.Cancelled:
                await Console.Error.WriteLineAsync($"riskgrid: {RunText.Failure(run)}");
                return CommandLine.Failed;
        }

        // Numbers that were asked for and are not there, or are others than they were, are a failure.
        var hollow = run.Result is { Nodes.Count: > 0 } result && result.Nodes[0].Failure.Length > 0;
        return hollow || run.Rerun is { Identical: false } ? CommandLine.Failed : CommandLine.Done;
    }
}
