using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RiskGrid.Ledger.Cache;
using RiskGrid.Testing;
using StackExchange.Redis;

namespace RiskGrid.Ledger.Tests.Cache;

[CollectionDefinition(Name)]
public sealed class RedisCollection : ICollectionFixture<RedisFixture>
{
    public const string Name = "Redis";
}

/// <summary>One Redis for the tests; each test has a prefix of its own, and leaves the server as it found it.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private int _prefixes;

    public TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServers.RedisAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A cache in a part of the server of its own, connected.</summary>
    internal async Task<(RedisCache Cache, RedisCacheOptions Options, CacheLines Log)> ConnectAsync(TimeSpan? timeout = null)
    {
        var log = new CacheLines();
        var options = RedisCacheOptions.Parse($"{Server.Address.OriginalString}?prefix=t{Interlocked.Increment(ref _prefixes)}") with
        {
            Log = log,
            RetryAfter = TimeSpan.FromMilliseconds(50),
            Timeout = timeout ?? TimeSpan.FromSeconds(5),
        };
        return (await ConnectAsync(options), options, log);
    }

    internal static async Task<RedisCache> ConnectAsync(RedisCacheOptions options)
    {
        var cache = new RedisCache(options);
        await Until.TrueAsync("the cache is in use", () => cache.IsUsable);
        return cache;
    }

    /// <summary>Does something to the server behind the cache's back.</summary>
    internal async Task<T> DirectlyAsync<T>(Func<IDatabase, Task<T>> act)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Server.Port}");
        try
        {
            return await act(connection.GetDatabase());
        }
        finally
        {
            // An orderly close waits for a timeout.
            await connection.CloseAsync(allowCommandsToComplete: false);
        }
    }
}

/// <summary>Conditions with a deadline.</summary>
internal static class Until
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(string promise, Func<bool> condition) => TrueAsync(promise, () => Task.FromResult(condition()));

    public static async Task TrueAsync(string promise, Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Within {Limit} it did not happen that {promise}.");
            await Task.Delay(5);
        }
    }
}

/// <summary>What the cache told the operator.</summary>
internal sealed class CacheLines : ILogger
{
    public ConcurrentQueue<string> Events { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Events.Enqueue(eventId.Name!);
        Assert.DoesNotContain("secret", formatter(state, exception), StringComparison.Ordinal);
    }
}
