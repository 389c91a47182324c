using RiskGrid.Grid;
using RiskGrid.Grid.RabbitMq;

namespace RiskGrid.Cluster.Bench;

/// <summary>What the benchmark's child processes run: a silo with echo grains until SIGTERM.</summary>
internal static class EchoSilo
{
    public const string Command = "echo-silo";

    public static async Task RunAsync(Uri broker, string name, CancellationToken cancellationToken)
    {
        var silo = await new SiloBuilder()
            .UseEngine(new RabbitMqEngine(new RabbitMqOptions { Address = broker }))
            .Configure(o => o.Name = name)
            .AddGrain<IEchoGrain>(() => new EchoGrain())
            .StartAsync(cancellationToken);
        await using (silo)
        {
            Console.WriteLine("{\n}");
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
