using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Cluster.Tests.Rows;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests;

[Collection(ClusterServers.Collection)]
public sealed class ClusterSmokeTests(ClusterServers servers)
{
    private const int Trades = 300;
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);
    private static readonly RpcMethod<BookTradesRequest, BookTradesResponse> Book = new(TradesReflection.Descriptor.Services[0], "BookTrades");

    [Fact]
    public async Task Three_silos_give_the_numbers_of_one_process_to_the_bit()
    {
        await using var cluster = await TestCluster.CreateAsync(servers);
        await Task.WhenAll(cluster.StartSilosAsync(3), cluster.StartGatewayAsync());
        await cluster.WaitUntilReadyAsync(silos: 3);
        using var client = cluster.Connect();
        var shared = await LoadAsync(client);

        using var folder = new TemporaryFolder();
        await using var alone = await ServerProcess.StartAsync(folder.File("ledger.db"), "--history", SmallHistory.WriteTo(folder));
        using var other = alone.Connect();
        Assert.Equal(await LoadAsync(other), shared);

        var state = await client.GetClusterAsync();
        Assert.Equal(["silo-1", "silo-2", "silo-3"], state.Silos.Select(s => s.Name));
        Assert.Equal("gateway-1", Assert.Single(state.Gateways).Name);
        Assert.All(state.Silos, s => Assert.True(s.Partitions.Values.Sum(p => (int)p) > 0, $"{s.Name} owns nothing: {state}"));
        Assert.All(cluster.Silos, s => Assert.Contains(state.Silos, p => p.ProcessId == s.Id));
        var embedded = await other.GetClusterAsync();
        Assert.Equal("in-process", embedded.Engine);
        Assert.All(Assert.Single(embedded.Silos).Partitions.Values, owned => Assert.Equal(64U, owned));
    }

    [Fact]
    public async Task A_silo_that_gets_SIGTERM_hands_over_and_no_client_sees_an_error()
    {
        await using var cluster = await TestCluster.CreateAsync(servers);
        await Task.WhenAll(cluster.StartSilosAsync(3), cluster.StartGatewayAsync());
        await cluster.WaitUntilReadyAsync(silos: 3);
        using var client = cluster.Connect();
        await Portfolio.PrepareAsync(client);

        using var enough = new CancellationTokenSource();
        var booked = 0;
        async Task BookAsync(int stream)
        {
            for (var batch = 0; !enough.IsCancellationRequested; batch++)
            {
                // One try each: what goes wrong is seen. Only the store of a machine under load may ask for another one.
                var request = new BookTradesRequest { Commands = { Portfolio.Trades((stream * 20_000) + (batch * 12), 12) } };
                BookTradesResponse response;
                do
                {
                    response = await client.Channel.UnaryAsync(Book, request, new RpcCallOptions { Timeout = Settling });
                    if (response.Results.FirstOrDefault(r => r.Outcome != TradeResult.Types.Outcome.Applied && !CallOutcome.IsOfTheStore(r)) is { } wrong)
                        Assert.Fail($"{wrong}\n{cluster.Logs()}");
                }
                while (response.Results.Any(CallOutcome.IsOfTheStore));
                Interlocked.Add(ref booked, response.Results.Count);
            }
        }

        var streams = Enumerable.Range(0, 3).Select(BookAsync).ToArray();
        try
        {
            foreach (var silo in cluster.Silos.Take(2).ToList())
            {
                var before = booked;
                await cluster.WaitUntilAsync(() => Task.FromResult(booked > before + 120 || streams.Any(s => s.IsCompleted)), Settling, "bookings go on");
                Assert.Equal(0, await silo.StopAsync());
            }

            var last = booked;
            await cluster.WaitUntilAsync(() => Task.FromResult(booked > last + 120 || streams.Any(s => s.IsCompleted)), Settling, "bookings go on");
        }
        finally
        {
            await enough.CancelAsync();
        }

        try
        {
            await Task.WhenAll(streams);
        }
        catch (RpcException e)
        {
            Assert.Fail($"a client saw {e.Status}: {e.Message}\n{cluster.Logs()}");
        }

        var firm = (await client.GetRollupAsync("/", settled: true, timeout: Settling))[0];
        Assert.Equal((uint)booked, firm.Coverage.Trades);
        Assert.Equal((uint)booked, firm.Coverage.Priced);
    }

    [Fact]
    public async Task A_gateway_is_ready_when_it_knows_a_silo_and_ends_with_status_0()
    {
        await using var cluster = await TestCluster.CreateAsync(servers);
        var gateway = await cluster.StartGatewayAsync();
        using var http = new HttpClient();
        using (var early = await http.GetAsync(new Uri(gateway.Http, "/readyz")))
            Assert.Equal(503, (int)early.StatusCode);
        var silo = await cluster.StartSiloAsync(options: ["--http-port", "0"]);
        await cluster.WaitUntilReadyAsync(silos: 1);
        foreach (var process in new[] { gateway, silo })
        {
            await cluster.WaitUntilAsync(
                async () =>
                {
                    using var answer = await http.GetAsync(new Uri(process.Http, "/readyz"));
                    return answer.IsSuccessStatusCode;
                },
                Settling,
                $"{process.Name} is ready");
        }

        Assert.Equal("silo", silo.Ready.GetProperty("role").GetString());
        Assert.DoesNotContain("guest:guest", silo.Ready.ToString() + cluster.Logs(1000), StringComparison.Ordinal);
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Equal(0, await silo.StopAsync());
    }

    private static async Task<SortedDictionary<string, (Measures Measures, TailMeasures? Tail, uint Trades, uint Priced)>> LoadAsync(RiskGridClient client)
    {
        await Portfolio.PrepareAsync(client);
        var results = await client.BookTradesAsync(Portfolio.Trades(0, Trades));
        Assert.All(results, r => Assert.Equal(TradeResult.Types.Outcome.Applied, r.Outcome));
        var numbers = Portfolio.Numbers(await client.GetRollupAsync("/", depth: -1, settled: true, Settling));
        Assert.Equal((uint)Trades, numbers["/"].Priced);
        Assert.NotNull(numbers["/"].Tail);
        return numbers;
    }
}
