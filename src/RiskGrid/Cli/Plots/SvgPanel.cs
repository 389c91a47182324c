using System.Globalization;
using System.Text;

namespace RiskGrid.Cli.Plots;

/// <summary>A piece of a plot under construction: shapes and words at pixels from its upper left corner, in the one look of all plots.</summary>
internal sealed class SvgPanel(double width, double height)
{
    private readonly StringBuilder _shapes = new();

    public double Width => width;

    public double Height => height;

    /// <summary>Everything drawn so far, as SVG elements.</summary>
    public string Shapes => _shapes.ToString();

    /// <param name="x">Left.</param>
    /// <param name="y">Top.</param>
    /// <param name="w">Width.</param>
    /// <param name="h">Height.</param>
    /// <param name="fill">Colour.</param>
    /// <param name="hint">Shown while the pointer is over it.</param>
    public void Box(double x, double y, double w, double h, string fill, string hint = "")
    {
        var start = $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\" fill=\"{fill}\"";
        _shapes.Append(hint.Length == 0 ? $"{start}/>\n" : $"{start}><title>{PlotFile.Escaped(hint)}</title></rect>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string colour, double thickness = 1, bool dashed = false) => _shapes.Append(CultureInfo.InvariantCulture,
        $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{colour}\" stroke-width=\"{N(thickness)}\"{(dashed ? " stroke-dasharray=\"5 3\"" : "")}/>\n");

    /// <param name="x">Where the words stand, end or have their middle.</param>
    /// <param name="y">Their baseline.</param>
    /// <param name="words">The words.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="colour">Colour.</param>
    /// <param name="size">In pixels.</param>
    public void Words(double x, double y, string words, string anchor = "start", string colour = PlotLook.Ink, double size = PlotLook.FontSize) => _shapes.Append(
        $"<text x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\" fill=\"{colour}\" font-size=\"{N(size)}\">{PlotFile.Escaped(words)}</text>\n");

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
