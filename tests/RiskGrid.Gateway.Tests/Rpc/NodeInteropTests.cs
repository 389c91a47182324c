using RiskGrid.Testing;

namespace RiskGrid.Gateway.Tests.Rpc;

/// <summary>The libraries that others write their clients with, against our server.</summary>
public sealed class NodeInteropTests
{
    [Fact]
    public async Task The_official_gRPC_library_for_Node_understands_the_server()
    {
        await using var host = await EchoHost.StartAsync();
        await CheckAsync(atLeast: 20, "interop.js", host.Server.GrpcAddress.Authority);
    }

    [Fact]
    public async Task The_official_Connect_library_for_Node_understands_the_server_in_every_protocol()
    {
        await using var host = await EchoHost.StartAsync(options => options with { CompressResponsesFrom = 1000 });
        await CheckAsync(atLeast: 80, "connect.mjs", host.Server.GrpcAddress.Authority, host.Server.HttpAddress.Authority);
    }

    private static async Task CheckAsync(int atLeast, params string[] arguments)
    {
        var (exitCode, checks, errors) = await NodeProcess.RunAsync(arguments);
        Assert.All(checks, check => Assert.True(check.GetProperty("ok").GetBoolean(), $"{check}"));
        Assert.True(exitCode == 0, $"{arguments[0]} ended with {exitCode}: {errors}");
        Assert.True(checks.Count >= atLeast, $"{arguments[0]} ran {checks.Count} checks, fewer than {atLeast}");
    }
}
