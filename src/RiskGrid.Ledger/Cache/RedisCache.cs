using StackExchange.Redis;

namespace RiskGrid.Ledger.Cache;

/// <summary>A cache in a Redis server. Connects in the background, now and whenever the server comes back; while it is away every read
/// answers nothing at once. One that does not answer in time is away.</summary>
public sealed partial class RedisCache : ICache
{
    // Nobody waits for what is put; a large value may take a while.
    private const int PutPatience = 10;

    private readonly RedisCacheOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _supervision;

    // Null while the server is away.
    private Link? _link;
    private long _pendingBytes;
    private int _refuses;

    /// <summary>Begins to connect.</summary>
    public RedisCache(RedisCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = options.Time;
        _supervision = Task.Run(SuperviseAsync);
    }

    /// <inheritdoc/>
    public bool IsUsable => Volatile.Read(ref _link) is not null;

    /// <inheritdoc/>
    public long Now => _time.GetTimestamp();

    /// <inheritdoc/>
    public async ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _link) is not { } link)
            return null;
        var got = await AskAsync(link, () => link.Database.StringGetAsync(Name(key)), _options.Timeout, cancellationToken).ConfigureAwait(false);
        return got.Answered && !got.Value.IsNull ? (byte[]?)got.Value : null;
    }

    /// <inheritdoc/>
    public void Put(string key, byte[] value, TimeSpan expiry)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (Volatile.Read(ref _link) is { } link)
            _ = PutAsync(link, key, value, expiry);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<byte[]?>> GetFreshAsync(IReadOnlyList<string> keys, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var fresh = new byte[]?[keys.Count];
        if (Volatile.Read(ref _link) is not { } link || keys.Count == 0)
            return fresh;
        var asked = _time.GetTimestamp();

        // In this order on one connection: the server's time is that after the values were read.
        var got = await AskAsync(
            link, () => BothAsync(link.Database.StringGetAsync([.. keys.Select(Name)]), link.ReadClockAsync()), _options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (!got.Answered)
            return fresh;
        var (read, serverTime) = got.Value;
        link.Heard(serverTime, _time.GetTimestamp());

        // The server read its clock after we asked: it is now at most that much later than we have waited.
        var latest = serverTime + (long)_time.GetElapsedTime(asked).TotalMicroseconds;
        for (var i = 0; i < fresh.Length; i++)
        {
            if (read[i].IsNull || StampedValue.Read(keys[i], read[i]!, out var captured) is not { } value)
                continue;

            // What was captured in the server's future was stamped by a clock that has been set back.
            if (captured <= serverTime && latest - captured <= maxAge.TotalMicroseconds)
                fresh[i] = value;
        }

        return fresh;
    }

    /// <inheritdoc/>
    public async ValueTask PutFreshAsync(IReadOnlyList<FreshValue> values, TimeSpan expiry)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Volatile.Read(ref _link) is not { } link || values.Count == 0)
            return;
        var bytes = values.Sum(v => (long)v.Value.Length);
        if (!TryReserve(bytes))
            return;
        try
        {
            var puts = values
                .Where(v => v.Value.Length <= _options.MaxValueBytes)
                .Select(v => link.Database.StringSetAsync(Name(v.Key), StampedValue.Write(v.Key, v.Value, link.ServerTimeAt(v.CapturedAt, _time)), expiry));
            var got = await AskAsync(
                link, () => BothAsync(Task.WhenAll(puts), link.ReadClockAsync()), PutPatience * _options.Timeout, CancellationToken.None)
                .ConfigureAwait(false);
            if (got.Answered)
                link.Heard(got.Value.Second, _time.GetTimestamp());
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -bytes);
        }
    }

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _supervision.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task<(T First, long Second)> BothAsync<T>(Task<T> first, Task<long> second)
    {
        // Both are awaited, so that no failure goes unobserved.
        await Task.WhenAll(first, second).ConfigureAwait(false);
        return (await first.ConfigureAwait(false), await second.ConfigureAwait(false));
    }

    private RedisKey Name(string key) => $"{_options.Prefix}:{key}";

    private bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _pendingBytes, bytes) <= _options.MaxPendingBytes)
            return true;
        Interlocked.Add(ref _pendingBytes, -bytes);
        return false;
    }

    private async Task PutAsync(Link link, string key, byte[] value, TimeSpan expiry)
    {
        if (value.Length > _options.MaxValueBytes || !TryReserve(value.Length))
            return;
        try
        {
            await AskAsync(
                link, () => link.Database.StringSetAsync(Name(key), value, expiry), PutPatience * _options.Timeout, CancellationToken.None)
                .ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -value.Length);
        }
    }

    // A server that cannot answer is away for all; one that answers with an error has heard us. A connection that was closed a moment ago throws
    // already when it is asked.
    private async ValueTask<(bool Answered, T Value)> AskAsync<T>(Link link, Func<Task<T>> ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task<T>? asked = null;
        try
        {
            asked = ask();
            var value = await asked.WaitAsync(patience, _time, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _refuses, 0);
            return (true, value);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (RedisServerException e)
        {
            if (!e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal) && Interlocked.Exchange(ref _refuses, 1) == 0)
                _options.Log.Refuses(_options, e.Message);
        }
        catch (TimeoutException)
        {
            Lose(link, $"no answer within {patience.TotalMilliseconds:0} ms");
        }
#pragma warning disable CA1031 // Whatever happens to the cache is the cache's own affair.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Lose(link, e.Message);
        }

        // What is left behind ends some time, and nobody hears of it.
        _ = asked?.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return (false, default!);
    }
}
