using System.CommandLine;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid explain FROM TO</c></summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("from") { Description = "The earlier run, of any kind; `riskgrid pin` makes one that only freezes its inputs." };
        var to = new Argument<string>("to") { Description = "The later run." };
        var path = new Option<string?>("--path") { Description = "The node; the scope of the earlier run unless named." };
        var options = new RunOptions();
        var command = new Command("explain", "Explains the P&L of a node between the inputs of two runs, line by line.") { from, to, path };
        options.AddTo(command, plot: true);
        RunCommand.SetAction(command, options, "explain", async (parsed, client, token) =>
        {
            var (first, second) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
            var scope = parsed.GetValue(path) ?? (await client.GetRunAsync(first, token)).Spec.Path;
            var spec = options.Build(parsed, scope);
            spec.Explain = new ExplainSpec { FromRun = first, ToRun = second };
            return spec;
        });
        return command;
    }
}
