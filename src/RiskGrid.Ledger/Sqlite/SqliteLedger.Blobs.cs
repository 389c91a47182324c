using System.Security.Cryptography;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <content>Content-addressed bytes.</content>
public sealed partial class SqliteLedger
{
    /// <inheritdoc/>
    public async Task<string> PutBlobAsync(string kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var checksum = SHA256.HashData(content.Span);
        var key = Convert.ToHexStringLower(checksum);
        await PutBlobAsync(new Blob(Kind(kind), key, checksum, content), cancellationToken).ConfigureAwait(false);
        return key;
    }

    /// <inheritdoc/>
    public Task PutBlobAsync(string kind, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (key is not { Length: 64 } || !key.All(char.IsAsciiHexDigitLower))
            throw new ValidationException("key", $"'{key}' is no SHA-256 in 64 lower-case hexadecimal digits");
        return PutBlobAsync(new Blob(Kind(kind), key, SHA256.HashData(content.Span), content), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<byte[]?> ReadBlobAsync(string key, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            key,
            static (connection, wanted, _) =>
            {
                var rows = connection.Prepare("SELECT content, checksum FROM blob WHERE key = ?1").Bind(1, wanted);
                if (!rows.Step())
                    return null;
                var content = rows.Blob(0).ToArray();
                var isWhole = rows.Blob(1).SequenceEqual(SHA256.HashData(content));
                rows.Reset();
                return isWhole
                    ? content
                    : throw new LedgerFormatException($"The bytes stored under {wanted} are damaged: their checksum is another. Restore the ledger from a backup.");
            },
            cancellationToken);

    private static string Kind(string kind) =>
        string.IsNullOrWhiteSpace(kind) ? throw new ValidationException("kind", "the kind of the bytes is missing") : kind;

    private static bool PutBlob(WriterSession session, Blob blob)
    {
        session.Connection.Prepare(
            "INSERT INTO blob (key, kind, checksum, content, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING")
            .Bind(1, blob.Key).Bind(2, blob.Kind).Bind(3, blob.Checksum.AsSpan()).Bind(4, blob.Content.Span)
            .Bind(5, session.NextRecordingTime()).Run();
        return true;
    }

    private Task<bool> PutBlobAsync(Blob blob, CancellationToken cancellationToken) =>
        WriteAsync(blob, PutBlob, cancellationToken, blob.Content.Length);

    private sealed record Blob(string Kind, string Key, byte[] Checksum, ReadOnlyMemory<byte> Content);
}
