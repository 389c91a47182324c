using Google.Protobuf;
using RiskGrid.Client.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class GrpcCallTests
{
    [Fact]
    public async Task All_four_kinds_of_call_answer()
    {
        await using var host = await EchoHost.StartAsync();
        Assert.Equal("hello", (await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest { Text = "hello" })).Text);

        var repeated = await host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Text = "x", Count = 1000 }).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => (long)n), repeated.Select(each => each.Number));

        var collected = await host.Channel.ClientStreamAsync(EchoHost.Collect, Requests("a", "b", "c"));
        Assert.Equal("a+b+c", collected.Text);
        Assert.Equal("", (await host.Channel.ClientStreamAsync(EchoHost.Collect, Requests())).Text);

        var chat = await host.Channel.DuplexAsync(EchoHost.Chat, Requests("a", "b")).ToListAsync();
        Assert.Equal(["a", "b"], chat.Select(each => each.Text));
    }

    [Fact]
    public async Task A_duplex_call_answers_each_message_before_the_next_is_sent()
    {
        await using var host = await EchoHost.StartAsync();
        var answered = new SemaphoreSlim(1);
        async IAsyncEnumerable<EchoRequest> Alternate()
        {
            for (var n = 0; n < 20; n++)
            {
                Assert.True(await answered.WaitAsync(EchoHost.Patience), $"message {n - 1} was not answered while the stream was open");
                yield return new EchoRequest { Text = $"{n}" };
            }
        }

        var seen = 0;
        await foreach (var response in host.Channel.DuplexAsync(EchoHost.Chat, Alternate()))
        {
            Assert.Equal($"{seen++}", response.Text);
            answered.Release();
        }

        Assert.Equal(20, seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(15 * 1024 * 1024)]
    public async Task A_message_of_any_size_up_to_the_limit_survives_both_ways_plain_and_compressed(int size)
    {
        await using var host = await EchoHost.StartAsync(options => options with { CompressResponsesFrom = 1024 });
        var payload = new byte[size];
        new Random(20260130).NextBytes(payload.AsSpan(0, size / 2));
        var request = new EchoRequest { Payload = ByteString.CopyFrom(payload) };
        foreach (var compress in new[] { false, true })
        {
            var response = await host.Channel.UnaryAsync(EchoHost.Say, request, new RpcCallOptions { Compress = compress });
            Assert.Equal(request.Payload, response.Payload);
        }
    }

    [Fact]
    public async Task Metadata_travels_both_ways_in_text_and_bytes()
    {
        await using var host = await EchoHost.StartAsync();
        var headers = new RpcMetadata { { "x-desk", "index" } };
        headers.Add("x-key-bin", [0, 255, 1]);
        var received = new RpcResponseMetadata();
        await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest(), new RpcCallOptions { Headers = headers, Response = received });
        Assert.Equal("index", received.Trailers["echo-x-desk"]);
        Assert.Equal([0, 255, 1], received.Headers.GetBytes("echo-x-key-bin"));
    }

    private static async IAsyncEnumerable<EchoRequest> Requests(params string[] texts)
    {
        foreach (var text in texts)
        {
            await Task.Yield();
            yield return new EchoRequest { Text = text };
        }
    }
}
