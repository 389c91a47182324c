using System.Globalization;

namespace RiskGrid.Cli.Plots;

/// <summary>One P&amp;L vector to draw, with what is marked in it.</summary>
/// <param name="Name">The node.</param>
/// <param name="Pnl">P&amp;L per scenario.</param>
/// <param name="Weights">Scenario weights; empty for equal ones.</param>
/// <param name="Marks">Losses to mark (positive for a loss), each with its name: VaR 99 %, ES 99 %.</param>
internal sealed record Distribution(string Name, IReadOnlyList<double> Pnl, IReadOnlyList<double> Weights, IReadOnlyList<LossMark> Marks);

/// <summary>A loss that a plot marks; the shortfall of a value at risk is drawn in the same colour, dashed.</summary>
internal readonly record struct LossMark(string Name, double Loss, bool IsShortfall);

/// <summary>The histogram of P&amp;L with value at risk and expected shortfall marked: one panel a node.</summary>
internal static class DistributionPlot
{
    private const double Width = 860;
    private const double PanelHeight = 340;
    private const double Left = 78;
    private const double Right = 24;
    private const double Top = 44;
    private const double Bottom = 58;
    private const double LegendLine = 18;

    private static readonly string[] Colours = ["#c2410c", "#7c3aed", "#0f766e", "#be185d", "#1d4ed8", "#854d0e"];

    /// <param name="title">Stands above all panels.</param>
    /// <param name="unit">The unit of the P&amp;L, for the axis.</param>
    /// <param name="nodes">At least one.</param>
    public static SvgCanvas Draw(string title, string unit, IReadOnlyList<Distribution> nodes)
    {
        const double Title = 40;
        var heights = nodes.Select(n => PanelHeight + (LegendLine * LegendRows(n.Marks))).ToList();
        var canvas = new SvgCanvas(Width, Title + heights.Aggregate(0.0, (sum, h) => sum + h), title);
        canvas.Text(Left, 27, SvgCanvas.Fit(title, Width - Left - Right, 16), size: 16, bold: true);
        var top = Title;
        for (var i = 0; i < nodes.Count; i++)
        {
            Panel(canvas, nodes[i], unit, top, heights[i]);
            top += heights[i];
        }

        return canvas;
    }

    private static int LegendRows(IReadOnlyList<LossMark> marks) => (marks.Count + 1) / 2;

    private static void Panel(SvgCanvas canvas, Distribution node, string unit, double top, double height)
    {
        var (from, to) = (node.Pnl.Min(), node.Pnl.Max());
        foreach (var mark in node.Marks)
            (from, to) = (Math.Min(from, 0 - mark.Loss), Math.Max(to, 0 - mark.Loss));
        var margin = (to - from) * 0.02;
        var across = new PlotScale(from - margin, to + margin, Left, Width - Right, 8);
        var bins = Bins(node, from, to);
        var (plotTop, plotBottom) = (top + Top + (LegendLine * LegendRows(node.Marks)), top + height - Bottom);
        var up = new PlotScale(0, bins.Max() * 1.05, plotBottom, plotTop, 5);
        canvas.Text(Left, top + 16, SvgCanvas.Fit($"{node.Name}: {node.Pnl.Count.ToString("N0", CultureInfo.InvariantCulture)} scenarios", Width - Left - Right, 13), size: 13, bold: true);
        Legend(canvas, node.Marks, top + 36);
        foreach (var tick in up.Ticks)
        {
            canvas.Line(Left, up.At(tick), Width - Right, up.At(tick), SvgCanvas.Faint);
            canvas.Text(Left - 8, up.At(tick) + 4, up.Label(tick), TextAnchor.End);
        }

        var binWidth = (to - from) / bins.Length;
        for (var i = 0; i < bins.Length; i++)
        {
            // Where all P&L are equal there is one bin, as wide as a tenth of the panel.
            var start = across.At(from + (i * binWidth)) - (binWidth > 0 ? 0 : 0.05 * (Width - Left - Right));
            var end = binWidth > 0 ? across.At(from + ((i + 1) * binWidth)) : start + (0.1 * (Width - Left - Right));
            if (bins[i] > 0)
                canvas.Rectangle(start, up.At(bins[i]), Math.Max(0.8, end - start - 0.6), plotBottom - up.At(bins[i]), "#7aa5d2", $"{PlotScale.Number(from + (i * binWidth))} to {PlotScale.Number(from + ((i + 1) * binWidth))}: {PlotScale.Number(bins[i])}");
        }

        for (var i = 0; i < node.Marks.Count; i++)
        {
            var x = across.At(0 - node.Marks[i].Loss);
            canvas.Line(x, plotTop, x, plotBottom, Colour(i), 2, node.Marks[i].IsShortfall ? "6 4" : null);
        }

        canvas.Line(Left, plotBottom, Width - Right, plotBottom, SvgCanvas.Ink);
        foreach (var tick in across.Ticks)
        {
            canvas.Line(across.At(tick), plotBottom, across.At(tick), plotBottom + 5, SvgCanvas.Ink);
            canvas.Text(across.At(tick), plotBottom + 19, across.Label(tick), TextAnchor.Middle);
        }

        canvas.Text((Left + Width - Right) / 2, plotBottom + 40, $"P&L ({unit}; losses to the left)", TextAnchor.Middle);
        canvas.Text(18, (plotTop + plotBottom) / 2, node.Weights.Count == 0 ? "scenarios" : "weight (%)", TextAnchor.Middle, upwards: true);
    }

    private static void Legend(SvgCanvas canvas, IReadOnlyList<LossMark> marks, double top)
    {
        var column = (Width - Left - Right) / 2;
        for (var i = 0; i < marks.Count; i++)
        {
            var (x, y) = (Left + (i % 2 * column), top + (i / 2 * LegendLine));
            canvas.Line(x, y - 4, x + 26, y - 4, Colour(i), 2, marks[i].IsShortfall ? "6 4" : null);
            canvas.Text(x + 34, y, SvgCanvas.Fit($"{marks[i].Name}: {PlotScale.Number(marks[i].Loss)}", column - 44));
        }
    }

    // A value at risk and its shortfall come one after the other.
    private static string Colour(int mark) => Colours[mark / 2 % Colours.Length];

    /// <summary>Scenarios (or per cent of the weight) in equal bins, 4·∛N of them and 100 at most: twice Rice University's rule, for the tail's sake.</summary>
    private static double[] Bins(Distribution node, double from, double to)
    {
        var count = 5;
        while (count < 100 && (long)count * count * count < 64L * node.Pnl.Count)
            count++;
        var bins = new double[to > from ? count : 1];
        var total = node.Weights.Aggregate(0.0, (sum, w) => sum + w);
        for (var i = 0; i < node.Pnl.Count; i++)
        {
            var bin = to > from ? (int)Math.Min(bins.Length - 1, (node.Pnl[i] - from) / (to - from) * bins.Length) : 0;
            bins[bin] += node.Weights.Count == 0 ? 1 : 100 * node.Weights[i] / total;
        }

        return bins;
    }
}
