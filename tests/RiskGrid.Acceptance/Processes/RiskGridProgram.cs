using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RiskGrid.Acceptance.Processes;

/// <summary>The program under test, as it ships, run as a process of its own.</summary>
internal static class RiskGridProgram
{
    // Far above what any command needs on a quiet machine: the tests share theirs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    // Beside this assembly lies one that was not compiled ahead of time. The last two folders are Release/net10.0 of both.
    private static readonly string Assembly = Path.Combine(
        RepositoryFiles.Root, "src", "RiskGrid", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, new DirectoryInfo(AppContext.BaseDirectory).Name, "riskgrid.dll");

    // <dotnet>/shared/Microsoft.NETCore.App/<version>/ is where the runtime of this process lies.
    private static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public static Process Start(IEnumerable<string> arguments, bool redirectInput = false, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        if (!File.Exists(Assembly))
            throw new FileNotFoundException($"{Assembly} is missing: build src/RiskGrid", Assembly);
        var start = new ProcessStartInfo(Dotnet, ["exec", Assembly, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = redirectInput,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{Dotnet} did not start");
    }

    /// <summary>Runs one command to its end.</summary>
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"`riskgrid {string.Join(' ', arguments)}` did not end within {Limit}; it printed: {await output} {await errors}");
        }

        return new ProgramResult(string.Join(' ', arguments), process.ExitCode, await output, await errors);
    }
}

/// <summary>How one command ended.</summary>
internal sealed record ProgramResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Fails unless the exit status is the one promised.</summary>
    public ProgramResult MustEndWith(int status)
    {
        Assert.True(ExitCode == status, $"`riskgrid {Command}` ended with {ExitCode} and not {status}; stdout: {Output} stderr: {Errors}");
        return this;
    }

    /// <summary>What stdout holds: one JSON document and nothing else.</summary>
    public JsonElement OneDocument()
    {
        try
        {
            return JsonDocument.Parse(Output).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"stdout of `riskgrid {Command}` is not one JSON document ({e.Message}): {Output}; stderr: {Errors}", e);
        }
    }
}
