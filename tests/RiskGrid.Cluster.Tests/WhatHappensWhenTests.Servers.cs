using System.Diagnostics;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Rows;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using StackExchange.Redis;

namespace RiskGrid.Cluster.Tests;

/// <content>Servers that go and come back.</content>
public sealed partial class WhatHappensWhenTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_broker_restarts_calls_get_UNAVAILABLE_with_a_retry_hint_at_once_silos_reconnect_and_rebuild_and_nothing_confirmed_is_lost()
    {
        using var client = Cluster.Connect();
        var spec = await Firm.RunAsync(client, LongPaths);
        await client.StartRunAsync(spec, "broker.whole");
        var whole = await Firm.FinishedAsync(Cluster, client, "broker.whole");
        await using var subscriber = await Subscriber.StartAsync(Cluster, client);
        await using var bookers = await Bookers.StartAsync(Cluster, "BROKER");
        var processes = Cluster.Processes.Where(p => !p.HasExited).ToList();
        await client.StartRunAsync(spec, "broker.half");

        var processors = new Processors();
        await Servers.Broker.StopAsync();
        using var impatient = Cluster.Connect(Cluster.Gateways[0]);
        var one = new OneTry(impatient);
        var outcomes = new List<CallOutcome>
        {
            await one.RollupAsync("/DESK-A"),
            await one.RollupAsync("/DESK-A", settled: true),
            await one.PriceAsync(Firm.Trade(1, 1)),
            await one.HierarchyAsync(),
            await one.MarketAsync(),
            await one.StartRunAsync("broker.none"),
            await one.ListRunsAsync(),
            await one.QuoteAsync(6920),
            await one.BookAsync("BOOK-1", "never-booked"),
        };
        foreach (var outcome in outcomes)
            output.WriteLine($"without a broker: {outcome}");
        Assert.All(outcomes, o => Assert.True(o.IsRetriable && o.Took < processors.Allow(AtOnce), $"{o}"));
        await Cluster.WaitUntilAsync(async () => !await impatient.IsServingAsync(), TimeSpan.FromSeconds(20), "the gateway says that it is not ready");

        await Servers.Broker.StartAsync();
        var watch = Stopwatch.StartNew();
        await Cluster.WaitUntilOwnedAsync();
        var owned = watch.Elapsed;
        await bookers.MoreAsync(50);
        output.WriteLine($"{owned.TotalSeconds:N1} s after the broker is back, all is owned; {watch.Elapsed.TotalSeconds:N1} s: bookings go on; {bookers.Acknowledged} commands");
        Assert.Equal(processes, Cluster.Processes.Where(p => !p.HasExited));
        var halved = await Firm.FinishedAsync(Cluster, client, "broker.half");
        Assert.Equal(whole.ResultHash, halved.ResultHash);
        var point = await Firm.MoveAsync(client, 6921);
        await subscriber.UntilAsync(r => r.IsAt(point), TimeSpan.FromSeconds(30), "rollups go on");
        await subscriber.HoldsAsync(await Firm.SettledAsync(client), TimeSpan.FromSeconds(30));
        Assert.Equal(0, subscriber.Breaks);
        await bookers.StopAndCheckAsync();
    }

    [Fact]
    public async Task PostgreSQL_restarts_nothing_is_acknowledged_that_was_not_stored_and_reads_of_live_rollups_and_quotes_go_on()
    {
        using var client = Cluster.Connect();
        await using var subscriber = await Subscriber.StartAsync(Cluster, client);
        await using var bookers = await Bookers.StartAsync(Cluster, "STORE");
        var processes = Cluster.Processes.Where(p => !p.HasExited).ToList();

        var processors = new Processors();
        await Servers.Postgres.KillAsync();
        var stored = bookers.Acknowledged;
        var one = new OneTry(client);
        var refused = new[] { await one.BookAsync("STORE-A", "unstored-1"), await one.PriceAsync("unstored-1"), await one.StartRunAsync("store.none") };
        foreach (var outcome in refused)
            output.WriteLine($"without PostgreSQL: {outcome}");
        Assert.All(refused, o => Assert.True(o.Failure is { Status: RpcStatus.Unavailable, RetryAfter: not null } && o.Took < processors.Allow(5 * AtOnce), $"{o}"));

        for (var spot = 6931; spot <= 6935; spot++)
        {
            var watch = Stopwatch.StartNew();
            var point = await Firm.MoveAsync(client, spot);
            await subscriber.UntilAsync(r => r.IsAt(point), TimeSpan.FromSeconds(30), $"every node moves with the quote {spot}");
            var read = await one.RollupAsync("/DESK-A");
            output.WriteLine($"without PostgreSQL: quote {spot} is in every rollup after {watch.Elapsed.TotalMilliseconds:N0} ms; {read}");
            Assert.Null(read.Failure);
        }

        // A reply may have been on its way when the server died: two streams, eight commands each.
        Assert.InRange(bookers.Acknowledged, stored, stored + 16);
        Assert.Equal(0, subscriber.Breaks);
        await Servers.Postgres.StartAsync();
        var again = await bookers.MoreAsync(50);
        output.WriteLine($"50 more commands {again.TotalSeconds:N1} s after PostgreSQL is back; {bookers.Acknowledged} in all");
        await subscriber.HoldsAsync(await Firm.SettledAsync(client), TimeSpan.FromSeconds(30));
        Assert.Equal(processes, Cluster.Processes.Where(p => !p.HasExited));
        await bookers.StopAndCheckAsync();
    }

    [Fact]
    public async Task Redis_is_killed_frozen_full_of_garbage_or_was_never_there_and_nothing_but_speed_changes()
    {
        using var client = Cluster.Connect();
        var settled = await Firm.SettledAsync(client);
        var spec = await Firm.RunAsync(client, 40_000);
        await client.StartRunAsync(spec, "redis.with");
        var hash = (await Firm.FinishedAsync(Cluster, client, "redis.with")).ResultHash;
        await using var caller = await SteadyCaller.StartAsync(Cluster, "REDIS-S");
        await SameAsync(client, "with Redis", settled, spec, hash);

        await Servers.Redis.KillAsync();
        await SameAsync(client, "killed", settled, spec, hash);
        await Servers.Redis.StartAsync();
        await SameAsync(client, "back", settled, spec, hash);
        await Servers.Redis.PauseAsync();
        await SameAsync(client, "frozen", settled, spec, hash);
        await Servers.Redis.ResumeAsync();
        await SameAsync(client, "thawed", settled, spec, hash);
        await Cluster.WaitUntilAsync(async () => await SpoilAsync() > 0, TimeSpan.FromSeconds(30), "the cache is in use again");
        await SameAsync(client, "garbage", settled, spec, hash);

        // New processes have nothing in memory: they read what is there, or nothing.
        await SpoilAsync();
        var fresh = await Cluster.StartSiloAsync();
        await Cluster.WaitUntilOwnedAsync();
        await SpoilAsync();
        await SameAsync(client, "garbage, new silo", settled, spec, hash);
        await fresh.StopAsync();
        var none = new Dictionary<string, string>(StringComparer.Ordinal) { ["RISKGRID_CACHE"] = "redis://127.0.0.1:9/0" };
        var without = await Cluster.StartSiloAsync(environment: none);
        var door = await Cluster.StartGatewayAsync(environment: none);
        await Cluster.WaitUntilOwnedAsync();
        using (var other = Cluster.Connect(door))
            await SameAsync(other, "never there", settled, spec, hash);
        await without.StopAsync();
        await door.StopAsync();
        output.WriteLine($"{caller.Calls} single calls, slowest {caller.Slowest.TotalMilliseconds:N0} ms, {caller.Failures.Count} failed");
        Assert.True(caller.Failures.Count == 0, $"{string.Join('\n', caller.Failures)}\n{Cluster.Logs()}");
    }

    private async Task SameAsync(RiskGridClient client, string state, IReadOnlyDictionary<string, Rollup> settled, RunSpec spec, string hash)
    {
        var watch = Stopwatch.StartNew();
        foreach (var desk in new[] { "/DESK-A", "/DESK-B" })
        {
            foreach (var rollup in await client.GetRollupAsync(desk, depth: -1, maxAge: TimeSpan.FromSeconds(5)))
                Assert.True(rollup.Numbers().Equals(settled[rollup.NodeId].Numbers()), $"{state}: {rollup.Numbers()} is not {settled[rollup.NodeId].Numbers()}");
        }

        var cheap = watch.Elapsed;
        foreach (var (node, rollup) in await Firm.SettledAsync(client))
            Assert.True(rollup.Numbers().Equals(settled[node].Numbers()), $"{state}: {rollup.Numbers()} is not {settled[node].Numbers()}");
        watch.Restart();
        var id = $"redis.{state.Replace(" ", "-", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)}";
        await client.StartRunAsync(spec, id);
        var run = await Firm.FinishedAsync(Cluster, client, id);
        output.WriteLine($"{state}: recent rollups in {cheap.TotalMilliseconds:N0} ms, a run in {watch.Elapsed.TotalMilliseconds:N0} ms");
        Assert.Equal(hash, run.ResultHash);
    }

    // Every value becomes bytes that nobody wrote, or something that is no value at all.
    private async Task<int> SpoilAsync()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{Cluster.Cache.Host}:{Cluster.Cache.Port},allowAdmin=true");
        var number = int.Parse(Cluster.Cache.AbsolutePath.Trim('/'), System.Globalization.CultureInfo.InvariantCulture);
        var database = redis.GetDatabase(number);
        var random = new Random(7);
        var garbage = new byte[4096];
        var spoilt = 0;
        foreach (var key in redis.GetServer(redis.GetEndPoints()[0]).Keys(number).ToList())
        {
            random.NextBytes(garbage);

            // At once: a silo may write the same key meanwhile.
            var change = database.CreateTransaction();
            _ = change.KeyDeleteAsync(key);
            if (spoilt++ % 3 == 0)
                _ = change.ListRightPushAsync(key, garbage);
            else
                _ = change.StringSetAsync(key, garbage[..random.Next(garbage.Length)]);
            await change.ExecuteAsync();
        }

        return spoilt;
    }
}
