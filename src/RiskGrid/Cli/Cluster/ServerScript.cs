using System.Diagnostics;

namespace RiskGrid.Cli.Cluster;

/// <summary><c>servers.sh</c> beside the program: starts and stops RabbitMQ, PostgreSQL and Redis.</summary>
internal static class ServerScript
{
    /// <summary>The servers by the names that the script has for them.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["rabbitmq", "postgres", "redis"];

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "servers.sh");

    /// <summary>Runs one of its commands and returns what it printed.</summary>
    /// <exception cref="InvalidDataException">With what it complained of.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Script, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("bash did not start");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It would go on and start what nobody waits for, and nobody would stop it again.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return process.ExitCode == 0 ? await output : throw new InvalidDataException((await errors).Trim().Replace("servers.sh: ", "", StringComparison.Ordinal));
    }
}
