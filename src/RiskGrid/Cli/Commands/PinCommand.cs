using System.CommandLine;
using RiskGrid.Cli.Runs;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid pin [PATH]</c></summary>
internal static class PinCommand
{
    public static Command Create()
    {
        var (path, options) = (RunOptions.Path(), new RunOptions());
        var command = new Command("pin", "Freezes positions and market under a name and values them: the ends of a P&L explain.") { path };
        options.AddTo(command, plot: false);
        RunCommand.SetAction(command, options, "pin", (parsed, _, _) =>
        {
            var spec = options.Build(parsed, parsed.GetRequiredValue(path));
            spec.Pin = new PinSpec();
            return Task.FromResult(spec);
        });
        return command;
    }
}
