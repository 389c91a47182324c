namespace RiskGrid.Ledger.Sqlite;

/// <content>Content-addressed bytes.</content>
public sealed partial class SqliteLedger
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
        _readers.ReadAsync(
            key,
            static (connection, wanted, _) =>
            {
                var rows = connection.Prepare("SELECT content, checksum FROM blob WHERE key = ?1").Bind(1, wanted);
                if (!rows.Step())
                    return null;
                var content = StoredBlob.Whole(wanted, rows.Blob(0).ToArray(), rows.Blob(1));
                rows.Reset();
                return content;
            },
            cancellationToken);

    private static bool PutBlob(WriterSession session, StoredBlob blob)
    {
        session.Connection.Prepare(
            "INSERT INTO blob (key, kind, checksum, content, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING")
            .Bind(1, blob.Key).Bind(2, blob.Kind).Bind(3, blob.Checksum.AsSpan()).Bind(4, blob.Content.Span)
            .Bind(5, session.NextRecordingTime()).Run();
        return true;
    }

    private Task<bool> PutBlobAsync(StoredBlob blob, CancellationToken cancellationToken) =>
        WriteAsync(blob, PutBlob, cancellationToken, blob.Content.Length);
}
