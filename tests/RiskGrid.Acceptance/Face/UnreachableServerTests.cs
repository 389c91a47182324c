using System.Net;
using System.Net.Sockets;
using RiskGrid.Acceptance.Processes;

namespace RiskGrid.Acceptance.Face;

/// <summary>Every command that needs a server, without one.</summary>
public sealed class UnreachableServerTests
{
    [Theory]
    [InlineData("rollup", "/")]
    [InlineData("rollup", "/", "--settled", "--json")]
    [InlineData("watch", "/", "--updates", "1")]
    [InlineData("watch", "/", "--json")]
    [InlineData("price", "T-1")]
    [InlineData("quotes", "replay", "--seconds", "1")]
    [InlineData("load", "FILE")]
    public async Task A_server_that_cannot_be_reached_is_a_failure_that_says_what_to_do(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        if (arguments[^1] == "FILE")
            arguments[^1] = folder.Write("trades.csv", "trade_id\n");
        var address = $"http://127.0.0.1:{ClosedPort()}";
        var run = (await RiskGridProgram.RunAsync([.. arguments, "--address", address])).MustEndWith(1);
        CommandTests.AssertOneLineThatNames(run, address["http://".Length..]);
        Assert.Contains("riskgrid serve", run.Errors, StringComparison.Ordinal);
    }

    // A port that was free a moment ago and that nobody listens on.
    private static int ClosedPort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
