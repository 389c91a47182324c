using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace RiskGrid.Testing;

/// <summary>A test assembly run as a program of its own, line by line, to be stopped, thawed and killed.</summary>
public sealed partial class ChildProcess : IDisposable
{
    /// <summary>Ends every whole line, so that one that a kill has torn is told apart.</summary>
    public const string EndOfLine = " ;";

    private const int Stop = 19;
    private const int Continue = 18;
    private const int Terminate = 15;
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

    public static ChildProcess Start(Assembly program, params string[] arguments)
    {
        var muxer = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var start = new ProcessStartInfo(Path.GetFullPath(muxer))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(program.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Said by the child itself: one whole line.</summary>
    public static void Tell(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line + EndOfLine);
            Console.Out.Flush();
        }
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

    /// <summary>Reads until a line that begins so; throws when the child ends before it.</summary>
    public async Task<string> ReadUntilAsync(string beginning)
    {
        while (await ReadLineAsync() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The child ended without '{beginning}'; its errors: {Errors()}");
    }

    /// <summary>SIGKILL, then the lines that it had still said.</summary>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        return await EndAsync();
    }

    /// <summary>SIGTERM, then the lines that it says on the way out; throws when it fails.</summary>
    public async Task<IReadOnlyList<string>> TerminateAsync()
    {
        Signal(Terminate);
        var rest = await EndAsync();
        return _process.ExitCode == 0
            ? rest
            : throw new InvalidOperationException($"The child ended with {_process.ExitCode}; its errors: {Errors()}");
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal(Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(Continue);

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

    private async Task<IReadOnlyList<string>> EndAsync()
    {
        var rest = new List<string>();
        while (await ReadLineAsync() is { } line)
            rest.Add(line);
        await _process.WaitForExitAsync();
        return rest;
    }

    private void Signal(int signal)
    {
        if (Kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} did not reach process {_process.Id}");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
