using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Protocol.V1;
using RiskGrid.Tests.Telemetry;

namespace RiskGrid.Cluster.Tests;

[Collection(ClusterServers.Collection)]
public sealed class TraceTests(ClusterServers servers)
{
    [Fact]
    public async Task One_trace_leads_from_the_client_through_gateway_broker_and_grain_to_the_kernels()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RISKGRID_OTLP_ENDPOINT"] = receiver.Address,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        };
        await using var cluster = await TestCluster.CreateAsync(servers);
        await Task.WhenAll(cluster.StartSiloAsync(environment: environment), cluster.StartGatewayAsync(environment: environment));
        await cluster.WaitUntilReadyAsync(silos: 1);
        string trace;
        using (Hosting.Telemetry.Start(receiver.Address, "client", null))
        {
            using var client = cluster.Connect();
            await Portfolio.PrepareAsync(client);
            await client.GetRollupAsync("/", -1, settled: true);
            using var root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C);
            root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            root.Start();
            trace = root.TraceId.ToHexString();
            await client.BookTradesAsync([SmallMarket.Book("T-1", "A1", 10)]);
            var run = await client.StartRunAsync(new RunSpec { Path = "/", Var = new VarSpec { Historical = new HistoricalMethod() } });
            Assert.Equal(RunState.Finished, (await client.WaitForRunAsync(run.RunId)).State);
        }

        // Names and services, from the innermost out.
        string[] booking =
        [
            "process book.BookTrades riskgrid-silo", "send book.BookTrades riskgrid-gateway",
            "riskgrid.v1.TradeService/BookTrades riskgrid-gateway", "riskgrid.v1.TradeService/BookTrades riskgrid-client",
        ];
        string[] started =
        [
            "run riskgrid-silo", "process run.Start riskgrid-silo", "send run.Start riskgrid-gateway",
            "riskgrid.v1.RunService/StartRun riskgrid-gateway", "riskgrid.v1.RunService/StartRun riskgrid-client",
        ];
        string[][] wanted =
        [
            ["append postgresql riskgrid-silo", .. booking],
            ["price measures riskgrid-silo", .. booking],
            ["price run-item riskgrid-silo", "process run-item.run riskgrid-silo", "send run-item.run riskgrid-silo", .. started],
        ];
        foreach (var path in wanted)
        {
            await cluster.WaitUntilAsync(
                () => Task.FromResult(receiver.Trace(trace).Any(s => PathUp(receiver.Trace(trace), s).SequenceEqual(path))),
                TimeSpan.FromSeconds(30),
                () => $"there is the path {string.Join(" < ", path)} among {string.Join(", ", receiver.Trace(trace).Select(s => s.Name).Distinct())}");
        }
    }

    private static IEnumerable<string> PathUp(IReadOnlyList<ReceivedSpan> trace, ReceivedSpan from)
    {
        for (var at = from; at is not null; at = trace.FirstOrDefault(s => s.Id == at.Parent))
            yield return $"{at.Name} {at.Resource["service.name"]}";
    }
}
