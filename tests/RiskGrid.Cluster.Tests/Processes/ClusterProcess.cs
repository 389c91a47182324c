using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Cluster.Tests.Processes;

/// <summary>One <c>riskgrid silo</c>, <c>gateway</c> or <c>serve</c>, as a process of its own. Its stderr is in a file of the cluster.</summary>
public sealed class ClusterProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly string _pidFile;
    private readonly StreamWriter _log;
    private readonly TaskCompletionSource _logEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static ClusterProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
            process.Kill(entireProcessTree: true);
    };

    private ClusterProcess(string role, string name, Process process, string folder)
    {
        Role = role;
        Name = name;
        Id = process.Id;
        _process = process;
        Running[Id] = process;
        LogFile = Path.Combine(folder, $"{name}.log");
        _pidFile = Path.Combine(folder, $"{Id}.pid");
        File.WriteAllText(_pidFile, $"{Id}");
        _log = new StreamWriter(LogFile, append: true) { AutoFlush = true };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                _logEnded.TrySetResult();
            else
                _log.WriteLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary><c>silo</c>, <c>gateway</c> or <c>serve</c>.</summary>
    public string Role { get; }

    public string Name { get; }

    public int Id { get; }

    /// <summary>What the process said on stdout when it was ready.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Where gRPC is spoken; a silo has none.</summary>
    public Uri Grpc => Address("grpc");

    /// <summary>Where Connect, JSON and health are spoken; a silo has none unless it was given <c>--http-port</c>.</summary>
    public Uri Http => Address("http");

    public string LogFile { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to stderr: one JSON object a line.</summary>
    public string Log => File.Exists(LogFile) ? ReadShared(LogFile) : "";

    /// <summary>Starts a process and waits until it says that it is ready.</summary>
    internal static async Task<ClusterProcess> StartAsync(
        string role, string name, string folder, IEnumerable<string> options, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var process = Begin(role, name, folder, options, environment);
        try
        {
            await process.WaitUntilReadyAsync();
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a process and does not wait.</summary>
    internal static ClusterProcess Begin(
        string role, string name, string folder, IEnumerable<string> options, IEnumerable<KeyValuePair<string, string>> environment) =>
        new(role, name, RiskGridProgram.Start([role, "--json", .. options], redirectInput: false, [.. environment.Select(e => (e.Key, e.Value))]), folder);

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        using var document = JsonDocument.Parse(await ReadDocumentAsync(limit.Token));
        Ready = document.RootElement.Clone();
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM, and waits for the end: the exit status.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{Name} did not end within {StopLimit} after SIGTERM; its log ends with:\n{Tail()}");
        }

        return _process.ExitCode;
    }

    /// <summary>The end of its log, for reading.</summary>
    public string Tail(int lines = 40) => string.Join('\n', Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines).Select(Readable));

    public async ValueTask DisposeAsync()
    {
        if (!Running.TryRemove(Id, out _))
            return;
        if (!_process.HasExited)
            await KillAsync();
        await _logEnded.Task.WaitAsync(StopLimit);
        await _log.DisposeAsync();
        File.Delete(_pidFile);
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("bash", ["-c", $"kill -{signal} {Id}"]);
        await kill.WaitForExitAsync();
        Assert.True(kill.ExitCode == 0, $"{Name} ({Id}) is not there to get SIG{signal}; its log ends with:\n{Tail()}");
    }

    private Uri Address(string name) =>
        Ready.TryGetProperty(name, out var address) && address.GetString() is { } text
            ? new Uri(text)
            : throw new InvalidOperationException($"{Role} {Name} has no {name} address: {Ready}");

    // The document is indented: it ends with the line that closes it.
    private async Task<string> ReadDocumentAsync(CancellationToken cancellationToken)
    {
        var text = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            text.Add(line);
            if (line == "}")
                return string.Join('\n', text);
        }

        await _process.WaitForExitAsync(cancellationToken);
        throw new InvalidOperationException($"{Role} {Name} ended with {_process.ExitCode} before it was ready; its log ends with:\n{Tail()}");
    }

    private static string Readable(string line)
    {
        if (!line.StartsWith('{'))
            return line;
        try
        {
            using var entry = JsonDocument.Parse(line);
            string? Field(string name) => entry.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
            return $"{Field("Timestamp")?[11..23]} {Field("Level")} {Field("RenderedMessage")} {Field("Exception")}";
        }
        catch (JsonException)
        {
            // The last line of a process that was killed may be half a line.
            return line;
        }
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
