using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Cluster.Tests.Rows;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests;

/// <summary>Silos whose clocks are an hour off, before and behind, take everything over from each other.</summary>
[Collection(ClusterServers.Collection)]
public sealed class WhatHappensWhenClocksDisagreeTests(ClusterServers servers, ITestOutputHelper output)
{
    private const uint Paths = 200_000;
    private const double DeadlineSeconds = 120;

    [Fact]
    public async Task The_clock_of_a_silo_is_an_hour_off_and_bookings_rollups_subscriptions_and_runs_with_deadlines_work_while_all_moves_to_it_and_away()
    {
        await using var cluster = await TestCluster.CreateAsync(servers);
        await Task.WhenAll(cluster.StartSiloAsync("right"), cluster.StartGatewayAsync());
        await cluster.WaitUntilOwnedAsync();
        using var client = cluster.Connect();
        await Firm.FillAsync(client);
        var spec = await Firm.RunAsync(client, Paths, DeadlineSeconds);
        await client.StartRunAsync(spec, "clock.whole");
        var hash = (await Firm.FinishedAsync(cluster, client, "clock.whole")).ResultHash;
        await using var subscriber = await Subscriber.StartAsync(cluster, client);
        await using var bookers = await Bookers.StartAsync(cluster, "CLOCK", writers: 1);

        var spot = 6950.0;
        foreach (var (name, offset) in new[] { ("ahead", 3600), ("behind", -3600), ("right-again", 0) })
        {
            var before = cluster.Silos[0];
            await client.StartRunAsync(spec, $"clock.{name}");
            var next = await cluster.StartSiloAsync(name, new Dictionary<string, string>(StringComparer.Ordinal) { ["RISKGRID_CLOCK_OFFSET"] = $"{offset}" });
            await cluster.WaitUntilOwnedAsync();
            await bookers.MoreAsync(30);
            Assert.Equal(0, await before.StopAsync());
            await cluster.WaitUntilOwnedAsync(next);
            await bookers.MoreAsync(30);
            var point = await Firm.MoveAsync(client, ++spot);
            await subscriber.UntilAsync(r => r.IsAt(point), TimeSpan.FromSeconds(30), $"every node moves with the market on {name}");
            await subscriber.HoldsAsync(await Firm.SettledAsync(client), TimeSpan.FromSeconds(30));
            var run = await Firm.FinishedAsync(cluster, client, $"clock.{name}");
            Assert.Equal(hash, run.ResultHash);
            await client.StartRunAsync(spec, $"clock.{name}-alone");
            Assert.Equal(hash, (await Firm.FinishedAsync(cluster, client, $"clock.{name}-alone")).ResultHash);
            output.WriteLine($"everything on {name} ({offset} s): {bookers.Acknowledged} commands, subscription {subscriber.Count} updates and {subscriber.Breaks} breaks, "
                + $"the run that moved took {run.Progress.ElapsedSeconds:N1} s of its {DeadlineSeconds} s");
            Assert.InRange(run.Progress.ElapsedSeconds, 0, DeadlineSeconds);
        }

        Assert.Equal(0, subscriber.Breaks);
        await bookers.StopAndCheckAsync();
    }
}
