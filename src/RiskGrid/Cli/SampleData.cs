namespace RiskGrid.Cli;

/// <summary>Where the sample market lies.</summary>
internal static class SampleData
{
    private const string Marker = "SOURCES.md";

    /// <summary>The folder <c>data/</c> of the checkout that the program was built from, else of the current folder.</summary>
    public static string DefaultFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "data");
            if (File.Exists(Path.Combine(data, Marker)))
                return data;
        }

        return Path.GetFullPath("data");
    }

    public static string Chain(string folder) => Existing(folder, "options", "spx-chain-2026-01-30.csv.gz");

    public static string History(string folder) => Existing(folder, "history", "history-panel.csv.gz");

    private static string Existing(string folder, string sub, string file)
    {
        var path = Path.Combine(folder, sub, file);
        return File.Exists(path) ? path : throw new UsageException($"{path} does not exist; name the folder that holds {sub}/ with --data");
    }
}
