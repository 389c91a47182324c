using System.Globalization;
using System.Text;

namespace RiskGrid.Cli.Plots;

/// <summary>Where a text stands from.</summary>
internal enum TextAnchor
{
    /// <summary>It begins there.</summary>
    Start,

    /// <summary>Its middle is there.</summary>
    Middle,

    /// <summary>It ends there.</summary>
    End,
}

/// <summary>One SVG picture that needs nothing but itself: no scripts, fonts or links. Coordinates are pixels from the top left.</summary>
internal sealed class SvgCanvas
{
    public const string Ink = "#1f2933";
    public const string Faint = "#d9dee4";
    public const double FontSize = 12;

    // The mean width of a character of a common sans-serif face, as a share of its size; a little too wide on purpose.
    private const double CharacterWidth = 0.62;

    private readonly StringBuilder _body = new();
    private readonly double _width;
    private readonly double _height;
    private readonly string _title;

    public SvgCanvas(double width, double height, string title) => (_width, _height, _title) = (width, height, title);

    /// <summary>How much room a text takes at most.</summary>
    public static double WidthOf(string text, double size = FontSize) => text.Length * size * CharacterWidth;

    /// <summary>A text that fits a width, cut with an ellipsis where it does not.</summary>
    public static string Fit(string text, double width, double size = FontSize)
    {
        var most = (int)(width / (size * CharacterWidth));
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, Math.Max(1, most - 1)), "…");
    }

    public void Rectangle(double x, double y, double width, double height, string fill, string? tip = null) =>
        _body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{fill}\"")
            .Append(tip is null ? "/>\n" : $"><title>{Escape(tip)}</title></rect>\n");

    public void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1, string? dashes = null) =>
        _body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{stroke}\" stroke-width=\"{width:0.##}\"")
            .Append(dashes is null ? "/>\n" : $" stroke-dasharray=\"{dashes}\"/>\n");

    public void Text(double x, double y, string text, TextAnchor anchor = TextAnchor.Start, double size = FontSize, string fill = Ink, bool bold = false, bool upwards = false)
    {
        var turned = upwards ? string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate(-90 {x:0.##} {y:0.##})\"") : string.Empty;
        _body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" font-size=\"{size:0.##}\" fill=\"{fill}\" text-anchor=\"{anchor.ToString().ToLowerInvariant()}\"")
            .Append(bold ? " font-weight=\"bold\"" : string.Empty).Append(turned).Append('>').Append(Escape(text)).Append("</text>\n");
    }

    /// <summary>Writes the picture beside its target first, so that a failure leaves no half file.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        var draft = path + ".partial";
        await File.WriteAllTextAsync(draft, ToString(), cancellationToken);
        File.Move(draft, path, overwrite: true);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{_width:0.##}\" height=\"{_height:0.##}\" viewBox=\"0 0 {_width:0.##} {_height:0.##}\" font-family=\"sans-serif\" role=\"img\">\n<title>{Escape(_title)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{_body}</svg>\n");

    // Control characters have no place in XML 1.0, not even escaped.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            escaped.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                _ => char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE' ? "\uFFFD" : c.ToString(),
            });
        }

        return escaped.ToString();
    }
}
