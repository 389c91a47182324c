using System.Globalization;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A finished run on the terminal: its tables, what they do not say, and how to have them again.</summary>
internal static class RunView
{
    private const int DefaultDepth = 1;

    /// <param name="run">With a result.</param>
    /// <param name="depth">Levels of nodes below the scope; null for one, -1 for all.</param>
    /// <param name="path">The node to show; the run's scope when null.</param>
    /// <exception cref="InvalidDataException">The run has no such node.</exception>
    public static void Show(Run run, int? depth, string? path = null)
    {
        if (run.Rerun is { } rerun)
            Lines(RerunText.Report(run, rerun));
        if (run.Result is { Nodes.Count: > 0 })
            ShowNodes(Scoped(run, path), depth ?? DefaultDepth);
        Lines(RunText.Footer(run));
    }

    // The run as if it had been asked for a node within its scope.
    private static Run Scoped(Run run, string? path)
    {
        if (path is null || path == run.Result.Nodes[0].Path)
            return run;
        var nodes = run.Result.Nodes.Where(n => n.Path == path || n.Path.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)).ToList();
        if (nodes.Count == 0 || nodes[0].Path != path)
            throw new InvalidDataException($"{run.RunId} has no node {path}: its scope is {run.Result.Nodes[0].Path}");
        var scoped = run.Clone();
        scoped.Result.Nodes.Clear();
        scoped.Result.Nodes.Add(nodes);
        return scoped;
    }

    private static void ShowNodes(Run run, int depth)
    {
        var nodes = RunText.Within(run, depth);
        var top = nodes[0];
        var currency = run.Inputs?.ReportingCurrency ?? string.Empty;
        var terminal = Terminal.Out;
        var width = terminal.Profile.Width;
        if (nodes.Any(n => n.Measures.Count > 0))
        {
            terminal.Write(VarTables.Nodes(nodes, currency, width));
            foreach (var table in VarTables.Parts(top, currency, width))
                terminal.Write(table);
            Lines(VarTables.Remarks(top));
            if (run.Spec?.Var?.Historical is { HasDecay: true } && top.EffectiveScenarios > 0)
                Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The weights leave {top.EffectiveScenarios:N0} effective scenarios (Kish)."));
        }

        if (top.Stress.Count > 0)
        {
            foreach (var table in StressTables.Create(nodes, currency, width))
                terminal.Write(table);
        }

        if (top.Explain.Count > 0)
            terminal.Write(ExplainTable.Create(nodes, currency, width));
        if (top.Backtests.Count > 0)
        {
            foreach (var table in BacktestTables.Create(nodes, width))
                terminal.Write(table);
            Lines(BacktestTables.Remarks(top));
        }

        if (run.Spec?.Pin is not null)
        {
            var amounts = Amounts.For([top.BaseValue]);
            Terminal.WriteLine($"{top.Path} is worth {amounts.Text(top.BaseValue)} {amounts.Caption(currency)}.");
        }

        Lines(RunText.Coverage(top));
    }

    private static void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Terminal.WriteLine(line);
    }
}
