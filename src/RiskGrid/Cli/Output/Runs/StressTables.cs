using System.Globalization;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>P&amp;L under stress: a row per scenario, the scope and its children beside each other; a grid for a spot × volatility matrix.</summary>
internal static class StressTables
{
    private const string MatrixGroup = "matrix";

    /// <param name="nodes">The scope first.</param>
    /// <param name="currency">Of the amounts.</param>
    /// <param name="width">Characters in a line.</param>
    public static IEnumerable<Table> Create(IReadOnlyList<NodeRisk> nodes, string currency, int width)
    {
        var top = nodes[0];
        var amounts = Amounts.For(top.Stress.Select(s => s.Pnl));
        foreach (var group in top.Stress.Select((s, i) => (Scenario: s, Index: i)).GroupBy(s => s.Scenario.Group, StringComparer.Ordinal))
        {
            var rows = group.ToList();
            if (group.Key == MatrixGroup)
            {
                yield return Matrix(top.Path, [.. rows.Select(r => r.Scenario)], amounts, currency);
                continue;
            }

            var columns = new List<TableColumnOf<(StressPnl Scenario, int Index)>> { new(top.Path, r => amounts.Text(r.Scenario.Pnl)) };
            columns.AddRange(rows.SelectMany(r => r.Scenario.Classes.Select(c => c.Name)).Distinct(StringComparer.Ordinal)
                .Select(name => new TableColumnOf<(StressPnl Scenario, int Index)>(
                    name, r => amounts.Text(r.Scenario.Classes.FirstOrDefault(c => c.Name == name) is { HasPnl: true } part ? part.Pnl : null))));
            columns.AddRange(nodes.Skip(1).OrderByDescending(n => n.Stress.Select(s => Math.Abs(s.Pnl)).DefaultIfEmpty(0).Max()).ThenBy(n => n.Path, StringComparer.Ordinal)
                .Select(node => new TableColumnOf<(StressPnl Scenario, int Index)>(
                    Relative(node.Path, top.Path), r => amounts.Text(r.Index < node.Stress.Count ? node.Stress[r.Index].Pnl : null))));
            yield return FittedTable.Create(group.Key, "scenario", rows, r => Name(r.Scenario), columns, $"P&L in {amounts.Caption(currency)}; negative is a loss", width);
        }
    }

    private static Table Matrix(string path, IReadOnlyList<StressPnl> cells, Amounts amounts, string currency)
    {
        var (spots, vols) = (Axis(cells, c => c.SpotMove), Axis(cells, c => c.VolatilityMove));
        var table = new Table().Border(TableBorder.Simple).Title(new TableTitle(Markup.Escape($"{path}: spot down, volatility across")));
        table.AddColumn(new TableColumn("spot").NoWrap());
        foreach (var vol in vols)
            table.AddColumn(new TableColumn(Markup.Escape($"vol {Move(vol)}")).RightAligned().NoWrap());
        foreach (var spot in spots)
        {
            table.AddRow([new Text(Move(spot)), .. vols.Select(vol => new Text(
                amounts.Text(cells.FirstOrDefault(c => c.SpotMove.Equals(spot) && c.VolatilityMove.Equals(vol))?.Pnl)))]);
        }

        return table.Caption(new TableTitle(Markup.Escape($"P&L in {amounts.Caption(currency)}; negative is a loss")));
    }

    /// <summary>A scenario within its group: <c>spot -10%</c> of <c>ladder-1: spot -10%</c>.</summary>
    public static string Name(StressPnl scenario) =>
        scenario.Scenario.StartsWith($"{scenario.Group}: ", StringComparison.Ordinal) ? scenario.Scenario[(scenario.Group.Length + 2)..] : scenario.Scenario;

    /// <summary>A relative move: <c>-10 %</c>.</summary>
    public static string Move(double move) => string.Create(CultureInfo.InvariantCulture, $"{100 * move:+0.##;-0.##;0} %");

    /// <summary>The different moves along one axis of a matrix, in order.</summary>
    public static List<double> Axis(IReadOnlyList<StressPnl> cells, Func<StressPnl, double> value) => [.. cells.Select(value).Distinct().Order()];

    private static string Relative(string path, string top) => top == "/" || !path.StartsWith(top + "/", StringComparison.Ordinal) ? path : path[(top.Length + 1)..];
}
