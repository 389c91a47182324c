using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace RiskGrid.Runs.Bench;

/// <summary>One <c>riskgrid serve</c> on a free port of this machine. Killed when disposed, if it still runs.</summary>
internal sealed class ServeProcess : IDisposable
{
    private readonly Process _process;

    private ServeProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The most memory that it has had, in MiB, as the kernel counts it.</summary>
    public double PeakMegabytes
    {
        get
        {
            // VmHWM:	  123456 kB
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static ServeProcess Start(string program, string ledger)
    {
        var process = Run(program, "serve", "--json", "--ledger", ledger, "--grpc-port", "0", "--http-port", "0", "--log-level", "warning");
        var text = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            text.AppendLine(line);
            if (line == "}")
                return new ServeProcess(process, new Uri(JsonDocument.Parse(text.ToString()).RootElement.GetProperty("grpc").GetString()!));
        }

        throw new InvalidOperationException($"serve ended before it was ready: {text}");
    }

    /// <summary>Runs a command to its end.</summary>
    public static void Command(string program, params string[] arguments)
    {
        using var process = Run(program, arguments);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"riskgrid {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    /// <summary>Ends it in order, so that the market is kept.</summary>
    public void Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
        if (!_process.WaitForExit(TimeSpan.FromMinutes(1)))
            throw new InvalidOperationException("serve did not end within a minute of SIGTERM");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static Process Run(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
}
