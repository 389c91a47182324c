using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grains.Tests.Runs;
using RiskGrid.Ledger;
using RiskGrid.Ledger.Cache;
using RiskGrid.Model;
using RiskGrid.Testing;
using StackExchange.Redis;

namespace RiskGrid.Grains.Tests;

/// <summary>Redis makes reads quicker; losing it loses speed only.</summary>
public sealed class CacheTests
{
    // A server that is merely slow is not away: what it has is read from it.
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);

    private static readonly string[] Nodes = [HierarchyGrain.Firm.Value, "D-INDEX", .. SmallFirm.Books];

    [Fact]
    public async Task The_newest_rollups_of_all_nodes_are_in_the_cache_and_stay_fresh()
    {
        await using var redis = await TestServers.RedisAsync();
        await using var cache = await ConnectAsync(redis, Patient);
        await using var ledger = await TestLedger.OpenAsync();
        await using var silo = await TestSilo.StartFirmAsync(ledger.Store, new TestSiloOptions { Cache = cache });
        await silo.SettleAsync();
        await using var reader = new RollupCache(cache, TimeProvider.System);

        // Nothing moves any more: the signs of life keep the entries young.
        await Patience.Eventually("every rollup is in the cache, as its node answers", async () =>
        {
            var kept = await reader.ReadAsync(Nodes, TimeSpan.FromSeconds(2), default);
            for (var i = 0; i < Nodes.Length; i++)
            {
                var answer = i < 2 ? await silo.Grains.Get<IDeskGrain>(Nodes[i]).GetReport() : await silo.Book(Nodes[i]).GetReport();
                if (kept[i] is null || !kept[i]!.Equals(answer.Rollup))
                    return false;
            }

            return true;
        });
        Assert.Equal(new Protocol.V1.Rollup?[] { null }, await reader.ReadAsync(["NOBODY"], TimeSpan.FromSeconds(2), default));
    }

    [Fact]
    public async Task A_run_has_the_same_bits_with_its_sheets_from_the_cache_and_with_a_cache_full_of_garbage()
    {
        await using var redis = await TestServers.RedisAsync();
        await using var store = await TestLedger.OpenAsync();
        var spec = RunSilo.MonteCarlo(3000);
        string expected;
        await using (var plain = await TestSilo.StartFirmAsync(store.Store))
        {
            await plain.SettleAsync();
            expected = (await plain.ComputeAsync("plain", spec)).ResultHash;
        }

        await using var cache = await ConnectAsync(redis, Patient);
        var counting = new CountingLedger(store.Store);
        await using var ledger = new CachedLedger(counting, cache);

        // Freezes the same books: their sheets go to the cache.
        await using (var first = await TestSilo.StartAsync(ledger, new TestSiloOptions { Cache = cache }))
            Assert.Equal(expected, (await first.RerunAsync("first", "plain")).ResultHash);
        await Patience.Eventually("the sheets are kept", async () => (await KeysAsync(redis, "rg:sheet:*")).Length == SmallFirm.Books.Count);

        counting.Books.Clear();
        await using (var second = await TestSilo.StartAsync(ledger, new TestSiloOptions { Cache = cache }))
            Assert.Equal(expected, (await second.RerunAsync("second", "plain")).ResultHash);
        Assert.Empty(counting.Books);

        foreach (var key in await KeysAsync(redis, "rg:*"))
            await DirectlyAsync(redis, server => server.StringSetAsync(key, "\u0001garbage"));
        using var counts = new CacheCounts();
        await using (var third = await TestSilo.StartAsync(ledger, new TestSiloOptions { Cache = cache }))
            Assert.Equal(expected, (await third.RerunAsync("third", "plain")).ResultHash);
        Assert.Equal(SmallFirm.Books.Count, counting.Books.Distinct().Count());
        Assert.True(counts.Of("sheet", "damaged") >= SmallFirm.Books.Count, "every forged sheet was recognised");
    }

    [Fact]
    public async Task Booking_pricing_and_runs_go_on_with_the_same_bits_while_the_cache_is_frozen_and_dead()
    {
        await using var redis = await TestServers.RedisAsync();
        await using var cache = await ConnectAsync(redis);
        await using var store = await TestLedger.OpenAsync();
        await using var plainStore = await TestLedger.OpenAsync();
        await using var ledger = new CachedLedger(store.Store, cache);
        await using var silo = await TestSilo.StartFirmAsync(ledger, new TestSiloOptions { Cache = cache });
        await using var plain = await TestSilo.StartFirmAsync(plainStore.Store);
        var spec = RunSilo.MonteCarlo(2000);
        async Task Compare(string name)
        {
            foreach (var each in (TestSilo[])[silo, plain])
                await each.PublishAsync(SmallFirm.Quote("IDX.SP500", 6900 + name.Length));
            Assert.Equal((await plain.SettleAsync()).Firm.Rollup.Measures, (await silo.SettleAsync()).Firm.Rollup.Measures);
            Assert.Equal((await plain.ComputeAsync(name, spec)).ResultHash, (await silo.ComputeAsync(name, spec)).ResultHash);
        }

        await Compare("with");
        await redis.PauseAsync();
        await Compare("frozen");
        await redis.ResumeAsync();
        await Patience.Eventually("the cache is used again", () => cache.IsUsable);
        await Compare("thawed");
        await redis.KillAsync();
        await Compare("killed-it");
        Assert.False(cache.IsUsable);
        await redis.StartAsync();
        await Patience.Eventually("the cache is used again", () => cache.IsUsable);
        await Compare("back-again");
        Assert.Empty(silo.Log.Errors);
    }

    [Fact]
    public async Task Rollups_are_put_into_the_cache_again_after_one_put_went_wrong()
    {
        var (time, broken) = (new Grid.Tests.ManualTime(), new BrokenOnce());
        await using var rollups = new RollupCache(broken, time);
        for (var put = 1; put <= 2; put++)
        {
            rollups.Put(new Protocol.V1.Rollup { NodeId = "FIRM" });
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(put, broken.Puts);
        }
    }

    private static async Task<RedisCache> ConnectAsync(TestServer redis, TimeSpan? timeout = null)
    {
        var options = RedisCacheOptions.Parse(redis.Address.OriginalString) with { RetryAfter = TimeSpan.FromMilliseconds(50) };
        var cache = new RedisCache(options with { Timeout = timeout ?? options.Timeout });
        await Patience.Eventually("the cache is in use", () => cache.IsUsable);
        return cache;
    }

    private static async Task<string[]> KeysAsync(TestServer redis, string pattern) =>
        await DirectlyAsync(redis, async server => (string[])(await server.ExecuteAsync("KEYS", pattern))!);

    private static async Task<T> DirectlyAsync<T>(TestServer redis, Func<IDatabase, Task<T>> act)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redis.Port}");
        try
        {
            return await act(connection.GetDatabase());
        }
        finally
        {
            await connection.CloseAsync(allowCommandsToComplete: false);
        }
    }

    private sealed class CountingLedger(ILedger inner) : DelegatingLedger(inner)
    {
        public ConcurrentBag<NodeId> Books { get; } = [];

        public override Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken)
        {
            Books.Add(book);
            return base.ReadBookAtAsync(book, sequence, cancellationToken);
        }

        // The ledger of the test outlives its silos.
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A cache whose first put throws.</summary>
    private sealed class BrokenOnce : ICache
    {
        public int Puts { get; private set; }

        public bool IsUsable => true;

        public long Now => 0;

        public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => new((byte[]?)null);

        public void Put(string key, byte[] value, TimeSpan expiry)
        {
        }

        public ValueTask<IReadOnlyList<byte[]?>> GetFreshAsync(IReadOnlyList<string> keys, TimeSpan maxAge, CancellationToken cancellationToken) =>
            new(new byte[]?[keys.Count]);

        public ValueTask PutFreshAsync(IReadOnlyList<FreshValue> values, TimeSpan expiry) =>
            ++Puts == 1 ? throw new ObjectDisposedException("the connection") : ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>The cache's own counts.</summary>
    private sealed class CacheCounts : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<(string, string), long> _counts = new();

        public CacheCounts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "riskgrid.cache.reads")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => _counts.AddOrUpdate(((string)tags[0].Value!, (string)tags[1].Value!), count, (_, n) => n + count));
            _listener.Start();
        }

        public long Of(string kind, string outcome) => _counts.GetValueOrDefault((kind, outcome));

        public void Dispose() => _listener.Dispose();
    }
}
