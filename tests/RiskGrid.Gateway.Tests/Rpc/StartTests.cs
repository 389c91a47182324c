using RiskGrid.Gateway.Rpc;
using RiskGrid.Gateway.Tests.Protos;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class StartTests
{
    private static readonly GatewayOptions AnyPorts = new() { GrpcPort = 0, HttpPort = 0 };

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.7")]
    [InlineData("::")]
    public async Task Only_loopback_is_listened_on(string address)
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(AnyPorts with { Address = address }));
        Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_no_address_is_refused() =>
        Assert.Contains("no IP address", (await Assert.ThrowsAsync<ArgumentException>(
            () => StartAsync(AnyPorts with { Address = "example.org" }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Chosen_ports_can_be_read_and_differ()
    {
        await using var server = await StartAsync(AnyPorts with { Address = "localhost" });
        Assert.NotEqual(0, server.GrpcAddress.Port);
        Assert.NotEqual(server.GrpcAddress.Port, server.HttpAddress.Port);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var first = await StartAsync(AnyPorts);
        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync(AnyPorts with { GrpcPort = first.GrpcAddress.Port }));
        Assert.Contains($"{first.GrpcAddress.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Choose another port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_port_for_both_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(AnyPorts with { GrpcPort = 7001, HttpPort = 7001 }));

    [Fact]
    public async Task A_method_without_a_handler_is_named_at_the_start()
    {
        var half = new RpcService(EchoReflection.Descriptor.Services[0])
            .Unary<EchoRequest, EchoResponse>("Say", (_, _, _) => Task.FromResult(new EchoResponse()));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => GatewayServer.StartAsync(AnyPorts, [half], CancellationToken.None));
        Assert.Contains("riskgrid.test.Echo has no handler for Fail, Hold, Release, Repeat, Collect, Chat", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_twice_is_refused() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => GatewayServer.StartAsync(AnyPorts, [new EchoService().Create(), new EchoService().Create()], CancellationToken.None));

    [Fact]
    public void A_handler_must_fit_its_contract()
    {
        var service = new RpcService(EchoReflection.Descriptor.Services[0]);
        Assert.Contains("no method Sing", Refusal(() => service.Unary<EchoRequest, EchoResponse>("Sing", (_, _, _) => Task.FromResult(new EchoResponse()))), StringComparison.Ordinal);
        Assert.Contains("riskgrid.test.EchoResponse", Refusal(() => service.Unary<EchoRequest, EchoRequest>("Say", (_, _, _) => Task.FromResult(new EchoRequest()))), StringComparison.Ordinal);
        Assert.Contains("ServerStream", Refusal(() => service.Unary<EchoRequest, EchoResponse>("Repeat", (_, _, _) => Task.FromResult(new EchoResponse()))), StringComparison.Ordinal);
        service.Unary<EchoRequest, EchoResponse>("Say", (_, _, _) => Task.FromResult(new EchoResponse()));
        Assert.Contains("already", Refusal(() => service.Unary<EchoRequest, EchoResponse>("Say", (_, _, _) => Task.FromResult(new EchoResponse()))), StringComparison.Ordinal);
    }

    private static string Refusal(Action action) => Assert.Throws<ArgumentException>(action).Message;

    private static Task<GatewayServer> StartAsync(GatewayOptions options) =>
        GatewayServer.StartAsync(options, [new EchoService().Create()], CancellationToken.None);
}
