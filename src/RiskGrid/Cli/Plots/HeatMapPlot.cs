using System.Globalization;

namespace RiskGrid.Cli.Plots;

/// <summary>A matrix of P&amp;L over two shocks: losses orange, gains green, the number in every cell.</summary>
internal static class HeatMapPlot
{
    private const double CellWidth = 82;
    private const double CellHeight = 34;
    private const double Left = 120;
    private const double Top = 62;
    private const double Bottom = 66;

    /// <param name="title">Stands above.</param>
    /// <param name="acrossName">What changes from left to right: spot shock.</param>
    /// <param name="across">The label of each column.</param>
    /// <param name="downName">What changes from top to bottom: volatility shock.</param>
    /// <param name="down">The label of each row.</param>
    /// <param name="values">Row by row.</param>
    public static SvgCanvas Draw(string title, string acrossName, IReadOnlyList<string> across, string downName, IReadOnlyList<string> down, IReadOnlyList<double> values)
    {
        if (values.Count != across.Count * down.Count)
            throw new ArgumentException($"{values.Count} values are not {down.Count} rows of {across.Count}");
        var width = Math.Max(Left + (CellWidth * across.Count) + 24, 420);
        var (right, bottom) = (Left + (CellWidth * across.Count), Top + (CellHeight * down.Count));
        var canvas = new SvgCanvas(width, bottom + Bottom, title);
        canvas.Text(20, 28, SvgCanvas.Fit(title, width - 40, 16), size: 16, bold: true);
        var largest = values.Max(Math.Abs);
        for (var row = 0; row < down.Count; row++)
        {
            var y = Top + (CellHeight * row);
            canvas.Text(Left - 8, y + (CellHeight / 2) + 4, SvgCanvas.Fit(down[row], Left - 44), TextAnchor.End);
            for (var column = 0; column < across.Count; column++)
            {
                var (x, value) = (Left + (CellWidth * column), values[(row * across.Count) + column]);
                canvas.Rectangle(x, y, CellWidth - 1, CellHeight - 1, Colour(largest > 0 ? value / largest : 0), $"{downName} {down[row]}, {acrossName} {across[column]}: {PlotScale.Number(value)}");
                canvas.Text(x + ((CellWidth - 1) / 2), y + (CellHeight / 2) + 4, PlotScale.Number(value), TextAnchor.Middle);
            }
        }

        for (var column = 0; column < across.Count; column++)
            canvas.Text(Left + (CellWidth * (column + 0.5)), bottom + 18, SvgCanvas.Fit(across[column], CellWidth - 4), TextAnchor.Middle);
        canvas.Text((Left + right) / 2, bottom + 44, acrossName, TextAnchor.Middle);
        canvas.Text(22, (Top + bottom) / 2, downName, TextAnchor.Middle, upwards: true);
        return canvas;
    }

    // From white to a tone on which dark text still reads.
    private static string Colour(double share)
    {
        var (red, green, blue) = share < 0 ? (240, 140, 80) : (90, 190, 150);
        var strength = Math.Abs(share);
        return string.Create(CultureInfo.InvariantCulture, $"#{Mix(red):x2}{Mix(green):x2}{Mix(blue):x2}");
        int Mix(int tone) => (int)Math.Round(255 - (strength * (255 - tone)));
    }
}
