using System.Globalization;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>A P&amp;L explain: a row per line, the scope with its shares, then its children.</summary>
internal static class ExplainTable
{
    /// <param name="nodes">The scope first.</param>
    /// <param name="currency">Of the amounts.</param>
    /// <param name="width">Characters in a line.</param>
    public static Table Create(IReadOnlyList<NodeRisk> nodes, string currency, int width)
    {
        var top = nodes[0];
        var amounts = Amounts.For(top.Explain.Select(l => l.Pnl));
        List<TableColumnOf<ExplainLine>> columns =
        [
            new(top.Path, l => amounts.Text(l.Pnl)),
            new("of gross", l => l.HasPercentOfGross ? string.Create(CultureInfo.InvariantCulture, $"{l.PercentOfGross:#,0.00;-#,0.00;0.00} %") : ""),
            .. nodes.Skip(1).Select(node => new TableColumnOf<ExplainLine>(
                node.Path, line => amounts.Text(node.Explain.FirstOrDefault(l => l.Name == line.Name)?.Pnl))),
        ];
        return FittedTable.Create("", "P&L", [.. top.Explain], l => l.Name, columns, amounts.Caption(currency), width);
    }
}
