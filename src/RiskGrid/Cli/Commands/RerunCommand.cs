using System.CommandLine;
using RiskGrid.Cli.Output.Runs;
using RiskGrid.Cli.Runs;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid rerun RUN</c></summary>
internal static class RerunCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The finished run to compute again." };
        var runId = new Option<string?>("--run-id") { Description = "A name for the rerun." };
        var detach = new Option<bool>("--detach") { Description = "Only start it and print its name." };
        var (address, json) = (CommonOptions.Address(), CommonOptions.Json());
        var command = new Command("rerun", "Computes a finished run again from its manifest alone, and compares every bit; ends with 1 when one differs.") { run, runId, detach, address, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));
                var asJson = parsed.GetValue(json);
                var name = parsed.GetValue(runId) ?? RunOptions.NewRunId("rerun", TimeProvider.System);
                var again = await new RunSession(client, asJson).RunAsync(
                    name, t => client.RerunAsync(parsed.GetRequiredValue(run), name, t), parsed.GetValue(detach), token);
                if (asJson || again.State != RunState.Finished || again.Rerun is not { } report)
                    return await RunCommand.ConcludeAsync(again, asJson, depth: null);
                foreach (var line in RerunText.Report(again, report))
                    Terminal.WriteLine(line);
                return report.Identical ? CommandLine.Done : CommandLine.Failed;
            },
            cancel));
        return command;
    }
}
