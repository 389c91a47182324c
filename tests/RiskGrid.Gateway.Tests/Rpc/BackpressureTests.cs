using System.Diagnostics;
using Google.Protobuf;
using Grpc.Health.V1;
using RiskGrid.Client.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class BackpressureTests
{
    [Fact]
    public async Task A_flood_is_refused_with_a_time_to_wait_while_other_clients_and_health_are_answered()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxConcurrentCalls = 8, MaxConcurrentCallsPerConnection = 20 });
        using var endFlood = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 50)
            .Select(n => host.Channel.UnaryAsync(EchoHost.Hold, new EchoRequest { Text = $"{n}" }, null, endFlood.Token)).ToList();
        await EchoHost.UntilAsync(() => flood.Count(call => call.IsFaulted) == 42, "42 of 50 calls were refused");
        await EchoHost.UntilAsync(() => host.Service.Holding == 8, "the others reached their handler");
        foreach (var refused in flood.Where(call => call.IsFaulted))
        {
            var failure = Assert.IsType<RpcException>(refused.Exception!.InnerException);
            Assert.Equal(RpcStatus.ResourceExhausted, failure.Status);
            Assert.Equal(TimeSpan.FromMilliseconds(200), failure.RetryAfter);
        }

        var other = host.NewChannel();
        for (var n = 0; n < 20; n++)
            Assert.Equal("polite", (await other.UnaryAsync(EchoHost.Say, new EchoRequest { Text = "polite" })).Text);
        var check = new RpcMethod<HealthCheckRequest, HealthCheckResponse>(HealthReflection.Descriptor.Services[0], "Check");
        await host.Channel.UnaryAsync(check, new HealthCheckRequest());

        await endFlood.CancelAsync();
        await EchoHost.UntilAsync(() => host.Service.Holding == 0, "the cancelled calls left their places");
        await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest(), new RpcCallOptions { Retry = RpcRetry.UntilDeadline });
    }

    [Fact]
    public async Task One_connection_cannot_take_all_places()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxConcurrentCallsPerConnection = 3 });
        using var end = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 10)
            .Select(n => host.Channel.UnaryAsync(EchoHost.Hold, new EchoRequest { Text = $"{n}" }, null, end.Token)).ToList();
        await EchoHost.UntilAsync(() => calls.Count(call => call.IsFaulted) == 7, "7 of 10 calls were refused");
        await EchoHost.UntilAsync(() => host.Service.Holding == 3, "the others reached their handler");
        await end.CancelAsync();
    }

    [Fact]
    public async Task Streams_have_places_of_their_own()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxConcurrentStreamsPerConnection = 2 });
        var open = new List<IAsyncEnumerator<EchoResponse>>();
        for (var n = 0; n < 2; n++)
        {
            open.Add(host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 1, Failure = "hold" }).GetAsyncEnumerator());
            Assert.True(await open[n].MoveNextAsync());
        }

        var refusal = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 1 }).ToListAsync());
        Assert.Equal(RpcStatus.ResourceExhausted, refusal.Status);
        await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest());
        foreach (var stream in open)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_reader_holds_the_producer_back_instead_of_filling_memory()
    {
        await using var host = await EchoHost.StartAsync();
        var request = new EchoRequest { Count = 100_000, Payload = ByteString.CopyFrom(new byte[10_000]) };
        var stream = host.Channel.ServerStreamAsync(EchoHost.Repeat, request).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var last = -1;
        await EchoHost.UntilAsync(
            () =>
            {
                var (before, now) = (last, host.Service.Produced);
                last = now;
                return now > 1 && now == before && StaysAt(host, now);
            },
            "the producer stopped");
        Assert.InRange(last, 1, 2_000);
        await stream.DisposeAsync();

        // Held still for long against the microseconds that one message takes.
        static bool StaysAt(EchoHost host, int produced)
        {
            var since = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromMilliseconds(200))
                if (host.Service.Produced != produced)
                    return false;
            return true;
        }
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_other_streams_of_its_connection_live_on()
    {
        await using var host = await EchoHost.StartAsync(options => options with { StalledReaderTimeout = TimeSpan.FromMilliseconds(300) });
        var healthy = host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 1, Failure = "hold" }).GetAsyncEnumerator();
        Assert.True(await healthy.MoveNextAsync());
        var request = new EchoRequest { Count = 1_000_000, Payload = ByteString.CopyFrom(new byte[100_000]) };
        var stalled = host.Channel.ServerStreamAsync(EchoHost.Repeat, request).GetAsyncEnumerator();
        Assert.True(await stalled.MoveNextAsync());
        await EchoHost.UntilAsync(() => host.Logs.Lines.Any(line => line.Contains("cut off", StringComparison.Ordinal)), "the stalled reader was cut off");
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stalled.MoveNextAsync())
            {
            }
        });
        Assert.Equal(RpcStatus.Unavailable, failure.Status);
        var pending = healthy.MoveNextAsync();
        await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest());
        Assert.False(pending.IsCompleted, "the healthy stream was cut off with the stalled one");
    }

    [Fact]
    public async Task An_idle_stream_outlives_the_servers_limit_on_slow_uploads()
    {
        await using var host = await EchoHost.StartAsync();
        var more = new TaskCompletionSource();
        async IAsyncEnumerable<EchoRequest> WithAPause()
        {
            yield return new EchoRequest { Text = "before" };
            await more.Task;
            yield return new EchoRequest { Text = "after" };
        }

        var chat = host.Channel.DuplexAsync(EchoHost.Chat, WithAPause()).GetAsyncEnumerator();
        Assert.True(await chat.MoveNextAsync());
        var next = chat.MoveNextAsync().AsTask();

        // Longer than the 5.8 s after which the server's default limit ends an idle upload; nothing else can show that it did not.
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(TimeSpan.FromSeconds(6.5)));
        more.SetResult();
        Assert.True(await next.WaitAsync(EchoHost.Patience));
        Assert.Equal("after", chat.Current.Text);
        Assert.False(await chat.MoveNextAsync());
    }
}
