namespace RiskGrid.Kernels.Tests;

internal static class Repository
{
    /// <summary>The folder that holds RiskGrid.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} holds RiskGrid.sln");
    }
}
