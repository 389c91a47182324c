namespace RiskGrid.Ledger.Postgres;

/// <content>Content-addressed bytes.</content>
public sealed partial class PostgresLedger
{
    /// <inheritdoc/>
    public async Task<string> PutBlobAsync(string kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blob = StoredBlob.Of(kind, content);
        await PutBlobAsync(blob, cancellationToken).ConfigureAwait(false);
        return blob.Key;
    }

    /// <inheritdoc/>
    public Task PutBlobAsync(string kind, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        PutBlobAsync(StoredBlob.Of(kind, key, content), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync(
            key,
            static (p, wanted) => p.Add("SELECT content, checksum FROM blob WHERE key = $1").Text(wanted),
            static (reader, wanted, token) => FirstAsync(reader, row => StoredBlob.Whole(wanted, row.Bytes(0), row.Blob(1)), token),
            cancellationToken);

    private Task PutBlobAsync(StoredBlob blob, CancellationToken cancellationToken) =>
        _pool.WriteAsync(
            (blob, Now: StatedTime()),
            static (session, put, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add("""
                    INSERT INTO blob (key, kind, checksum, content, recorded_at) VALUES ($1, $2, $3, $4, ledger_stamp($5)) ON CONFLICT (key) DO NOTHING
                    """)
                .Text(put.blob.Key).Text(put.blob.Kind).Bytes(put.blob.Checksum).Bytes(put.blob.Content).Int64(put.Now)),
            cancellationToken);
}
