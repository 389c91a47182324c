namespace RiskGrid.Pricing.Tests;

/// <summary>Files below <c>data/</c> of the repository that the tests were built in.</summary>
internal static class RepositoryData
{
    public static string PathOf(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln")))
                return Path.Combine(folder.FullName, "data", relative);
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds RiskGrid.sln");
    }
}
