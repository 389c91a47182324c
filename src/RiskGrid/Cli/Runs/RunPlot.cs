using RiskGrid.Cli.Output.Runs;
using RiskGrid.Cli.Plots;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>The plot of a finished run: the distributions that it keeps with VaR and ES, what its numbers are made of, its stresses.</summary>
internal static class RunPlot
{
    private const int MostBars = 25;
    private const string MatrixGroup = "matrix";

    /// <summary>Writes the plot of a run's scope.</summary>
    public static async Task SaveAsync(RiskGridClient client, Run run, string path, CancellationToken cancellationToken)
    {
        var vectors = new Dictionary<string, RunVector>(StringComparer.Ordinal);
        if (run.Spec.Stress is null)
        {
            foreach (var leg in run.Result.Legs.Where(l => l.VectorsKept && run.Result.Nodes[0].Failure.Length == 0))
                vectors[leg.Name] = await client.GetRunVectorAsync(run.RunId, run.Result.Nodes[0].Path, leg.Name, cancellationToken);
        }

        var panels = Panels(run, vectors);
        if (panels.Count == 0)
            throw new InvalidDataException($"--plot: {run.RunId} has nothing to show");
        var node = run.Result.Nodes[0];
        var text = PlotFile.Text($"{node.Path}: {RunText.Title(run.Spec)}", $"{run.RunId}, result {RunText.Short(run.ResultHash)}, {node.Coverage?.Trades ?? 0:N0} trades", panels);
        await PlotFile.SaveAsync(path, text, cancellationToken);
    }

    /// <summary>The panels of a run.</summary>
    /// <param name="run">With a result.</param>
    /// <param name="vectors">The scope's vectors by leg, as far as they are kept.</param>
    public static IReadOnlyList<SvgPanel> Panels(Run run, IReadOnlyDictionary<string, RunVector> vectors)
    {
        var currency = run.Inputs?.ReportingCurrency ?? string.Empty;
        var node = run.Result.Nodes[0];
        var panels = new List<SvgPanel>();
        foreach (var (leg, vector) in run.Result.Legs.Where(l => vectors.ContainsKey(l.Name)).Select(l => (l.Name, vectors[l.Name])))
        {
            var marks = node.Measures.Where(m => VarTables.Days(m.HorizonDays).Replace(" ", "", StringComparison.Ordinal) == leg)
                .SelectMany(m => (PlotMark[])[new($"VaR {VarTables.Level(m)}", -m.ValueAtRisk), new($"ES {VarTables.Level(m)}", -m.ExpectedShortfall)]).ToList();
            panels.Add(HistogramPlot.Create($"{leg}: P&L under {vector.Pnl.Count:N0} scenarios", currency, vector.Pnl, marks));
        }

        foreach (var measure in node.Measures)
        {
            var name = VarTables.Name(measure);
            foreach (var (what, parts) in (ReadOnlySpan<(string, IReadOnlyList<RiskComponent>)>)[("child", measure.Children), ("factor class", measure.Classes), ("trade", measure.Trades)])
            {
                var bars = parts.Where(p => p.HasComponentEs).Select(p => (p.Name, p.ComponentEs)).OrderByDescending(p => Math.Abs(p.ComponentEs)).Take(MostBars).ToList();
                if (bars.Count > 0)
                    panels.Add(BarsPlot.Create($"Component ES by {what}, {name}", currency, bars, positiveIsLoss: true));
            }
        }

        foreach (var group in node.Stress.GroupBy(s => s.Group, StringComparer.Ordinal))
            panels.Add(group.Key == MatrixGroup ? Matrix([.. group], currency) : BarsPlot.Create($"P&L, {group.Key}", currency, [.. group.Select(s => (StressTables.Name(s), s.Pnl))], positiveIsLoss: false));
        if (node.Explain.Count > 0)
            panels.Add(BarsPlot.Create("P&L explain", currency, [.. node.Explain.Select(l => (l.Name, l.Pnl))], positiveIsLoss: false));

        // No vector is kept and nothing was taken apart: the nodes beside each other.
        if (panels.Count == 0 && node.Measures.Count > 0)
        {
            var bars = RunText.Within(run, 1).Where(n => n.Measures.Count > 0).Take(MostBars).Select(n => (n.Path, n.Measures[^1].ValueAtRisk)).ToList();
            panels.Add(BarsPlot.Create($"VaR by node, {VarTables.Name(node.Measures[^1])}", currency, bars, positiveIsLoss: true));
        }

        return panels;
    }

    private static SvgPanel Matrix(IReadOnlyList<StressPnl> cells, string currency)
    {
        var (spots, vols) = (StressTables.Axis(cells, c => c.SpotMove), StressTables.Axis(cells, c => c.VolatilityMove));
        return HeatMapPlot.Create(
            "Spot x volatility", currency, ("spot", [.. spots.Select(StressTables.Move)]), ("volatility", [.. vols.Select(StressTables.Move)]),
            (row, column) => cells.FirstOrDefault(c => c.SpotMove.Equals(spots[row]) && c.VolatilityMove.Equals(vols[column]))?.Pnl);
    }
}
