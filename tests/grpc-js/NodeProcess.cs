using System.Diagnostics;
using System.Text.Json;

namespace RiskGrid.Testing;

/// <summary>Runs the Node clients of tests/grpc-js. Compiled into each test project that links this file.</summary>
internal static class NodeProcess
{
    // Includes the first installation of the packages.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a script to its end; returns its exit status and the JSON documents it printed, one a line. Fails the test when Node is
    /// not installed or the script does not end.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<JsonElement> Lines, string Errors)> RunAsync(params string[] arguments)
    {
        var runner = Path.Combine(RepositoryRoot(), "tests", "grpc-js", "run.sh");
        var start = new ProcessStartInfo("bash", [runner, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        var lines = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{arguments[0]} did not end within {Limit}; it printed: {await lines} {await errors}");
        }

        // What the runner exits with when a tool is missing; its message says what to install.
        Assert.True(process.ExitCode != 127, $"cannot run the Node clients: {await errors}");
        var documents = (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);
        return (process.ExitCode, [.. documents], await errors);
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"no RiskGrid.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
