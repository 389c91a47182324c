using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Hosting;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;
using SampleFiles = RiskGrid.Demo.SampleFiles;

namespace RiskGrid.Tests.Telemetry;

/// <summary>Traces and metrics over OTLP, from the client's call to the kernels.</summary>
/// <remarks>Sources of spans are the process's: tests that make many share the collection, so that they do not crowd out what is looked for.</remarks>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    private static readonly string[] LastSpans = ["finish_run sqlite", "run"];

    private const string History = """
        date,IDX.SP500,IDX.VIX,ZC.USD.1Y,ZC.USD.5Y
        2022-12-08,3963.51,22.29,0.0471,0.0371
        2022-12-09,3934.38,22.83,0.0472,0.0375
        2022-12-12,3990.56,25.00,0.0475,0.0380
        2022-12-13,4019.65,22.55,0.0464,0.0366
        2022-12-14,3995.32,21.14,0.0465,0.0362
        """;

    [Fact]
    public async Task One_trace_leads_from_the_client_through_gateway_grain_and_ledger_to_the_kernels()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var telemetry = Hosting.Telemetry.Start(receiver.Address, "serve", "silo-under-test")!;
        var folder = Directory.CreateTempSubdirectory("riskgrid-telemetry-");
        string trace;
        await using (var server = await StartAsync(folder))
        {
            using var client = new RiskGridClient(server.GrpcAddress!);
            await client.PutHierarchyAsync([SmallMarket.Node("DESK", "desk", "FIRM"), SmallMarket.Node("BOOK", "book", "DESK")]);
            await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
            await client.GetRollupAsync("/", -1, settled: true);

            using var root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C);
            root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            root.Start();
            trace = root.TraceId.ToHexString();
            await client.BookTradesAsync([SmallMarket.Book("T-1", "BOOK", 10)]);
            var rollups = await client.GetRollupAsync("/", -1, settled: true);
            Assert.Equal(1U, rollups[0].Coverage.Priced);
            var run = await client.StartRunAsync(new RunSpec { Path = "/", Var = new VarSpec { Historical = new HistoricalMethod() } });
            Assert.Equal(RunState.Finished, (await client.WaitForRunAsync(run.RunId)).State);

            // A flush gives up after a second. The run's own span is the last to end, after its answer.
            var since = Stopwatch.StartNew();
            do
                telemetry.Flush();
            while (since.Elapsed < TimeSpan.FromSeconds(30) && !LastSpans.All(name => receiver.Trace(trace).Any(s => s.Name == name)));
        }

        telemetry.Dispose();
        folder.Delete(recursive: true);
        var spans = receiver.Trace(trace);

        // Names and kinds from the innermost out: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
        string[] booking = ["process book.BookTrades", "send book.BookTrades", "riskgrid.v1.TradeService/BookTrades", "riskgrid.v1.TradeService/BookTrades"];
        AssertPath(spans, "append sqlite", booking);
        AssertPath(spans, "price measures", booking);
        AssertPath(spans, "price vector", ["price measures", .. booking]);
        string[] rollup = ["process desk.Settle", "send desk.Settle", "riskgrid.v1.RollupService/GetRollup", "riskgrid.v1.RollupService/GetRollup"];
        AssertPath(spans, "process book.Settle", ["send book.Settle", "process desk.Settle", "send desk.Settle", .. rollup]);
        string[] started = ["process run.Start", "send run.Start", "riskgrid.v1.RunService/StartRun", "riskgrid.v1.RunService/StartRun"];
        AssertPath(spans, "price run-item", ["process run-item.run", "send run-item.run", "run", .. started]);
        AssertPath(spans, "finish_run sqlite", ["run", .. started]);
        Assert.All(spans.Where(s => s.Name.StartsWith("send ", StringComparison.Ordinal)), s => Assert.Equal(4, s.Kind));
        Assert.All(spans.Where(s => s.Name.StartsWith("process ", StringComparison.Ordinal)), s => Assert.Equal(5, s.Kind));
        Assert.All(spans, s => Assert.Equal(("riskgrid-serve", "silo-under-test"), (s.Resource["service.name"], s.Resource["service.instance.id"])));
        Assert.Equal("0.1.0", spans[0].Resource["service.version"]);
        Assert.Empty(new[]
        {
            "rpc.client.call.duration", "rpc.server.call.duration", "messaging.process.duration", "riskgrid.grid.queue.duration", "riskgrid.grid.activations",
            "riskgrid.compute.queue.duration", "riskgrid.book.pass.duration", "riskgrid.market.quotes", "riskgrid.run.item.duration", "riskgrid.runs",
            "db.client.operation.duration", "riskgrid.ledger.rows", "riskgrid.gateway.streams",
        }.Except(receiver.Metrics));
    }

    [Fact]
    public async Task A_dead_endpoint_disturbs_nothing()
    {
        var telemetry = Hosting.Telemetry.Start("http://127.0.0.1:1", "serve", null)!;
        var folder = Directory.CreateTempSubdirectory("riskgrid-telemetry-");
        await using (var server = await StartAsync(folder))
        {
            using var client = new RiskGridClient(server.GrpcAddress!);
            Assert.Single(await client.GetRollupAsync("/", settled: true));
        }

        folder.Delete(recursive: true);
        var stopping = Stopwatch.StartNew();
        telemetry.Dispose();
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(10), $"it took {stopping.Elapsed}");
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_recorded() => Assert.Null(Hosting.Telemetry.Start(null, "cli", null));

    [Fact]
    public void An_endpoint_that_is_no_address_is_refused() =>
        Assert.Contains("http://127.0.0.1:4318", Assert.Throws<ArgumentException>(() => Hosting.Telemetry.Start("collector:4318", "cli", null)).Message, StringComparison.Ordinal);

    private static void AssertPath(IReadOnlyList<ReceivedSpan> spans, string name, string[] above)
    {
        var paths = spans.Where(s => s.Name == name).Select(s => string.Join(" < ", ReceivedSpan.PathUp(spans, s))).ToList();
        var wanted = string.Join(" < ", above.Prepend(name));
        Assert.True(paths.Contains(wanted), $"There is no path {wanted}, but:\n{string.Join('\n', paths)}\nof all spans:\n{string.Join('\n', spans.Select(s => s.Name).Distinct())}");
    }

    private static Task<RiskServer> StartAsync(DirectoryInfo folder)
    {
        var panel = HistoryPanel.Read(new StringReader(History), "made by the test");
        return RiskServer.StartAsync(
            new RiskServerOptions
            {
                Ledger = Path.Combine(folder.FullName, "ledger.db"),
                History = panel,
                Scenarios = SampleFiles.Scenarios(panel),
                Gateway = new GatewayOptions { GrpcPort = 0, HttpPort = 0 },
            },
            NullLoggerFactory.Instance,
            CancellationToken.None);
    }
}
