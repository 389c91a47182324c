using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Client;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Hosting;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using RiskGrid.Testing;

namespace RiskGrid.Tests.Commands;

/// <summary>Rollups that may be a little old.</summary>
[Collection(nameof(Telemetry.TelemetryTests))]
public sealed class MaxAgeTests
{
    [Fact]
    public async Task A_rollup_of_a_few_seconds_ago_comes_from_the_cache_or_from_its_node()
    {
        await using var redis = await TestServers.RedisAsync();
        var hits = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "riskgrid.cache.reads")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags[1].Value is "hit")
                Interlocked.Increment(ref hits);
        });
        listener.Start();
        var folder = Directory.CreateTempSubdirectory("riskgrid-age-");
        await using (var server = await StartAsync(folder, redis.Address.OriginalString))
        {
            using var client = new RiskGridClient(server.GrpcAddress!);
            await client.PutHierarchyAsync([new HierarchyNode { Id = "D", Kind = "desk", Name = "DESK", Parent = "FIRM" }, new HierarchyNode { Id = "B", Kind = "book", Name = "BOOK", Parent = "D" }]);
            var settled = await client.GetRollupAsync("/", -1, settled: true);
            foreach (var fault in (string[])["none", "dead", "back"])
            {
                if (fault == "dead")
                    await redis.KillAsync();
                else if (fault == "back")
                    await redis.StartAsync();
                using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                var before = Volatile.Read(ref hits);
                do
                {
                    var recent = await client.GetRollupAsync("/", -1, maxAge: TimeSpan.FromSeconds(10), cancellationToken: deadline.Token);
                    Assert.Equal(settled.Select(r => r.Path), recent.Select(r => r.Path));
                    Assert.Equal(settled.Select(r => r.Coverage), recent.Select(r => r.Coverage));
                }
                while (fault != "dead" && Volatile.Read(ref hits) < before + settled.Count);
            }

            var refusal = await Assert.ThrowsAsync<RpcException>(() => client.GetRollupAsync("/", settled: true, maxAge: TimeSpan.FromSeconds(1)));
            Assert.Equal(RpcStatus.InvalidArgument, refusal.Status);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_a_cache_every_age_is_answered_by_the_nodes()
    {
        var folder = Directory.CreateTempSubdirectory("riskgrid-age-");
        await using (var server = await StartAsync(folder, null))
        {
            using var client = new RiskGridClient(server.GrpcAddress!);
            Assert.Equal("/", Assert.Single(await client.GetRollupAsync("/", maxAge: TimeSpan.FromSeconds(1))).Path);
        }

        folder.Delete(recursive: true);
    }

    private static Task<RiskServer> StartAsync(DirectoryInfo folder, string? cache) => RiskServer.StartAsync(
        new RiskServerOptions
        {
            Ledger = Path.Combine(folder.FullName, "ledger.db"),
            Cache = cache is null ? null : new Uri(cache),
            Gateway = new GatewayOptions { GrpcPort = 0, HttpPort = 0 },
        },
        NullLoggerFactory.Instance,
        CancellationToken.None);
}
