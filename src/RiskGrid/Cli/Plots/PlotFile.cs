using System.Globalization;
using System.Security;
using System.Text;
using System.Xml;

namespace RiskGrid.Cli.Plots;

/// <summary>Panels below each other in one self-contained SVG file: no scripts, no fonts or pictures from elsewhere.</summary>
internal static class PlotFile
{
    private const double HeaderHeight = 64;

    /// <summary>The file's text.</summary>
    /// <param name="title">Above all panels.</param>
    /// <param name="subtitle">Below the title; may be empty.</param>
    /// <param name="panels">From top to bottom.</param>
    public static string Text(string title, string subtitle, IReadOnlyList<SvgPanel> panels)
    {
        var height = HeaderHeight + panels.Select(p => p.Height + PlotLook.Margin).Aggregate(0.0, (sum, h) => sum + h);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {PlotLook.Width} {height:0}\" width=\"{PlotLook.Width}\" height=\"{height:0}\" font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{Escaped(title)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{PlotLook.Paper}\"/>\n");
        var header = new SvgPanel(PlotLook.Width, HeaderHeight);
        header.Words(PlotLook.Margin, 24, title, size: PlotLook.TitleSize);
        header.Words(PlotLook.Margin, 42, subtitle, colour: PlotLook.Faint);
        text.Append(header.Shapes);
        var top = HeaderHeight;
        foreach (var panel in panels)
        {
            text.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {top:0.##})\">\n{panel.Shapes}</g>\n");
            top += panel.Height + PlotLook.Margin;
        }

        return text.Append("</svg>\n").ToString();
    }

    /// <summary>Words as XML holds them: marked-up characters escaped, those that no XML document may hold (control characters, halves of pairs) replaced.</summary>
    public static string Escaped(string words)
    {
        var sound = new StringBuilder(words.Length);
        foreach (var rune in words.EnumerateRunes())
            sound.Append(rune.Value < ' ' || (rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value)) ? Rune.ReplacementChar.ToString() : rune.ToString());
        return SecurityElement.Escape(sound.ToString());
    }

    /// <summary>Refuses a file that could not be written, before hours of computing come to nothing.</summary>
    /// <exception cref="UsageException">Its folder does not exist.</exception>
    public static void RequireFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder || !Directory.Exists(folder))
            throw new UsageException($"--plot: there is no folder for {path}");
    }

    /// <summary>Writes a file's text, beside the target first, so that a failure leaves no half file.</summary>
    public static async Task SaveAsync(string path, string text, CancellationToken cancellationToken)
    {
        var draft = path + ".partial";
        await File.WriteAllTextAsync(draft, text, cancellationToken);
        File.Move(draft, path, overwrite: true);
    }
}
