using System.Diagnostics.Metrics;

namespace RiskGrid.Ledger.Cache;

/// <summary>How values from a cache are checked and counted.</summary>
public static class CachedValue
{
    private static readonly Counter<long> Reads = LedgerTelemetry.Meter.CreateCounter<long>(
        "riskgrid.cache.reads", "{read}", "Values asked of the cache, by what they are and what came: hit, miss, damaged, away.");

    /// <summary>What the cache has under a key, or null when it has nothing that can be trusted.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="kind">What it is, for the counts: <c>snapshot</c>.</param>
    /// <param name="key">Where it is kept.</param>
    /// <param name="verify">Reads and verifies it: null, or any exception, for bytes that are not what they should be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T?> ReadAsync<T>(ICache cache, string kind, string key, Func<byte[], T?> verify, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(verify);
        if (cache is NoCache)
            return null;
        var content = await cache.GetAsync(key, cancellationToken).ConfigureAwait(false);
        return content is null ? Missed<T>(cache, kind) : Verified(kind, () => verify(content));
    }

    /// <summary>The same for a value that has been read already; null when there was none.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="kind">What it is, for the counts: <c>rollup</c>.</param>
    /// <param name="content">What the cache answered.</param>
    /// <param name="verify">Reads and verifies it.</param>
    public static T? Read<T>(ICache cache, string kind, byte[]? content, Func<byte[], T?> verify)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(verify);
        return content is null ? Missed<T>(cache, kind) : Verified(kind, () => verify(content));
    }

    private static T? Missed<T>(ICache cache, string kind)
        where T : class
    {
        Count(kind, cache.IsUsable ? "miss" : "away");
        return null;
    }

    private static T? Verified<T>(string kind, Func<T?> read)
        where T : class
    {
        T? value = null;
        try
        {
            value = read();
        }
#pragma warning disable CA1031 // Bytes from outside may break a reader in any way.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        Count(kind, value is null ? "damaged" : "hit");
        return value;
    }

    private static void Count(string kind, string outcome)
    {
        if (Reads.Enabled)
            Reads.Add(1, new("riskgrid.cache.kind", kind), new("riskgrid.cache.outcome", outcome));
    }
}
