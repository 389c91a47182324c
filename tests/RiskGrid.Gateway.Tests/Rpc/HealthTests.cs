using System.Net;
using Grpc.Health.V1;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class HealthTests
{
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Check = new(HealthReflection.Descriptor.Services[0], "Check");
    private static readonly RpcMethod<HealthListRequest, HealthListResponse> List = new(HealthReflection.Descriptor.Services[0], "List");
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Watch = new(HealthReflection.Descriptor.Services[0], "Watch");

    [Fact]
    public async Task Alive_and_ready_are_told_apart_over_plain_HTTP()
    {
        await using var host = await EchoHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("readyz")).StatusCode);
        host.Server.Health.Set("", false);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Http.GetAsync("readyz")).StatusCode);
    }

    [Fact]
    public async Task Each_service_has_its_status()
    {
        await using var host = await EchoHost.StartAsync();
        host.Server.Health.Set("riskgrid.test.Echo", false);
        Assert.Equal(ServingStatus.Serving, (await host.Channel.UnaryAsync(Check, new HealthCheckRequest())).Status);
        Assert.Equal(ServingStatus.NotServing, (await host.Channel.UnaryAsync(Check, new HealthCheckRequest { Service = "riskgrid.test.Echo" })).Status);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => host.Channel.UnaryAsync(Check, new HealthCheckRequest { Service = "x" }));
        Assert.Equal(RpcStatus.NotFound, unknown.Status);
        var list = await host.Channel.UnaryAsync(List, new HealthListRequest());
        Assert.Equal(["", "riskgrid.test.Echo"], list.Statuses.Keys.Order());
    }

    [Fact]
    public async Task A_watcher_sees_the_status_now_and_each_change()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = new List<ServingStatus>();
        await foreach (var each in host.Channel.ServerStreamAsync(Watch, new HealthCheckRequest()))
        {
            seen.Add(each.Status);
            if (seen.Count == 3)
                break;
            host.Server.Health.Set("", each.Status != ServingStatus.Serving);
        }

        Assert.Equal([ServingStatus.Serving, ServingStatus.NotServing, ServingStatus.Serving], seen);
        await foreach (var each in host.Channel.ServerStreamAsync(Watch, new HealthCheckRequest { Service = "x" }))
        {
            Assert.Equal(ServingStatus.ServiceUnknown, each.Status);
            break;
        }
    }
}
