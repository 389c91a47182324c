using System.Security.Cryptography;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Cache;

/// <summary>A ledger whose content-addressed parts are read from a cache where it has them: snapshots, and blobs whose key is the hash of
/// their bytes. Everything else goes to the ledger.</summary>
/// <remarks>What comes from the cache is checked against its hash before it is used; what fails is read from the ledger, and put again.</remarks>
/// <param name="inner">The ledger; disposed with this.</param>
/// <param name="cache">The cache; its owner disposes it.</param>
public sealed class CachedLedger(ILedger inner, ICache cache) : DelegatingLedger(inner)
{
    /// <summary>How long a cache keeps what never changes.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromHours(24);

    /// <inheritdoc/>
    public override async Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        await base.PutSnapshotAsync(snapshot, cancellationToken).ConfigureAwait(false);

        // It was stored to be read, by other silos most likely.
        if (cache.IsUsable)
            cache.Put(SnapshotKey(snapshot.Hash), SnapshotCodec.Encode(snapshot), Expiry);
    }

    /// <inheritdoc/>
    public override async Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken)
    {
        var key = SnapshotKey(hash);
        if (await CachedValue.ReadAsync(cache, "snapshot", key, content => SnapshotCodec.Decode(content, hash), cancellationToken).ConfigureAwait(false) is { } known)
            return known;
        var snapshot = await base.ReadSnapshotAsync(hash, cancellationToken).ConfigureAwait(false);
        if (snapshot is not null && cache.IsUsable)
            cache.Put(key, SnapshotCodec.Encode(snapshot), Expiry);
        return snapshot;
    }

    /// <inheritdoc/>
    public override async Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken)
    {
        var name = $"blob:{key}";
        if (await CachedValue.ReadAsync(cache, "blob", name, content => HasHash(content, key) ? content : null, cancellationToken).ConfigureAwait(false) is { } known)
            return known;
        var blob = await base.ReadBlobAsync(key, cancellationToken).ConfigureAwait(false);
        if (blob is not null && cache.IsUsable && HasHash(blob, key))
            cache.Put(name, blob, Expiry);
        return blob;
    }

    private static string SnapshotKey(string hash) => $"snapshot:{hash}";

    private static bool HasHash(byte[] content, string key) =>
        string.Equals(Convert.ToHexStringLower(SHA256.HashData(content)), key, StringComparison.Ordinal);
}
