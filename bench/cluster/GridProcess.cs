using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace RiskGrid.Cluster.Bench;

/// <summary>One process of the grid. Killed when disposed, if it still runs.</summary>
internal sealed class GridProcess : IDisposable
{
    private const int LinesKept = 40;
    private static readonly TimeSpan ExitLimit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly StringBuilder _document = new();
    private readonly TaskCompletionSource<JsonElement> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(long At, string Line)>> _awaited = new(StringComparer.Ordinal);

    private GridProcess(string program, IEnumerable<string> arguments, string? cores)
    {
        string[] command = [.. cores is null ? [] : (string[])["taskset", "-c", cores], "dotnet", program, .. arguments];
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true },
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, args) => OnOutput(args.Data);
        _process.ErrorDataReceived += (_, args) => OnLog(args.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"{string.Join(' ', arguments)} ended before it was ready:\n{Log}"));
        StartedAt = TimeProvider.System.GetTimestamp();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A timestamp from just before the process was made.</summary>
    public long StartedAt { get; }

    public int Id => _process.Id;

    /// <summary>The last of what it logged.</summary>
    public string Log => string.Join('\n', _log);

    /// <param name="program">riskgrid.dll, or another assembly to run.</param>
    /// <param name="cores">As taskset takes them; null for all.</param>
    /// <param name="arguments">Of the program.</param>
    public static GridProcess Start(string program, string? cores, params string[] arguments) => new(program, arguments, cores);

    /// <summary>Runs a command to its end.</summary>
    public static async Task CommandAsync(string program, params string[] arguments)
    {
        using var command = new GridProcess(program, arguments, null);
        await command._process.WaitForExitAsync();
        if (command._process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {command._process.ExitCode}:\n{command.Log}");
    }

    /// <summary>What it prints once it is ready.</summary>
    public Task<JsonElement> ReadyAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);

    /// <summary>The first line of its log from now on that holds a text, and when it came.</summary>
    public async Task<(long At, string Line)> LoggedAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            return await _awaited.GetOrAdd(text, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                .WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"a process did not log '{text}' within a minute:\n{Log}", e);
        }
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ExitLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"a process did not end within {ExitLimit.TotalSeconds} s of SIGTERM:\n{Log}", e);
        }

        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"a process ended with {_process.ExitCode} after SIGTERM:\n{Log}");
    }

    /// <summary><c>kill -9</c></summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null || _ready.Task.IsCompleted)
            return;
        _document.AppendLine(line);
        if (line == "}")
            _ready.TrySetResult(JsonDocument.Parse(_document.ToString()).RootElement);
    }

    private void OnLog(string? line)
    {
        if (line is null)
            return;
        var at = TimeProvider.System.GetTimestamp();
        foreach (var (text, awaited) in _awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                awaited.TrySetResult((at, line));
        }

        _log.Enqueue(line);
        while (_log.Count > LinesKept)
            _log.TryDequeue(out _);
    }
}
