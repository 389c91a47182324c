namespace RiskGrid.Cli.Plots;

/// <summary>Horizontal bars of signed contributions, largest first as given, with their sum below.</summary>
internal static class ContributionPlot
{
    private const double Width = 860;
    private const double Row = 24;
    private const double Top = 64;
    private const double Bottom = 62;
    private const double Right = 110;

    /// <param name="title">Stands above.</param>
    /// <param name="unit">What the axis measures, with its unit.</param>
    /// <param name="bars">Names and values, in the order to be shown; the last may be the total.</param>
    public static SvgCanvas Draw(string title, string unit, IReadOnlyList<(string Name, double Value)> bars)
    {
        var height = Top + (Row * bars.Count) + Bottom;
        var canvas = new SvgCanvas(Width, height, title);
        var longest = Math.Min(260, bars.Max(b => SvgCanvas.WidthOf(b.Name)));

        // Room for names, and for the number of a bar that points left.
        var left = longest + 100;
        var across = new PlotScale(Math.Min(0, bars.Min(b => b.Value)), Math.Max(0, bars.Max(b => b.Value)), left, Width - Right, 6);
        canvas.Text(20, 28, SvgCanvas.Fit(title, Width - 40, 16), size: 16, bold: true);
        var (plotTop, plotBottom) = (Top - 8, Top + (Row * bars.Count));
        foreach (var tick in across.Ticks)
        {
            canvas.Line(across.At(tick), plotTop, across.At(tick), plotBottom + 5, SvgCanvas.Faint);
            canvas.Text(across.At(tick), plotBottom + 20, across.Label(tick), TextAnchor.Middle);
        }

        for (var i = 0; i < bars.Count; i++)
        {
            var (name, value) = bars[i];
            var (y, zero, end) = (Top + (Row * i), across.At(0), across.At(value));
            canvas.Text(20, y + 13, SvgCanvas.Fit(name, longest + 2));
            canvas.Rectangle(Math.Min(zero, end), y, Math.Max(1, Math.Abs(end - zero)), Row - 7, value >= 0 ? "#c2410c" : "#0f766e", $"{name}: {PlotScale.Number(value)}");
            canvas.Text(value >= 0 ? end + 6 : end - 6, y + 13, PlotScale.Number(value), value >= 0 ? TextAnchor.Start : TextAnchor.End);
        }

        canvas.Line(across.At(0), plotTop, across.At(0), plotBottom, SvgCanvas.Ink);
        canvas.Text((left + Width - Right) / 2, plotBottom + 44, unit, TextAnchor.Middle);
        return canvas;
    }
}
