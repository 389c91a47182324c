namespace RiskGrid.Ledger.Cache;

/// <summary>No cache: every read asks the owner of the truth.</summary>
public sealed class NoCache : ICache
{
    private NoCache()
    {
    }

    /// <summary>The one there is.</summary>
    public static NoCache Instance { get; } = new();

    /// <inheritdoc/>
    public bool IsUsable => false;

    /// <inheritdoc/>
    public long Now => 0;

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public void Put(string key, byte[] value, TimeSpan expiry)
    {
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<byte[]?>> GetFreshAsync(IReadOnlyList<string> keys, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new(new byte[]?[keys.Count]);
    }

    /// <inheritdoc/>
    public ValueTask PutFreshAsync(IReadOnlyList<FreshValue> values, TimeSpan expiry) => default;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
