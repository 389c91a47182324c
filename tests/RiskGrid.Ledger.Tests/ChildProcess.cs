using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace RiskGrid.Ledger.Tests;

/// <summary>This assembly run as a program of its own, line by line.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>Ends every whole line, so that one that a kill has torn is told apart: it acknowledges nothing.</summary>
    public const string EndOfLine = " ;";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _errors = [];

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                _lines.Writer.Complete();
            else if (line.Data.EndsWith(EndOfLine, StringComparison.Ordinal))
                _lines.Writer.TryWrite(line.Data[..^EndOfLine.Length]);
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.Add(line.Data ?? string.Empty);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static ChildProcess Start(params string[] arguments)
    {
        var muxer = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var start = new ProcessStartInfo(Path.GetFullPath(muxer))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next line; null when the output has ended.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        try
        {
            return await _lines.Reader.WaitToReadAsync(timeout.Token) && _lines.Reader.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException silence)
        {
            throw new TimeoutException($"The child has said nothing for {Deadline}; its errors: {Errors()}", silence);
        }
    }

    /// <summary>SIGKILL, then the lines that it had still said.</summary>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        var rest = new List<string>();
        while (await ReadLineAsync() is { } line)
            rest.Add(line);
        await _process.WaitForExitAsync();
        return rest;
    }

    public string Errors()
    {
        lock (_errors)
            return string.Join('\n', _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
