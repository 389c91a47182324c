using System.Globalization;
using RiskGrid.Cli.Output;

namespace RiskGrid.Cli.Plots;

/// <summary>A value marked in a distribution, such as a VaR.</summary>
/// <param name="Name">Its name: <c>VaR 99 %</c>.</param>
/// <param name="Pnl">Where it stands on the axis of P&amp;L: minus the loss.</param>
internal sealed record PlotMark(string Name, double Pnl);

/// <summary>The distribution of a P&amp;L vector, losses on the left, with marks.</summary>
internal static class HistogramPlot
{
    private const int Bins = 90;
    private const double PlotHeight = 260;
    private const double MarkLine = 16;
    private const double AxisHeight = 44;

    /// <param name="heading">Above it.</param>
    /// <param name="unit">Of the numbers: <c>USD</c>.</param>
    /// <param name="pnl">At least one number.</param>
    /// <param name="marks">In any order; P&amp;L below the mildest is coloured as the tail.</param>
    public static SvgPanel Create(string heading, string unit, IReadOnlyList<double> pnl, IReadOnlyList<PlotMark> marks)
    {
        var top = 24 + (MarkLine * marks.Count) + 6;
        var panel = new SvgPanel(PlotLook.Width, top + PlotHeight + AxisHeight);
        panel.Words(PlotLook.Margin, 12, heading);
        var ends = pnl.Concat(marks.Select(m => m.Pnl)).ToList();
        var across = new PlotScale(ends.Min(), ends.Max(), PlotLook.Margin + 30, PlotLook.Width - PlotLook.Margin);
        var counts = Count(pnl, across);
        var up = new PlotScale(0, counts.Max(), top + PlotHeight, top);
        var amounts = Amounts.For([across.Low, across.High]);
        foreach (var tick in up.Ticks(5).Where(double.IsInteger))
        {
            panel.Line(across.At(across.Low), up.At(tick), across.At(across.High), up.At(tick), PlotLook.Grid);
            panel.Words(across.At(across.Low) - 6, up.At(tick) + 4, tick.ToString("N0", CultureInfo.InvariantCulture), "end", PlotLook.Faint);
        }

        var width = (across.High - across.Low) / Bins;
        var tail = marks.Count == 0 ? double.NegativeInfinity : marks.Max(m => m.Pnl);
        for (var bin = 0; bin < Bins; bin++)
        {
            if (counts[bin] == 0)
                continue;
            var from = across.Low + (bin * width);
            var hint = string.Create(CultureInfo.InvariantCulture, $"{counts[bin]:N0} scenarios from {amounts.Text(from)} to {amounts.Text(from + width)}");
            panel.Box(across.At(from), up.At(counts[bin]), across.At(from + width) - across.At(from) - 0.5, up.At(0) - up.At(counts[bin]), from < tail ? PlotLook.Loss : PlotLook.Gain, hint);
        }

        // Words stand right of their line: the worst loss on top, so that no other line runs through them.
        var line = 24.0;
        foreach (var mark in marks.OrderBy(m => m.Pnl))
            Mark(panel, across.At(mark.Pnl), line += MarkLine, up.At(0), $"{mark.Name}: {amounts.Text(-mark.Pnl)}");
        panel.Line(across.At(across.Low), up.At(0), across.At(across.High), up.At(0), PlotLook.Ink);
        foreach (var tick in across.Ticks(8))
        {
            panel.Line(across.At(tick), up.At(0), across.At(tick), up.At(0) + 5, PlotLook.Ink);
            panel.Words(across.At(tick), up.At(0) + 18, tick == 0 ? "0" : amounts.Text(tick), "middle", PlotLook.Faint);
        }

        panel.Words(PlotLook.Width / 2, up.At(0) + 38, $"P&L in {amounts.Caption(unit)}; scenarios upwards", "middle", PlotLook.Faint);
        return panel;
    }

    private static int[] Count(IReadOnlyList<double> pnl, PlotScale across)
    {
        var counts = new int[Bins];
        foreach (var value in pnl)
            counts[Math.Clamp((int)((value - across.Low) / (across.High - across.Low) * Bins), 0, Bins - 1)]++;
        return counts;
    }

    private static void Mark(SvgPanel panel, double x, double top, double bottom, string words)
    {
        panel.Line(x, top - 10, x, bottom, PlotLook.Ink, 1.2, dashed: true);
        var fits = x + 6 + PlotLook.WidthOf(words) < PlotLook.Width;
        panel.Words(fits ? x + 5 : x - 5, top, words, fits ? "start" : "end");
    }
}
