using Spectre.Console;
using Spectre.Console.Rendering;

namespace RiskGrid.Tests.Runs;

/// <summary>A table as the characters that a terminal of some width would show.</summary>
internal static class Rendered
{
    public static string Text(IRenderable table, int width = 200)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = width;
        console.Write(table);
        return writer.ToString();
    }

    /// <summary>The line of a table whose first word is this.</summary>
    public static string Line(string text, string first) => Assert.Single(text.Split('\n'), l => l.TrimStart().StartsWith(first + " ", StringComparison.Ordinal));

    /// <summary>The words of a line.</summary>
    public static string[] Words(string line) => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
