namespace RiskGrid.Acceptance.Processes;

/// <summary>Files of the checkout that the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Chain => Path.Combine(Root, "data", "options", "spx-chain-2026-01-30.csv.gz");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no RiskGrid.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
