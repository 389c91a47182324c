using System.IO.Compression;
using RiskGrid.Pricing.Tests;

namespace RiskGrid.Risk.Tests;

internal static class Panels
{
    private static readonly Lazy<HistoryPanel> Shipped = new(() =>
    {
        using var file = File.OpenRead(RepositoryData.PathOf("history/history-panel.csv.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return HistoryPanel.Read(text, "history-panel.csv.gz");
    });

    /// <summary>The history that ships with the repository.</summary>
    public static HistoryPanel Real => Shipped.Value;

    public static HistoryPanel Of(params string[] lines) => HistoryPanel.Read(new StringReader(string.Join('\n', lines)), "test.csv");
}
