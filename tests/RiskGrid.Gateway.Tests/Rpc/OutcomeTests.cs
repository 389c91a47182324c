using RiskGrid.Client.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class OutcomeTests
{
    [Fact]
    public async Task A_failure_keeps_its_status_and_its_text_in_any_script()
    {
        await using var host = await EchoHost.StartAsync();
        var failure = await FailAsync(host, "not_found");
        Assert.Equal(RpcStatus.NotFound, failure.Status);
        Assert.Equal("kein Geschäft „7“ – 100 % sicher", failure.Message);
    }

    [Fact]
    public async Task A_rule_of_the_model_that_is_broken_names_the_field()
    {
        await using var host = await EchoHost.StartAsync();
        var failure = await FailAsync(host, "validation");
        Assert.Equal(RpcStatus.InvalidArgument, failure.Status);
        Assert.Equal([("strike", "must be above zero")], failure.FieldViolations);
    }

    [Fact]
    public async Task A_time_to_wait_reaches_the_caller()
    {
        await using var host = await EchoHost.StartAsync();
        var failure = await FailAsync(host, "retry_later");
        Assert.Equal(RpcStatus.Unavailable, failure.Status);
        Assert.Equal(TimeSpan.FromMilliseconds(30), failure.RetryAfter);
    }

    [Fact]
    public async Task The_hook_maps_failures_of_the_application()
    {
        await using var host = await EchoHost.StartAsync();
        var failure = await FailAsync(host, "mapped");
        Assert.Equal((RpcStatus.FailedPrecondition, "mapped by the hook"), (failure.Status, failure.Message));
    }

    [Fact]
    public async Task A_hook_that_throws_does_not_hide_the_failure()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MapException = _ => throw new InvalidTimeZoneException() });
        var failure = await FailAsync(host, "crash");
        Assert.Equal(RpcStatus.Internal, failure.Status);
        Assert.Contains(host.Logs.Lines, line => line.Contains(EchoService.Secret, StringComparison.Ordinal));
        Assert.Contains(host.Logs.Lines, line => line.Contains(nameof(InvalidTimeZoneException), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unexpected_failure_tells_the_caller_where_to_look_and_the_log_everything()
    {
        await using var host = await EchoHost.StartAsync();
        var failure = await FailAsync(host, "crash");
        Assert.Equal(RpcStatus.Internal, failure.Status);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("EchoService", failure.Message, StringComparison.Ordinal);
        var callId = failure.Message.Split(' ')[^1];
        Assert.Contains(host.Logs.Lines, line => line.Contains(callId, StringComparison.Ordinal)
            && line.Contains(EchoService.Secret, StringComparison.Ordinal) && line.Contains("/riskgrid.test.Echo/Fail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_delivers_what_came_before_its_failure()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = new List<long>();
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var each in host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 3, Failure = "not_found" }))
                seen.Add(each.Number);
        });
        Assert.Equal(RpcStatus.NotFound, failure.Status);
        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task A_client_stream_that_is_refused_midway_gets_the_reason_while_it_still_sends()
    {
        await using var host = await EchoHost.StartAsync();
        async IAsyncEnumerable<EchoRequest> Endless()
        {
            yield return new EchoRequest { Failure = "not_found" };
            while (true)
            {
                await Task.Yield();
                yield return new EchoRequest { Text = "more" };
            }
        }

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => host.Channel.ClientStreamAsync(EchoHost.Collect, Endless()).WaitAsync(EchoHost.Patience));
        Assert.Equal(RpcStatus.NotFound, failure.Status);
    }

    [Fact]
    public async Task A_source_that_throws_ends_the_call_and_its_exception_reaches_the_caller()
    {
        await using var host = await EchoHost.StartAsync();
        static async IAsyncEnumerable<EchoRequest> Broken()
        {
            yield return new EchoRequest { Text = "one" };
            await Task.Yield();
            throw new InvalidTimeZoneException("the source broke");
        }

        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => host.Channel.ClientStreamAsync(EchoHost.Collect, Broken()));
        Assert.Equal("the source broke", failure.Message);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await host.Channel.DuplexAsync(EchoHost.Chat, Broken()).ToListAsync());
    }

    [Fact]
    public async Task A_deadline_cancels_the_handler_and_both_sides_call_it_by_its_name()
    {
        await using var host = await EchoHost.StartAsync();
        // Connected before the time runs: it must do to reach the handler.
        await host.Channel.UnaryAsync(EchoHost.Say, new EchoRequest());
        var failure = await Assert.ThrowsAsync<RpcException>(() => host.Channel.UnaryAsync(
            EchoHost.Hold, new EchoRequest { Text = "d" }, new RpcCallOptions { Timeout = TimeSpan.FromSeconds(2) }));
        Assert.Equal(RpcStatus.DeadlineExceeded, failure.Status);
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);

        // A caller that sends the timeout but does not enforce it is answered by the server.
        var (status, _, _) = await RawHttp.GrpcAsync(host, EchoHost.Hold.Path, RawHttp.Frame(new EchoRequest { Text = "e" }), ("grpc-timeout", "150m"));
        Assert.Equal(RpcStatus.DeadlineExceeded, status);
    }

    [Fact]
    public async Task A_caller_that_gives_up_cancels_the_handler_of_every_kind()
    {
        await using var host = await EchoHost.StartAsync();
        using var giveUp = new CancellationTokenSource();
        var held = host.Channel.UnaryAsync(EchoHost.Hold, new EchoRequest { Text = "h" }, null, giveUp.Token);
        await EchoHost.UntilAsync(() => host.Service.Holding == 1, "the call reached its handler");
        await giveUp.CancelAsync();
        Assert.Equal(giveUp.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held)).CancellationToken);
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);

        host.Service.ResetCancelled();
        await foreach (var _ in host.Channel.ServerStreamAsync(EchoHost.Repeat, new EchoRequest { Count = 1, Failure = "hold" }))
            break;
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);

        host.Service.ResetCancelled();
        var never = new TaskCompletionSource();
        async IAsyncEnumerable<EchoRequest> OneThenSilence()
        {
            yield return new EchoRequest { Text = "one" };
            await never.Task;
        }

        await foreach (var _ in host.Channel.DuplexAsync(EchoHost.Chat, OneThenSilence()))
            break;
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_cancellation_inside_the_server_is_told_as_cancelled()
    {
        await using var host = await EchoHost.StartAsync();
        Assert.Equal(RpcStatus.Cancelled, (await FailAsync(host, "cancel")).Status);
    }

    private static Task<RpcException> FailAsync(EchoHost host, string kind) =>
        Assert.ThrowsAsync<RpcException>(() => host.Channel.UnaryAsync(EchoHost.Fail, new EchoRequest { Failure = kind }));
}
