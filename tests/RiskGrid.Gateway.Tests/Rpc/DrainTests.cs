using System.Net;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class DrainTests
{
    [Fact]
    public async Task A_stopping_server_ends_streams_and_lets_calls_finish()
    {
        await using var host = await EchoHost.StartAsync(options => options with { ShutdownGrace = TimeSpan.FromSeconds(30) });
        var stream = host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 1, Failure = "hold" }).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var call = host.Channel.UnaryAsync(EchoHost.Hold, new EchoRequest { Text = "in flight" });
        await EchoHost.UntilAsync(() => host.Service.Holding == 1, "the call reached its handler");

        var stopping = host.Server.StopAsync(CancellationToken.None);
        var ended = await Assert.ThrowsAsync<RpcException>(() => stream.MoveNextAsync().AsTask().WaitAsync(EchoHost.Patience));
        Assert.Equal(RpcStatus.Unavailable, ended.Status);
        Assert.NotNull(ended.RetryAfter);
        Assert.False(host.Server.Health.IsServing);
        Assert.False(stopping.IsCompleted, "the server did not wait for the call in flight");
        Assert.False(call.IsCompleted, "the call in flight was cut off");

        host.Service.ReleaseHeld("in flight");
        Assert.Equal("in flight", (await call.WaitAsync(EchoHost.Patience)).Text);
        await stopping.WaitAsync(EchoHost.Patience);
        var refused = await Assert.ThrowsAsync<RpcException>(() => host.NewChannel().UnaryAsync(EchoHost.Say, new EchoRequest()));
        Assert.Equal(RpcStatus.Unavailable, refused.Status);
    }

    [Fact]
    public async Task A_call_that_does_not_finish_within_the_grace_is_cut_off()
    {
        await using var host = await EchoHost.StartAsync(options => options with { ShutdownGrace = TimeSpan.FromMilliseconds(300) });
        var call = host.Channel.UnaryAsync(EchoHost.Hold, new EchoRequest { Text = "stuck" });
        await EchoHost.UntilAsync(() => host.Service.Holding == 1, "the call reached its handler");
        await host.Server.StopAsync(CancellationToken.None).WaitAsync(EchoHost.Patience);
        Assert.Equal(RpcStatus.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call)).Status);
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task An_HTTP1_stream_gets_its_outcome_when_the_server_stops()
    {
        await using var host = await EchoHost.StartAsync();
        var request = RawHttp.Post(
            new Uri(host.Server.HttpAddress, "riskgrid.test.Echo/Repeat"), RawHttp.Frames("""{"count":1,"failure":"hold"}"""), "application/connect+json", HttpVersion.Version11);
        using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var body = response.Content.ReadAsByteArrayAsync();
        await host.Server.StopAsync(CancellationToken.None).WaitAsync(EchoHost.Patience);
        var (_, end) = RawHttp.ReadConnectStream(await body);
        Assert.Equal("unavailable", end.GetProperty("error").GetProperty("code").GetString());
    }
}
