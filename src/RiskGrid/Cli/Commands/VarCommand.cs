using System.CommandLine;
using RiskGrid.Cli.Runs;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid var [PATH]</c></summary>
internal static class VarCommand
{
    public static Command Create()
    {
        var (path, question, options) = (RunOptions.Path(), new VarOptions(), new RunOptions());
        var command = new Command("var", "Computes value at risk and expected shortfall of a node and of those below it, as a run that can be repeated to the bit.") { path };
        question.AddTo(command);
        options.AddTo(command, plot: true);
        RunCommand.SetAction(command, options, "var", (parsed, _, _) =>
        {
            var spec = options.Build(parsed, parsed.GetRequiredValue(path));
            spec.Var = question.Build(parsed);
            return Task.FromResult(spec);
        });
        return command;
    }
}
