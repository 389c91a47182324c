using System.CommandLine;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>The options of a stress run, and the spec that they make.</summary>
internal sealed class StressOptions
{
    private const string All = "all";

    private readonly Option<string[]> _crises = new("--crises") { Description = "Crises of the library by name, or all; --list shows them.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _scenarios = new("--scenarios") { Description = "A JSON file with shocks of your own (docs/runs.md)." };
    private readonly Option<string[]> _ladders = new("--ladder") { Description = "SELECTOR:MOVE,MOVE,... e.g. IDX.SP500:-0.1,-0.05,0,0.05; may be given again.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _matrix = new("--matrix") { Description = "Every spot move with every volatility move, e.g. 'spot:-0.1,0,0.1;vol:-0.2,0,0.2', with ';on:SELECTOR' for some spots only." };
    private readonly Option<string[]> _classes = RunOptions.FactorClasses();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_crises, _scenarios, _ladders, _matrix, _classes])
            command.Add(option);
    }

    /// <summary>The spec that the options ask for; all crises when they ask for nothing.</summary>
    /// <exception cref="UsageException">An option has a wrong form.</exception>
    public StressSpec Build(ParseResult parsed)
    {
        var spec = new StressSpec();
        foreach (var name in OptionText.List(parsed.GetValue(_crises)))
        {
            if (string.Equals(name, All, StringComparison.Ordinal))
                spec.AllCrises = true;
            else
                spec.Crises.Add(name);
        }

        if (parsed.GetValue(_scenarios) is { } path)
            spec.ScenariosJson = File.ReadAllText(path);
        spec.Ladders.Add((parsed.GetValue(_ladders) ?? []).Select(l => OptionText.Ladder(_ladders.Name, l)));
        if (parsed.GetValue(_matrix) is { } matrix)
            spec.Matrix = OptionText.Matrix(_matrix.Name, matrix);
        if (spec is { AllCrises: false, Crises.Count: 0, ScenariosJson.Length: 0, Ladders.Count: 0, Matrix: null })
            spec.AllCrises = true;
        spec.FactorClasses.Add(OptionText.List(parsed.GetValue(_classes)));
        return spec;
    }
}
