using RiskGrid.Cli.Output;

namespace RiskGrid.Cli.Plots;

/// <summary>Named amounts as bars from a common zero: contributions to a risk, lines of an explain, P&amp;L under scenarios.</summary>
internal static class BarsPlot
{
    private const double BarHeight = 20;
    private const double Gap = 5;
    private const double Top = 24;
    private const double MostNameWidth = 300;

    /// <param name="heading">Above it.</param>
    /// <param name="unit">Of the amounts: <c>USD</c>.</param>
    /// <param name="bars">From top to bottom, at least one.</param>
    /// <param name="positiveIsLoss">Colours a positive amount as a loss, as in a contribution to VaR.</param>
    public static SvgPanel Create(string heading, string unit, IReadOnlyList<(string Name, double Amount)> bars, bool positiveIsLoss)
    {
        var panel = new SvgPanel(PlotLook.Width, Top + (bars.Count * (BarHeight + Gap)) + 24);
        var amounts = Amounts.For(bars.Select(b => b.Amount));
        panel.Words(PlotLook.Margin, 12, $"{heading}, in {amounts.Caption(unit)}");
        var names = Math.Min(MostNameWidth, bars.Max(b => PlotLook.WidthOf(b.Name))) + 8;
        var numbers = bars.Max(b => PlotLook.WidthOf(amounts.Text(b.Amount))) + 8;
        var (low, high) = (Math.Min(0, bars.Min(b => b.Amount)), Math.Max(0, bars.Max(b => b.Amount)));

        // A bar's number stands beyond its end, on either side of zero.
        var left = PlotLook.Margin + names + (low < 0 ? numbers : 0);
        var across = new PlotScale(low, high, left, PlotLook.Width - PlotLook.Margin - (high > 0 ? numbers : 0));
        for (var i = 0; i < bars.Count; i++)
        {
            var ((name, amount), y) = (bars[i], Top + (i * (BarHeight + Gap)));
            var baseline = y + (BarHeight / 2) + 4;
            panel.Words(PlotLook.Margin + names - 8, baseline, Shortened(name), "end");
            var (from, to) = (Math.Min(across.At(0), across.At(amount)), Math.Max(across.At(0), across.At(amount)));
            panel.Box(from, y, Math.Max(0.5, to - from), BarHeight, amount > 0 == positiveIsLoss ? PlotLook.Loss : PlotLook.Gain, $"{name}: {amounts.Text(amount)}");
            panel.Words(amount < 0 ? from - 5 : to + 5, baseline, amounts.Text(amount), amount < 0 ? "end" : "start", PlotLook.Faint);
        }

        panel.Line(across.At(0), Top - 4, across.At(0), Top + (bars.Count * (BarHeight + Gap)), PlotLook.Ink);
        return panel;
    }

    private static string Shortened(string name)
    {
        var most = (int)(MostNameWidth / PlotLook.WidthOf("x"));
        return name.Length <= most ? name : $"...{name[^(most - 3)..]}";
    }
}
