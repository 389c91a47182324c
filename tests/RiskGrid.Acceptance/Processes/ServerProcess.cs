using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using RiskGrid.Client;

namespace RiskGrid.Acceptance.Processes;

/// <summary>One <c>riskgrid serve</c> on free ports. Killed when disposed, if it still runs; at the latest with this process.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int ErrorLinesKept = 200;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly int _id;
    private readonly ConcurrentQueue<string> _errors = new();

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
            process.Kill(entireProcessTree: true);
    };

    private ServerProcess(Process process)
    {
        _process = process;
        _id = process.Id;
        Running[_id] = process;
        process.ErrorDataReceived += (sender, line) =>
        {
            if (line.Data is null)
                return;
            _errors.Enqueue(line.Data);
            if (_errors.Count > ErrorLinesKept)
                _errors.TryDequeue(out _);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Where gRPC is spoken.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>Where Connect, JSON and health are spoken.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>The address as the commands take it.</summary>
    public string Address => Grpc.ToString();

    /// <summary>What it has written to stderr.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts a server and waits until it says where it listens.</summary>
    public static Task<ServerProcess> StartAsync(string ledger, params string[] options) => StartOnAsync(0, ledger, options);

    /// <summary>Starts a server with variables of its environment set.</summary>
    public static Task<ServerProcess> StartInAsync((string Name, string Value)[] environment, string ledger, params string[] options) =>
        StartOnAsync(0, environment, ledger, options);

    /// <summary>Starts a server whose gRPC port is chosen, 0 for a free one.</summary>
    public static Task<ServerProcess> StartOnAsync(int grpcPort, string ledger, params string[] options) => StartOnAsync(grpcPort, [], ledger, options);

    private static async Task<ServerProcess> StartOnAsync(int grpcPort, (string Name, string Value)[] environment, string ledger, string[] options)
    {
        var server = new ServerProcess(RiskGridProgram.Start(
            ["serve", "--json", "--ledger", ledger, "--grpc-port", $"{grpcPort}", "--http-port", "0", "--log-level", "warning", .. options],
            redirectInput: false,
            environment));
        try
        {
            using var limit = new CancellationTokenSource(StartLimit);
            using var ready = JsonDocument.Parse(await server.ReadDocumentAsync(limit.Token));
            server.Grpc = new Uri(ready.RootElement.GetProperty("grpc").GetString()!);
            server.Http = new Uri(ready.RootElement.GetProperty("http").GetString()!);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of this server.</summary>
    public RiskGridClient Connect() => new(Grpc);

    /// <summary>Resident memory in bytes, as the kernel counts it.</summary>
    public long ResidentBytes()
    {
        // VmRSS:	  123456 kB
        var line = File.ReadLines($"/proc/{_id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the server to end, as an operator's <c>kill</c> or a service manager does, and returns its exit status.</summary>
    public async Task<int> TerminateAsync()
    {
        using var signal = Process.Start("bash", ["-c", $"kill -TERM {_id}"]);
        await signal.WaitForExitAsync();
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the server did not end within {StopLimit} after SIGTERM; stderr: {Errors}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Running.TryRemove(_id, out _))
            return;
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

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
        throw new InvalidOperationException($"serve ended with {_process.ExitCode} before it was ready: {Errors}");
    }
}
