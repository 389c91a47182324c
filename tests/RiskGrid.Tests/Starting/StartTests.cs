using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Cli;
using RiskGrid.Grid;
using RiskGrid.Hosting;
using RiskGrid.Testing;

namespace RiskGrid.Tests.Starting;

/// <summary>Starts without the broker that they need.</summary>
public sealed class StartTests
{
    // Half of what a start waits for servers that may still come.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_the_broker_refuses_for_good_ends_a_start_at_once_in_one_line()
    {
        await using var broker = await TestServers.RabbitMqAsync();
        await EndsAtOnceAsync($"amqp://guest:s3cret@127.0.0.1:{broker.Port}/", "password");
        await EndsAtOnceAsync($"amqp://guest:guest@127.0.0.1:{broker.Port}/nowhere", "virtual host");
    }

    [Fact]
    public async Task A_broker_that_stays_away_ends_a_start_in_one_line()
    {
        var options = new RiskServerOptions
        {
            Role = ServerRole.Gateway,
            Broker = new Uri($"amqp://guest:guest@127.0.0.1:{ClosedPort()}/"),
            StartLimit = TimeSpan.Zero,
        };
        var failure = await Assert.ThrowsAsync<GrainUnavailableException>(() => RiskServer.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None));
        var said = Refusals.Describe(failure);
        Assert.NotNull(said);
        Assert.Contains("cannot be reached", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
    }

    [Fact]
    public void A_fault_of_the_program_shows_its_stack() => Assert.Null(Refusals.Describe(new GrainFailedException("System.NullReferenceException", "at a grain")));

    private static async Task EndsAtOnceAsync(string address, string named)
    {
        var watch = Stopwatch.StartNew();
        var run = (await RiskGridProgram.RunAsync("gateway", "--broker", address, "--grpc-port", "0", "--http-port", "0", "--log-level", "error")).MustEndWith(1);
        Assert.True(watch.Elapsed < AtOnce, $"it took {watch.Elapsed}");
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // A port that was free a moment ago and that nobody listens on.
    private static int ClosedPort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
