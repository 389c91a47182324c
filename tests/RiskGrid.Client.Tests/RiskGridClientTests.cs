using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client.Tests;

public sealed class RiskGridClientTests
{
    [Fact]
    public async Task Every_method_reaches_its_counterpart()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        Assert.Equal("T1", (await client.PriceTradeAsync("T1")).TradeId);
        Assert.Single((await client.PriceTradeAsync("T1", includeHistory: true)).History);
        Assert.Equal("/INDEX", (await client.GetRollupAsync("/INDEX", -1, settled: true)).Single().Path);
        Assert.Equal(7, (await client.GetHierarchyAsync()).Version);
        Assert.Equal("B", (await client.PutHierarchyAsync([new HierarchyNode { Id = "B" }])).Nodes.Single().Id);
        Assert.Equal("#", (await client.GetMarketAsync()).SnapshotHash);
        Assert.True(await client.IsServingAsync());
        Assert.True(await client.IsServingAsync("riskgrid.v1.TradeService"));

        server.OnPublish = async batches =>
        {
            var response = new PublishQuotesResponse();
            await foreach (var batch in batches)
                response.Accepted += (ulong)batch.Quotes.Count;
            return response;
        };
        static async IAsyncEnumerable<QuoteBatch> Batches()
        {
            for (var n = 0; n < 50; n++)
            {
                await Task.Yield();
                yield return new QuoteBatch { Quotes = { new Quote { Factor = "IDX.SP500", Value = n }, new Quote { Factor = "FX.EURUSD", Value = n } } };
            }
        }

        Assert.Equal(100ul, (await client.PublishQuotesAsync(Batches())).Accepted);
    }

    [Fact]
    public async Task A_read_is_tried_again_no_sooner_than_the_server_asks()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var calls = new List<long>();
        server.OnGetRollup = _ =>
        {
            calls.Add(Stopwatch.GetTimestamp());
            return calls.Count < 3
                ? throw RpcException.RetryLater(RpcStatus.ResourceExhausted, "wait", TimeSpan.FromMilliseconds(120))
                : new GetRollupResponse { Rollups = { new Rollup { Path = "/" } } };
        };
        Assert.Single(await client.GetRollupAsync("/"));
        Assert.Equal(3, calls.Count);
        Assert.True(Stopwatch.GetElapsedTime(calls[0], calls[1]) >= TimeSpan.FromMilliseconds(120), "the second try came too soon");
        Assert.True(Stopwatch.GetElapsedTime(calls[1], calls[2]) >= TimeSpan.FromMilliseconds(120), "the third try came too soon");
    }

    [Fact]
    public async Task Tries_are_limited_and_only_for_failures_that_may_pass()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address, new RpcChannelOptions { MaxRetries = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1) });
        var calls = 0;
        server.OnGetRollup = _ => throw new RpcException(++calls > 0 ? RpcStatus.Unavailable : RpcStatus.Ok, "down");
        await Assert.ThrowsAsync<RpcException>(() => client.GetRollupAsync("/"));
        Assert.Equal(3, calls);

        foreach (var status in new[] { RpcStatus.NotFound, RpcStatus.Internal, RpcStatus.ResourceExhausted, RpcStatus.Unknown })
        {
            calls = 0;
            server.OnGetRollup = _ => throw new RpcException(++calls > 0 ? status : RpcStatus.Ok, "no");
            Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(() => client.GetRollupAsync("/"))).Status);
            Assert.Equal(1, calls);
        }
    }

    [Fact]
    public async Task A_call_that_is_not_marked_idempotent_is_made_once()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var calls = 0;
        server.OnGetRollup = _ => throw new RpcException(++calls > 0 ? RpcStatus.Unavailable : RpcStatus.Ok, "down");
        var method = new RpcMethod<GetRollupRequest, GetRollupResponse>(RollupsReflection.Descriptor.Services[0], "GetRollup");
        await Assert.ThrowsAsync<RpcException>(() => client.Channel.UnaryAsync(method, new GetRollupRequest()));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_and_named()
    {
        // Bound, so that nobody else gets the port, but not listening.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new RiskGridClient(new Uri($"http://{nobody.LocalEndPoint}"));
        var failure = await Assert.ThrowsAsync<RpcException>(() => client.IsServingAsync());
        Assert.Equal(RpcStatus.Unavailable, failure.Status);
        Assert.Contains(client.Channel.Address.Authority, failure.Message, StringComparison.Ordinal);
        var late = await Assert.ThrowsAsync<RpcException>(() => client.WaitUntilServingAsync(TimeSpan.FromSeconds(2)));
        Assert.Equal(RpcStatus.DeadlineExceeded, late.Status);
        Assert.Contains("the last try failed", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_when_the_server_is_ready()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.SetServing(false);
        using var client = new RiskGridClient(server.Address);
        Assert.False(await client.IsServingAsync());
        var waiting = client.WaitUntilServingAsync(ScriptedServer.Patience);
        Assert.False(waiting.IsCompleted);
        server.SetServing(true);
        await waiting;
    }

    [Fact]
    public async Task A_server_that_speaks_something_else_is_unavailable_and_does_not_hang_the_caller()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new RiskGridClient(new Uri($"http://{listener.LocalEndpoint}"));
        var call = client.IsServingAsync();
        using (var connection = await listener.AcceptTcpClientAsync().WaitAsync(ScriptedServer.Patience))
            await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        Assert.Equal(RpcStatus.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(ScriptedServer.Patience))).Status);
        Assert.Contains("http://HOST:PORT", Assert.Throws<ArgumentException>(() => new RpcChannel(new Uri("https://127.0.0.1:1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_survives_a_restart_of_the_server_and_says_so()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var subscriptions = 0;
        server.OnSubscribe = (request, token) => Updates(request.Path, ++subscriptions, token);
        var broken = new List<RpcStatus>();
        var seen = new List<(long Version, string Path)>();
        using var limit = new CancellationTokenSource(ScriptedServer.Patience);
        await foreach (var rollup in client.SubscribeRollupsAsync("/INDEX", 1, null, failure => broken.Add(failure.Status), limit.Token))
        {
            seen.Add((rollup.Version, rollup.Path));
            if (seen.Count == 2)
            {
                await server.StopAsync();
                await server.StartAgainAsync();
            }

            if (seen.Count == 4)
                break;
        }

        Assert.Equal([(100, "/INDEX"), (101, "/INDEX"), (200, "/INDEX"), (201, "/INDEX")], seen);
        Assert.NotEmpty(broken);
        Assert.All(broken, status => Assert.Equal(RpcStatus.Unavailable, status));

        static async IAsyncEnumerable<Rollup> Updates(string path, int subscription, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new Rollup { Path = path, Version = subscription * 100 };
            yield return new Rollup { Path = path, Version = (subscription * 100) + 1 };
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    [Fact]
    public async Task A_subscription_to_what_does_not_exist_fails_for_good()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = new RiskGridClient(server.Address);
        var calls = 0;
        server.OnSubscribe = (_, _) => throw new RpcException(++calls > 0 ? RpcStatus.NotFound : RpcStatus.Ok, "no node /X");
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.SubscribeRollupsAsync("/X").ToListAsync());
        Assert.Equal(RpcStatus.NotFound, failure.Status);
        Assert.Equal(1, calls);
    }
}
