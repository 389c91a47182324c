namespace RiskGrid.Ledger.Cache;

/// <summary>Bytes by key, for a while, shared by the processes of a grid: it makes reads quicker and nothing else. Whoever reads checks what
/// comes, and asks the owner of the truth when nothing comes. Thread-safe.</summary>
/// <remarks>Nothing here throws for the cache's sake: one that is away, slow, full or damaged answers nothing and forgets what is put.</remarks>
public interface ICache : IAsyncDisposable
{
    /// <summary>Whether there is anything to gain by asking or putting now.</summary>
    bool IsUsable { get; }

    /// <summary>The present moment, for <see cref="FreshValue.CapturedAt"/>: on this process's monotonic clock.</summary>
    long Now { get; }

    /// <summary>What is kept under a key, or null. Not to be trusted: the caller verifies it.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keeps a value, soon and in the background.</summary>
    /// <param name="key">Its name within the grid.</param>
    /// <param name="value">Not to be changed any more.</param>
    /// <param name="expiry">For how long.</param>
    void Put(string key, byte[] value, TimeSpan expiry);

    /// <summary>The values that were put by <see cref="PutFreshAsync"/> and captured at most <paramref name="maxAge"/> before this method
    /// returns; null for each other key.</summary>
    /// <remarks>The age is counted by the cache's own clock, from the latest moment at which the value can have been captured: neither the
    /// clocks of the processes nor the time that anything spent on its way make an answer older than asked.</remarks>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<IReadOnlyList<byte[]?>> GetFreshAsync(IReadOnlyList<string> keys, TimeSpan maxAge, CancellationToken cancellationToken);

    /// <summary>Keeps values whose age matters.</summary>
    /// <param name="values">Each in the place of what was kept under its key.</param>
    /// <param name="expiry">For how long.</param>
    /// <returns>Completes when they are kept or given up.</returns>
    ValueTask PutFreshAsync(IReadOnlyList<FreshValue> values, TimeSpan expiry);
}

/// <summary>A value whose age matters.</summary>
/// <param name="Key">Its name within the grid.</param>
/// <param name="Value">Not to be changed any more.</param>
/// <param name="CapturedAt">A moment (<see cref="ICache.Now"/>) at which the value was the present one.</param>
public readonly record struct FreshValue(string Key, byte[] Value, long CapturedAt);
