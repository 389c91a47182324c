namespace RiskGrid.Cli.Plots;

/// <summary>Colours and measures that all plots share. The colours are told apart by the colour-blind as well (Okabe and Ito's palette).</summary>
internal static class PlotLook
{
    public const double Width = 880;
    public const double Margin = 24;
    public const double FontSize = 12;
    public const double TitleSize = 15;

    public const string Paper = "#ffffff";
    public const string Ink = "#222222";
    public const string Faint = "#6b6b6b";
    public const string Grid = "#e2e2e2";
    public const string Gain = "#0072b2";
    public const string Loss = "#d55e00";

    // Of the fonts that a viewer may have: wide enough for all of them.
    private const double CharacterWidth = 0.62;

    /// <summary>About how many pixels some words take.</summary>
    public static double WidthOf(string words, double size = FontSize) => words.Length * size * CharacterWidth;
}
