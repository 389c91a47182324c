using System.Buffers.Binary;
using Google.Protobuf;
using RiskGrid.Client.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class GrpcLimitTests
{
    private const int Limit = 100_000;

    [Fact]
    public async Task A_message_above_the_limit_is_refused_and_the_connection_lives_on()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxReceiveMessageBytes = Limit });
        var large = new EchoRequest { Payload = ByteString.CopyFrom(new byte[Limit]) };
        var refusal = await Assert.ThrowsAsync<RpcException>(() => host.Channel.UnaryAsync(EchoHost.Say, large));
        Assert.Equal(RpcStatus.ResourceExhausted, refusal.Status);
        Assert.Contains("100,000", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("still", (await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest { Text = "still" })).Text);
    }

    [Fact]
    public async Task A_small_message_that_inflates_above_the_limit_is_refused()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxReceiveMessageBytes = Limit });
        var bomb = RawHttp.Gzip(new EchoRequest { Payload = ByteString.CopyFrom(new byte[50 * 1024 * 1024]) }.ToByteArray());
        var body = RawHttp.Frame(bomb[..Math.Min(bomb.Length, Limit)], MessageFrame.Compressed);
        var (status, message, _) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, body, ("grpc-encoding", "gzip"));
        Assert.Equal(RpcStatus.ResourceExhausted, status);
        Assert.Contains("inflates", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_above_the_clients_limit_fails_at_the_client()
    {
        await using var host = await EchoHost.StartAsync();
        var channel = host.NewChannel(new RpcChannelOptions { MaxReceiveMessageBytes = 1000 });
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[2000]) };
        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(EchoHost.Say, request));
        Assert.Equal(RpcStatus.ResourceExhausted, failure.Status);
    }

    [Fact]
    public async Task A_length_prefix_of_four_gigabytes_is_refused_without_waiting_for_it()
    {
        await using var host = await EchoHost.StartAsync();
        var prefix = new byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), uint.MaxValue);
        var (status, _, _) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, prefix);
        Assert.Equal(RpcStatus.ResourceExhausted, status);
    }

    [Theory]
    [InlineData("the stream ends inside a message", new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData("the stream ends inside a message", new byte[] { 0, 0, 0 })]
    [InlineData("no protobuf", new byte[] { 0, 0, 0, 0, 2, 0x0A, 0x7F })]
    [InlineData("no request message", new byte[0])]
    [InlineData("more than one", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task A_broken_request_is_named_as_such(string reason, byte[] body)
    {
        await using var host = await EchoHost.StartAsync();
        var (status, message, _) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, body);
        Assert.Equal(RpcStatus.InvalidArgument, status);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_compression_is_refused_with_the_ones_that_are_known()
    {
        await using var host = await EchoHost.StartAsync();
        var (status, message, response) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, RawHttp.Frame(new EchoRequest()), ("grpc-encoding", "br"));
        Assert.Equal(RpcStatus.Unimplemented, status);
        Assert.Contains("gzip", message, StringComparison.Ordinal);
        Assert.Equal("identity,gzip", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Fact]
    public async Task A_message_marked_as_compressed_without_an_encoding_is_an_error()
    {
        await using var host = await EchoHost.StartAsync();
        var (status, _, _) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, RawHttp.Frame([1, 2, 3], MessageFrame.Compressed));
        Assert.Equal(RpcStatus.Internal, status);
    }

    [Theory]
    [InlineData("/riskgrid.test.Echo/Nothing")]
    [InlineData("/no.such.Service/Say")]
    [InlineData("/")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        await using var host = await EchoHost.StartAsync();
        var (status, message, _) = await RawHttp.GrpcAsync(host, path, RawHttp.Frame(new EchoRequest()));
        Assert.Equal(RpcStatus.Unimplemented, status);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_is_compressed_only_for_callers_that_accept_it_and_from_the_threshold_on()
    {
        await using var host = await EchoHost.StartAsync(options => options with { CompressResponsesFrom = 1000 });
        var large = RawHttp.Frame(new EchoRequest { Payload = ByteString.CopyFrom(new byte[1000]) });
        var (_, _, plain) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, large);
        Assert.Equal(0, (await plain.Content.ReadAsByteArrayAsync())[0]);
        var (_, _, packed) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, large, ("grpc-accept-encoding", "identity,deflate,gzip"));
        var body = await packed.Content.ReadAsByteArrayAsync();
        Assert.Equal(MessageFrame.Compressed, body[0]);
        Assert.InRange(body.Length, 1, 500);
        Assert.Equal("gzip", packed.Headers.GetValues("grpc-encoding").Single());
        var small = RawHttp.Frame(new EchoRequest { Text = "x" });
        var (_, _, below) = await RawHttp.GrpcAsync(host, EchoHost.Say.Path, small, ("grpc-accept-encoding", "gzip"));
        Assert.Equal(0, (await below.Content.ReadAsByteArrayAsync())[0]);
    }
}
