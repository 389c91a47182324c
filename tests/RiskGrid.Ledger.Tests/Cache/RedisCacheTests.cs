using System.Diagnostics;
using RiskGrid.Ledger.Cache;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests.Cache;

[Collection(RedisCollection.Name)]
public sealed class RedisCacheTests(RedisFixture redis)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_was_put_is_there_for_every_process_of_the_grid_and_for_no_other_grid()
    {
        var (cache, options, log) = await redis.ConnectAsync();
        await using var first = cache;
        await using var same = await RedisFixture.ConnectAsync(options);
        await using var other = await RedisFixture.ConnectAsync(options with { Prefix = options.Prefix + "x" });
        byte[] value = [0, 1, 255];
        first.Put("k", value, Hour);
        await Until.TrueAsync("the other process has it", async () => await same.GetAsync("k", default) is { } got && got.AsSpan().SequenceEqual(value));
        Assert.Null(await other.GetAsync("k", default));
        Assert.Null(await first.GetAsync("never put", default));
        Assert.Equal(["Found"], log.Events.Take(1));
    }

    [Fact]
    public async Task A_value_is_never_read_when_it_is_older_than_asked()
    {
        var (cache, options, _) = await redis.ConnectAsync();
        await using var writer = cache;
        await using var reader = await RedisFixture.ConnectAsync(options);
        var fiveMinutesAgo = writer.Now - (5 * 60 * TimeProvider.System.TimestampFrequency);
        await writer.PutFreshAsync([new("old", [1], fiveMinutesAgo), new("new", [2], writer.Now)], Hour);
        Assert.Equal([null, [2]], await reader.GetFreshAsync(["old", "new"], TimeSpan.FromMinutes(4), default));
        Assert.Equal([[2], [1], null], await reader.GetFreshAsync(["new", "old", "none"], Hour, default));
    }

    [Fact]
    public async Task The_time_that_a_value_waited_for_a_frozen_server_counts_as_its_age()
    {
        // Patient enough that nothing is given up before the server goes on.
        var (cache, options, _) = await redis.ConnectAsync(timeout: TimeSpan.FromSeconds(20));
        await using var writer = cache;
        await redis.Server.PauseAsync();
        Task put;
        var frozen = Stopwatch.StartNew();
        try
        {
            put = writer.PutFreshAsync([new("k", [7], writer.Now)], Hour).AsTask();
            await Until.TrueAsync("a second passes", () => frozen.ElapsedMilliseconds > 1000);
        }
        finally
        {
            await redis.Server.ResumeAsync();
        }

        await put;
        await using var reader = await RedisFixture.ConnectAsync(options);
        Assert.Equal([null], await reader.GetFreshAsync(["k"], TimeSpan.FromSeconds(1), default));
        Assert.Equal([[7]], await reader.GetFreshAsync(["k"], TimeSpan.FromMinutes(5), default));
    }

    [Fact]
    public async Task A_value_that_somebody_changed_is_not_read()
    {
        var (cache, options, _) = await redis.ConnectAsync();
        await using var owned = cache;
        await cache.PutFreshAsync([new("a", [1, 2, 3], cache.Now), new("b", [4, 5, 6], cache.Now)], Hour);
        await redis.DirectlyAsync(async server =>
        {
            // One under the other's name, and one with another byte.
            byte[] bytes = (await server.StringGetAsync($"{options.Prefix}:a"))!;
            await server.StringSetAsync($"{options.Prefix}:b", bytes);
            bytes[^1] ^= 1;
            return await server.StringSetAsync($"{options.Prefix}:a", bytes);
        });
        Assert.Equal([null, null], await cache.GetFreshAsync(["a", "b"], TimeSpan.FromMinutes(5), default));
    }

    [Fact]
    public async Task A_key_that_holds_something_else_is_a_miss_and_the_cache_stays_in_use()
    {
        var (cache, options, log) = await redis.ConnectAsync();
        await using var owned = cache;
        await redis.DirectlyAsync(server => server.ListRightPushAsync($"{options.Prefix}:k", "a list"));
        Assert.Null(await cache.GetAsync("k", default));
        Assert.True(cache.IsUsable);
        Assert.Equal(["Found"], log.Events);
    }

    [Fact]
    public async Task A_killed_server_is_a_miss_at_once_and_used_again_when_it_is_back()
    {
        await using var server = await TestServers.RedisAsync();
        var log = new CacheLines();
        var options = RedisCacheOptions.Parse(server.Address.OriginalString) with
        {
            Log = log,
            RetryAfter = TimeSpan.FromMilliseconds(50),

            // It is lost by its end and not by an answer that is late.
            Timeout = TimeSpan.FromSeconds(20),
        };
        await using var cache = await RedisFixture.ConnectAsync(options);
        cache.Put("k", [1], Hour);
        await server.KillAsync();
        await Until.TrueAsync("the loss is noticed", () => !cache.IsUsable);
        Assert.Null(await cache.GetAsync("k", default));
        Assert.Equal([null], await cache.GetFreshAsync(["k"], Hour, default));
        await cache.PutFreshAsync([new("k", [1], cache.Now)], Hour);
        await server.StartAsync();
        await Until.TrueAsync("the server is used again", () => cache.IsUsable);
        Assert.Null(await cache.GetAsync("k", default));
        await Until.TrueAsync("values are kept again", async () =>
        {
            cache.Put("k", [2], Hour);
            return await cache.GetAsync("k", default) is [2];
        });
        Assert.Equal(["Found", "Lost", "Found"], log.Events);
    }

    [Fact]
    public async Task A_frozen_server_costs_one_timeout_and_then_nothing()
    {
        var (cache, _, log) = await redis.ConnectAsync(timeout: TimeSpan.FromSeconds(2));
        await using var owned = cache;
        await redis.Server.PauseAsync();
        try
        {
            var first = Stopwatch.StartNew();
            Assert.Null(await cache.GetAsync("k", default));
            Assert.InRange(first.ElapsedMilliseconds, 1900, 20_000);
            Assert.False(cache.IsUsable);
            var then = Stopwatch.StartNew();
            for (var i = 0; i < 1000; i++)
                Assert.Null(await cache.GetAsync("k", default));
            Assert.True(then.ElapsedMilliseconds < 1500, $"1,000 reads of a server that is known to be away took {then.ElapsedMilliseconds} ms");
        }
        finally
        {
            await redis.Server.ResumeAsync();
        }

        await Until.TrueAsync("the server is used again", () => cache.IsUsable);
        Assert.Equal(["Found", "Lost", "Found"], log.Events);
    }

    [Fact]
    public async Task A_connection_that_is_closed_in_the_middle_of_a_call_is_a_miss()
    {
        await Check(async (cache, closes) => Assert.Equal([null], await cache.GetFreshAsync(new Meanwhile<string>("k", closes), Hour, default)));
        await Check((cache, closes) => cache.PutFreshAsync(new Meanwhile<FreshValue>(new("k", [1], cache.Now), closes), Hour).AsTask());

        async Task Check(Func<RedisCache, Action, Task> call)
        {
            var (cache, _, _) = await redis.ConnectAsync();
            await call(cache, () => CloseAsync(cache).GetAwaiter().GetResult());
        }

        async Task CloseAsync(RedisCache cache)
        {
            var before = await ConnectionsAsync();
            await cache.DisposeAsync();
            await Until.TrueAsync("the connection is closed", async () => await ConnectionsAsync() < before);
        }

        async Task<int> ConnectionsAsync() => $"{await redis.DirectlyAsync(server => server.ExecuteAsync("CLIENT", "LIST"))}".Split('\n')
            .Count(c => c.Contains("name=riskgrid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_server_refuses_what_is_put_and_is_read_on()
    {
        var (cache, _, log) = await redis.ConnectAsync();
        await using var owned = cache;
        cache.Put("k", [1], Hour);
        await Until.TrueAsync("it is kept", async () => await cache.GetAsync("k", default) is not null);
        await redis.DirectlyAsync(server => server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"));
        try
        {
            await cache.PutFreshAsync([new("full", [2], cache.Now)], Hour);
            Assert.Equal([1], await cache.GetAsync("k", default));
            Assert.Equal([null], await cache.GetFreshAsync(["full"], Hour, default));
            Assert.Equal(["Found", "Refuses"], log.Events);
        }
        finally
        {
            await redis.DirectlyAsync(server => server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"));
        }
    }

    [Fact]
    public async Task A_server_that_nobody_started_delays_nothing()
    {
        var log = new CacheLines();
        await using var cache = new RedisCache(RedisCacheOptions.Parse("redis://:secret@127.0.0.1:1") with { Log = log });
        var read = cache.GetAsync("k", default);
        Assert.True(read.IsCompleted, "the read waits for something");
        Assert.Null(await read);
        cache.Put("k", [1], Hour);
        await Until.TrueAsync("the operator is told", () => log.Events.SequenceEqual(["Lost"]));
    }

    [Fact]
    public async Task Values_beyond_the_limit_are_not_kept()
    {
        var (unlimited, options, _) = await redis.ConnectAsync();
        await using var owned = unlimited;
        await using var cache = await RedisFixture.ConnectAsync(options with { MaxValueBytes = 8 });
        cache.Put("large", new byte[9], Hour);
        cache.Put("small", new byte[8], Hour);
        await Until.TrueAsync("the small one is kept", async () => await cache.GetAsync("small", default) is not null);
        Assert.Null(await cache.GetAsync("large", default));
    }

    [Theory]
    [InlineData("redis://127.0.0.1", "127.0.0.1", 6379, 0, null, "rg")]
    [InlineData("redis://cache.example:7000/3", "cache.example", 7000, 3, null, "rg")]
    [InlineData("redis://:p%40ss@h:1/0?prefix=desk", "h", 1, 0, "p@ss", "desk")]
    public void An_address_says_where_the_cache_is(string address, string host, int port, int database, string? password, string prefix)
    {
        var options = RedisCacheOptions.Parse(address);
        Assert.Equal((host, port, database, password, prefix), (options.Host, options.Port, options.Database, options.Password, options.Prefix));
    }

    [Theory]
    [InlineData("127.0.0.1:6379")]
    [InlineData("http://h:1")]
    [InlineData("redis://user:secret@h:1")]
    [InlineData("redis://:secret@h:1/db")]
    [InlineData("redis://:secret@h:1?ssl=true")]
    public void A_wrong_address_is_refused_without_repeating_its_password(string address)
    {
        var refusal = Assert.Throws<ArgumentException>(() => RedisCacheOptions.Parse(address));
        Assert.Contains("redis://[:password@]host", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>One value, and something that happens before it is read for the first time.</summary>
    private sealed class Meanwhile<T>(T value, Action happens) : IReadOnlyList<T>
    {
        private bool _happened;

        public int Count => 1;

        public T this[int index] => value;

        public IEnumerator<T> GetEnumerator()
        {
            if (!_happened)
                happens();
            _happened = true;
            yield return value;
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
