using System.Diagnostics;
using System.Text.Json;
using Xunit.Abstractions;

namespace RiskGrid.Gateway.Tests.Rpc;

/// <summary>The libraries that others write their clients with, against our server.</summary>
public sealed class NodeInteropTests(ITestOutputHelper output)
{
    // Includes the first installation of the packages.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_official_gRPC_library_for_Node_understands_the_server()
    {
        await using var host = await EchoHost.StartAsync();
        await RunAsync(atLeast: 20, "interop.js", host.Server.GrpcAddress.Authority);
    }

    [Fact]
    public async Task The_official_Connect_library_for_Node_understands_the_server_in_every_protocol()
    {
        await using var host = await EchoHost.StartAsync(options => options with { CompressResponsesFrom = 1000 });
        await RunAsync(atLeast: 80, "connect.mjs", host.Server.GrpcAddress.Authority, host.Server.HttpAddress.Authority);
    }

    private async Task RunAsync(int atLeast, params string[] arguments)
    {
        var runner = Path.Combine(RepositoryRoot(), "tests", "grpc-js", "run.sh");
        var start = new ProcessStartInfo("bash", [runner, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
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

        output.WriteLine(await lines);
        Assert.True(process.ExitCode != 127, $"cannot run the Node clients: {await errors}");
        var checks = (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(checks, check => Assert.True(check.GetProperty("ok").GetBoolean(), $"{check}"));
        Assert.True(process.ExitCode == 0, $"{arguments[0]} ended with {process.ExitCode}: {await errors}");
        Assert.True(checks.Count >= atLeast, $"{arguments[0]} ran {checks.Count} checks, fewer than {atLeast}");
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RiskGrid.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"no RiskGrid.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
