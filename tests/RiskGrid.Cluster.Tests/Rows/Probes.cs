using System.Diagnostics;
using RiskGrid.Client;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>Whether somebody answers for every partition.</summary>
internal static class Probes
{
    private static readonly string[] Trades = OnePerPartition();

    /// <summary>Asks a grain of each partition for what does not exist, and waits until all have said so: the time that this took.</summary>
    public static async Task<TimeSpan> AllPartitionsAsync(RiskGridClient client)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Trades.Select(trade => AskAsync(client, trade)));
        return watch.Elapsed;
    }

    private static async Task AskAsync(RiskGridClient client, string trade)
    {
        var one = new OneTry(client);
        while (true)
        {
            var outcome = await one.PriceAsync(trade);
            if (outcome.Failure is { Status: RpcStatus.NotFound })
                return;
            Assert.True(outcome.IsRetriable, $"{outcome}");
        }
    }

    private static string[] OnePerPartition()
    {
        var trades = new string[Grid.Partition.Count];
        for (var (n, left) = (0, trades.Length); left > 0; n++)
        {
            var trade = $"probe-{n}";
            var partition = Grid.Partition.Of(trade);
            if (trades[partition] is null)
            {
                trades[partition] = trade;
                left--;
            }
        }

        return trades;
    }
}
