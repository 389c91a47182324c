using RiskGrid.Grid.Tests;
using RiskGrid.Testing;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

public sealed class BrokerRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_broker_that_restarts_fails_what_is_under_way_and_then_everything_works_again()
    {
        await using var server = await TestServers.RabbitMqAsync();
        await using var cluster = new Cluster(new RabbitMqOptions { Address = server.Address, HelloInterval = TimeSpan.FromMilliseconds(250) });
        var silos = new[] { await cluster.StartSiloAsync(), await cluster.StartSiloAsync() };
        var gateway = await cluster.StartGatewayAsync();
        await Cluster.ConvergedAsync(silos);
        var started = new SemaphoreSlim(0);
        var never = new TaskCompletionSource<string>();
        foreach (var silo in silos)
        {
            silo.Script.OnAsk = (_, request, _) =>
            {
                if (request != "under way")
                    return Task.FromResult(request);
                started.Release();
                return never.Task;
            };
        }

        var underWay = gateway.Grain("a").AskAsync("under way");
        await started.WaitAsync();
        // Quorum queues of this version get into their own directory on disk half a second after they are made. Killed before that, the broker comes
        // back with queues that never choose a leader, and no client can mend them.
        await server.EvaluateAsync("[dets:sync(T) || T <- dets:all()].");
        await server.KillAsync();
        Assert.Contains("was lost", (await Assert.ThrowsAsync<GrainUnavailableException>(() => underWay)).Message);
        await TestExtensions.Eventually(() => gateway.Engine.Session is null, "the loss is noticed");
        await Assert.ThrowsAsync<GrainUnavailableException>(() => gateway.Grain("a").AskAsync("down"));
        var down = TimeProvider.System.GetTimestamp();
        await server.StartAsync();
        var up = TimeProvider.System.GetTimestamp();
        never.SetResult("too late");
        await using var load = new Load(gateway, callers: 4, retries: true);
        try
        {
            await load.ReachAsync(100);
        }
        catch
        {
            foreach (var line in cluster.Log)
                output.WriteLine(line);
            output.WriteLine(string.Join('\n', server.Log().Split('\n').TakeLast(60)));
            throw;
        }

        output.WriteLine(
            $"the broker was back after {TimeProvider.System.GetElapsedTime(down, up).TotalSeconds:0.0} s, 100 calls done {TimeProvider.System.GetElapsedTime(up).TotalSeconds:0.0} s later");
        await load.StopAsync();
        await Cluster.ConvergedAsync(silos);
        Assert.Empty(load.Errors);
        Assert.All(silos, silo => Assert.Single(silo.Errors));
    }
}
