using System.Runtime.CompilerServices;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Client.Tests;

/// <summary>A client of several gateways goes on with the next when one fails.</summary>
public sealed class FailoverTests
{
    private static readonly RpcChannelOptions Quick = new() { FirstRetryDelay = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Reads_go_to_the_next_gateway_when_one_has_gone_and_stay_there()
    {
        await using var first = await ScriptedServer.StartAsync();
        await using var second = await ScriptedServer.StartAsync();
        first.OnGetRollup = _ => Named("first");
        second.OnGetRollup = _ => Named("second");
        using var client = new RiskGridClient([first.Address, second.Address], Quick);
        Assert.Equal("/first", await AskAsync(client));
        await first.StopAsync();
        Assert.Equal("/second", await AskAsync(client));
        await first.StartAgainAsync();
        Assert.Equal("/second", await AskAsync(client));
        await second.StopAsync();
        Assert.Equal("/first", await AskAsync(client));
    }

    [Fact]
    public async Task A_gateway_that_does_not_answer_is_left_for_the_next_call()
    {
        await using var first = await ScriptedServer.StartAsync();
        await using var second = await ScriptedServer.StartAsync();
        using var frozen = new ManualResetEventSlim();
        first.OnGetRollup = _ =>
        {
            frozen.Wait(ScriptedServer.Patience);
            return Named("first");
        };
        second.OnGetRollup = _ => Named("second");
        using var client = new RiskGridClient([first.Address, second.Address], Quick);
        var late = await Assert.ThrowsAsync<RpcException>(() => client.GetRollupAsync("/", timeout: TimeSpan.FromMilliseconds(200)));
        Assert.Equal(RpcStatus.DeadlineExceeded, late.Status);
        Assert.Equal("/second", await AskAsync(client));
        frozen.Set();
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_moves_nothing()
    {
        await using var first = await ScriptedServer.StartAsync();
        await using var second = await ScriptedServer.StartAsync();
        first.OnGetRollup = _ => throw new RpcException(RpcStatus.NotFound, "no such node");
        using var client = new RiskGridClient([first.Address, second.Address], Quick);
        await Assert.ThrowsAsync<RpcException>(() => client.GetRollupAsync("/x"));
        Assert.Equal(first.Address, client.Channel.Address);
    }

    [Fact]
    public async Task Subscriptions_resume_on_the_next_gateway_with_the_newest()
    {
        await using var first = await ScriptedServer.StartAsync();
        await using var second = await ScriptedServer.StartAsync();
        first.OnSubscribe = (_, token) => Stream(token, "first");
        second.OnSubscribe = (_, token) => Stream(token, "first", "second");
        using var client = new RiskGridClient([first.Address, second.Address], Quick);
        using var limit = new CancellationTokenSource(ScriptedServer.Patience);
        var broken = new List<RpcException>();
        await using var updates = client.SubscribeRollupsAsync("/", onBroken: broken.Add, cancellationToken: limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await updates.MoveNextAsync());
        Assert.Equal("/first", updates.Current.Path);
        await first.StopAsync();
        Assert.True(await updates.MoveNextAsync());
        Assert.Equal("/first", updates.Current.Path);
        Assert.True(await updates.MoveNextAsync());
        Assert.Equal("/second", updates.Current.Path);
        Assert.Single(broken);
    }

    [Fact]
    public async Task Bookings_go_on_at_the_next_gateway_with_the_same_command_ids()
    {
        await using var first = await ScriptedServer.StartAsync();
        await using var second = await ScriptedServer.StartAsync();
        first.OnBook = (_, _) => throw new RpcException(RpcStatus.Unavailable, "closing");
        using var client = new RiskGridClient([first.Address, second.Address], Quick);
        var results = await client.BookTradesAsync(ScriptedServer.Commands(5), new BookingOptions { BatchSize = 2 });
        Assert.All(results, r => Assert.Equal(TradeResult.Types.Outcome.Applied, r.Outcome));
        Assert.Equal(["c0", "c1"], first.Booked.Single().Commands.Select(c => c.CommandId));
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], second.Booked.SelectMany(b => b.Commands).Select(c => c.CommandId));
    }

    [Fact]
    public void A_client_of_no_server_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RiskGridClient(Array.Empty<Uri>()));
        Assert.Throws<ArgumentException>(() => new RiskGridClient([new Uri("http://127.0.0.1:1"), new Uri("ftp://127.0.0.1")]));
    }

    private static GetRollupResponse Named(string name) => new() { Rollups = { new Rollup { Path = "/" + name } } };

    private static async Task<string> AskAsync(RiskGridClient client) => (await client.GetRollupAsync("/"))[0].Path;

    private static async IAsyncEnumerable<Rollup> Stream([EnumeratorCancellation] CancellationToken cancellationToken, params string[] names)
    {
        foreach (var name in names)
            yield return new Rollup { Path = "/" + name };
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
