using System.Diagnostics;

namespace RiskGrid.Testing;

/// <summary><c>eng/servers.sh</c>, as the build put it beside this assembly.</summary>
internal static class ServerScript
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "servers.sh");

    /// <summary>Runs one command of the script and returns what it printed; throws with what it complained of.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Script, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        }) ?? throw new InvalidOperationException("bash did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"servers.sh {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
    }
}
