using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
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

        await Servers.Broker.StopAsync();
        using var impatient = Cluster.Connect(Cluster.Gateways[0]);
        var one = new OneTry(impatient);
        Func<Task<CallOutcome>>[] calls =
        [
            () => one.RollupAsync("/DESK-A"),
            () => one.RollupAsync("/DESK-A", settled: true),
            () => one.PriceAsync(Firm.Trade(1, 1)),
            () => one.HierarchyAsync(),
            () => one.MarketAsync(),
            () => one.StartRunAsync("broker.none"),
            () => one.ListRunsAsync(),
            () => one.QuoteAsync(6920),
            () => one.BookAsync("BOOK-1", "never-booked"),
        ];
        foreach (var call in calls)
            await AtOnceAsync("without a broker", call, AtOnce, o => o.IsRetriable);
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

        await Servers.Postgres.KillAsync();
        var stored = bookers.Acknowledged;
        var one = new OneTry(client);
        foreach (var call in new[] { () => one.BookAsync("STORE-A", "unstored-1"), () => one.PriceAsync("unstored-1"), () => one.StartRunAsync("store.none") })
            await AtOnceAsync("without PostgreSQL", call, 5 * AtOnce, o => o.Failure is { Status: RpcStatus.Unavailable, RetryAfter: not null });

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
            // Unsettled ones: of a node that has just moved to a new silo, they say what is still on its way.
            Rollup? other = null;
            await Eventually.HoldsAsync(
                async () => (other = (await client.GetRollupAsync(desk, depth: -1, maxAge: TimeSpan.FromSeconds(5)))
                    .FirstOrDefault(r => !r.Numbers().Equals(settled[r.NodeId].Numbers()))) is null,
                TimeSpan.FromSeconds(30),
                () => $"{state}: {other} is as settled: {settled[other!.NodeId]}");
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

    // Fails as it should, and at once; one answer may meet a machine that stands still, the next one to the same call may not.
    private async Task AtOnceAsync(string when, Func<Task<CallOutcome>> call, TimeSpan within, Predicate<CallOutcome> asItShould)
    {
        for (var last = false; ; last = true)
        {
            var processors = new Processors();
            var outcome = await call();
            output.WriteLine($"{when}: {outcome}");
            Assert.True(asItShould(outcome), $"{when}: {outcome}");
            if (outcome.Took < processors.Allow(within))
                return;
            Assert.False(last, $"{when}, twice not within {within}: {outcome}; {processors}");
        }
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
