using System.Globalization;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>Connections that end at any moment, also while they are being rebuilt. Short here; RISKGRID_CUTS=300 for more rounds.</summary>
[Collection(BrokerCollection.Name)]
public sealed class CutTests(Broker broker, ITestOutputHelper output)
{
    private const int Seed = 20261123;
    private const int CutsInARow = 4;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("RISKGRID_CUTS") ?? "3", CultureInfo.InvariantCulture);

    // About as long as a session takes to be set up.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(700);

    [Fact]
    public async Task Silos_whose_connections_are_cut_again_and_again_while_they_come_back_always_come_back()
    {
        output.WriteLine($"seed {Seed}, {Rounds} rounds");
        var random = new Random(Seed);
        await using var cluster = new Cluster(broker.NewCluster());
        using var proxy = new TcpProxy(broker.Server.Port);
        Func<RabbitMqOptions, RabbitMqOptions> through = o => o with { Address = new Uri($"amqp://guest:guest@127.0.0.1:{proxy.Port}/") };
        var silos = new[] { await cluster.StartSiloAsync(through), await cluster.StartSiloAsync(through) };
        var gateway = await cluster.StartGatewayAsync(through);
        foreach (var silo in silos)
            silo.Script.OnAsk = (_, request, _) => Task.FromResult(request);
        await Cluster.ConvergedAsync(silos);
        for (var round = 0; round < Rounds; round++)
        {
            var logged = cluster.Log.Count;
            try
            {
                for (var cut = random.Next(1, CutsInARow + 1); cut > 0; cut--)
                {
                    if (random.Next(2) == 0)
                        proxy.Cut();
                    else
                        proxy.EndInsideFrame();
                    await Task.Delay(LongestPause * random.NextDouble());
                }

                await using var load = new Load(gateway, callers: 4, retries: true);
                await load.ReachAsync(100);
                await load.StopAsync();
                Assert.Empty(load.Errors);
                await Cluster.ConvergedAsync(silos);
            }
            catch
            {
                output.WriteLine($"in round {round}:");
                foreach (var line in cluster.Log.Skip(logged))
                    output.WriteLine(line);
                throw;
            }
        }
    }
}
