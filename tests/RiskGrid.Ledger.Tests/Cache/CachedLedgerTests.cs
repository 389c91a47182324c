using RiskGrid.Ledger.Cache;

namespace RiskGrid.Ledger.Tests.Cache;

[Collection(RedisCollection.Name)]
public sealed class CachedLedgerTests(RedisFixture redis)
{
    private const int Seed = 20260121;

    [Fact]
    public async Task A_snapshot_is_read_from_the_cache_to_the_bit_even_when_the_ledger_is_silent()
    {
        var (cache, options, _) = await redis.ConnectAsync();
        await using var owned = cache;
        await using var store = new SqliteStore();
        await using var ledger = new CachedLedger(await store.OpenAsync(TimeProvider.System), cache);
        var snapshot = Snapshots.Random(new Random(Seed), 1000);
        await ledger.PutSnapshotAsync(snapshot, default);
        await KeptAsync(options, "snapshot:" + snapshot.Hash);
        await store.SpoilSnapshotAsync(snapshot.Hash, _ => [0]);
        Assert.Equal(snapshot.Hash, (await ledger.ReadSnapshotAsync(snapshot.Hash, default))!.Hash);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("noise")]
    [InlineData("one bit")]
    [InlineData("another snapshot")]
    [InlineData("a list")]
    public async Task A_snapshot_that_is_not_what_its_hash_says_is_read_from_the_ledger_and_put_again(string damage)
    {
        var (cache, options, _) = await redis.ConnectAsync();
        await using var owned = cache;
        await using var store = new SqliteStore();
        await using var ledger = new CachedLedger(await store.OpenAsync(TimeProvider.System), cache);
        var (snapshot, other) = (Snapshots.Random(new Random(Seed), 200), Snapshots.Random(new Random(Seed + 1), 200));
        await ledger.PutSnapshotAsync(snapshot, default);
        await ledger.PutSnapshotAsync(other, default);
        var sound = await KeptAsync(options, "snapshot:" + snapshot.Hash);
        var otherBytes = await KeptAsync(options, "snapshot:" + other.Hash);
        var key = $"{options.Prefix}:snapshot:{snapshot.Hash}";
        await redis.DirectlyAsync(async server =>
        {
            await server.KeyDeleteAsync(key);
            var random = new Random(Seed);
            byte[] noise = new byte[500];
            random.NextBytes(noise);
            byte[] bit = [.. sound];
            bit[random.Next(bit.Length)] ^= 16;
            return damage switch
            {
                "empty" => await server.StringSetAsync(key, Array.Empty<byte>()),
                "noise" => await server.StringSetAsync(key, noise),
                "one bit" => await server.StringSetAsync(key, bit),
                "another snapshot" => await server.StringSetAsync(key, otherBytes),
                _ => await server.ListRightPushAsync(key, "x") > 0,
            };
        });
        Assert.Equal(snapshot.Hash, (await ledger.ReadSnapshotAsync(snapshot.Hash, default))!.Hash);
        await Until.TrueAsync("the sound one is kept again", async () =>
            await cache.GetAsync("snapshot:" + snapshot.Hash, default) is { } kept && kept.AsSpan().SequenceEqual(sound));
    }

    [Fact]
    public async Task Bytes_are_cached_under_their_hash_and_not_under_another_key()
    {
        var (cache, options, _) = await redis.ConnectAsync();
        await using var owned = cache;
        await using var store = new SqliteStore();
        await using var ledger = new CachedLedger(await store.OpenAsync(TimeProvider.System), cache);
        byte[] content = [1, 2, 3];
        var hash = await ledger.PutBlobAsync("panel", content, default);
        var named = new string('a', 64);
        await ledger.PutBlobAsync("panel", named, content, default);
        Assert.Equal(content, await ledger.ReadBlobAsync(named, default));
        Assert.Equal(content, await ledger.ReadBlobAsync(hash, default));
        await KeptAsync(options, "blob:" + hash);
        Assert.Null(await cache.GetAsync("blob:" + named, default));
        await redis.DirectlyAsync(server => server.StringSetAsync($"{options.Prefix}:blob:{hash}", "forged"));
        Assert.Equal(content, await ledger.ReadBlobAsync(hash, default));
    }

    [Fact]
    public async Task What_the_ledger_does_not_have_is_not_there()
    {
        var (cache, _, _) = await redis.ConnectAsync();
        await using var owned = cache;
        await using var store = new SqliteStore();
        await using var ledger = new CachedLedger(await store.OpenAsync(TimeProvider.System), cache);
        Assert.Null(await ledger.ReadSnapshotAsync(new string('0', 64), default));
        Assert.Null(await ledger.ReadBlobAsync(new string('0', 64), default));
    }

    [Fact]
    public async Task Reads_go_on_under_load_while_the_server_is_frozen_killed_emptied_and_back()
    {
        await using var server = await Testing.TestServers.RedisAsync();
        var options = RedisCacheOptions.Parse(server.Address.OriginalString) with { RetryAfter = TimeSpan.FromMilliseconds(50) };
        await using var cache = await RedisFixture.ConnectAsync(options);
        await using var store = new SqliteStore();
        await using var ledger = new CachedLedger(await store.OpenAsync(TimeProvider.System), cache);
        var snapshots = Enumerable.Range(0, 20).Select(i => Snapshots.Random(new Random(Seed + i), 100)).ToArray();
        foreach (var snapshot in snapshots)
            await ledger.PutSnapshotAsync(snapshot, default);
        using var stop = new CancellationTokenSource();
        var reads = 0;
        var readers = Enumerable.Range(0, 4).Select(r => Task.Run(async () =>
        {
            for (var i = r; !stop.IsCancellationRequested; i++)
            {
                var wanted = snapshots[i % snapshots.Length];
                Assert.Equal(wanted.Hash, (await ledger.ReadSnapshotAsync(wanted.Hash, default))!.Hash);
                Interlocked.Increment(ref reads);
            }
        })).ToArray();
        async Task SomeReads(string when)
        {
            var before = Volatile.Read(ref reads);
            await Until.TrueAsync($"reads go on {when}", () => Volatile.Read(ref reads) > before + 200 || readers.Any(r => r.IsFaulted));
        }

        await SomeReads("with the cache");
        await server.PauseAsync();
        await SomeReads("while it is frozen");
        await server.ResumeAsync();
        await Until.TrueAsync("it is used again", () => cache.IsUsable);
        await SomeReads("after the freeze");
        await server.KillAsync();
        await SomeReads("while it is dead");
        await server.StartAsync();
        await Until.TrueAsync("it is used again", () => cache.IsUsable);
        await SomeReads("from an empty one");

        // On a loaded machine a slow read makes it away for a moment, now and then.
        await Until.TrueAsync("it is filled again", async () => await cache.GetAsync("snapshot:" + snapshots[0].Hash, default) is not null);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    private async Task<byte[]> KeptAsync(RedisCacheOptions options, string key)
    {
        byte[]? kept = null;
        await Until.TrueAsync($"{key} is kept", async () => (kept = await redis.DirectlyAsync(server => server.StringGetAsync($"{options.Prefix}:{key}"))) is not null);
        return kept!;
    }
}
