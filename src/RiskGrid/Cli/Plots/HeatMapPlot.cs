using System.Globalization;
using RiskGrid.Cli.Output;

namespace RiskGrid.Cli.Plots;

/// <summary>A grid of P&amp;L: losses in one colour, gains in another, the stronger the larger.</summary>
internal static class HeatMapPlot
{
    private const double CellHeight = 30;
    private const double Top = 62;
    private const double RowNames = 92;
    private const double MostCellWidth = 110;

    // Beyond this share of the strongest colour, words are read better in white.
    private const double Dark = 0.6;

    /// <param name="heading">Above it.</param>
    /// <param name="unit">Of the amounts: <c>USD</c>.</param>
    /// <param name="down">What the rows are, and their names.</param>
    /// <param name="across">What the columns are, and their names.</param>
    /// <param name="pnl">Of row and column; null where there is none.</param>
    public static SvgPanel Create(
        string heading, string unit, (string Title, IReadOnlyList<string> Names) down, (string Title, IReadOnlyList<string> Names) across, Func<int, int, double?> pnl)
    {
        var panel = new SvgPanel(PlotLook.Width, Top + (down.Names.Count * CellHeight) + 8);
        var cells = Enumerable.Range(0, down.Names.Count).SelectMany(r => Enumerable.Range(0, across.Names.Count).Select(c => pnl(r, c) ?? 0)).ToList();
        var (amounts, largest) = (Amounts.For(cells), cells.Select(Math.Abs).DefaultIfEmpty(0).Max());
        var left = PlotLook.Margin + RowNames;
        var width = Math.Min(MostCellWidth, (PlotLook.Width - PlotLook.Margin - left) / across.Names.Count);
        panel.Words(PlotLook.Margin, 12, $"{heading}, P&L in {amounts.Caption(unit)}");
        panel.Words(left, 34, across.Title, colour: PlotLook.Faint);
        panel.Words(left - 8, Top - 8, down.Title, "end", PlotLook.Faint);
        for (var column = 0; column < across.Names.Count; column++)
            panel.Words(left + ((column + 0.5) * width), Top - 8, across.Names[column], "middle");
        for (var row = 0; row < down.Names.Count; row++)
        {
            var y = Top + (row * CellHeight);
            panel.Words(left - 8, y + (CellHeight / 2) + 4, down.Names[row], "end");
            for (var column = 0; column < across.Names.Count; column++)
            {
                var value = pnl(row, column);
                var share = largest == 0 ? 0 : Math.Abs(value ?? 0) / largest;
                var words = amounts.Text(value);
                panel.Box(left + (column * width), y, width - 1, CellHeight - 1, Colour(value ?? 0, share), $"{down.Names[row]}, {across.Names[column]}: {words}");
                if (PlotLook.WidthOf(words) < width)
                    panel.Words(left + ((column + 0.5) * width), y + (CellHeight / 2) + 4, words, "middle", share > Dark ? PlotLook.Paper : PlotLook.Ink);
            }
        }

        return panel;
    }

    // From white to the full colour of gain or loss.
    private static string Colour(double value, double share)
    {
        var full = int.Parse((value < 0 ? PlotLook.Loss : PlotLook.Gain).AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int Mixed(int shift) => (int)Math.Round(255 + (share * (((full >> shift) & 0xff) - 255)));
        return string.Create(CultureInfo.InvariantCulture, $"#{Mixed(16):x2}{Mixed(8):x2}{Mixed(0):x2}");
    }
}
