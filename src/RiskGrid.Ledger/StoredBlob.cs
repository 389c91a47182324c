using System.Security.Cryptography;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>Content-addressed bytes as every store keeps them.</summary>
/// <param name="Kind">What they are, for people.</param>
/// <param name="Key">The SHA-256 under which they are found, in lower-case hexadecimal.</param>
/// <param name="Checksum">The SHA-256 of the bytes themselves, to tell damage.</param>
/// <param name="Content">The bytes.</param>
internal sealed record StoredBlob(string Kind, string Key, byte[] Checksum, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes under their own hash.</summary>
    public static StoredBlob Of(string kind, ReadOnlyMemory<byte> content)
    {
        var checksum = SHA256.HashData(content.Span);
        return new StoredBlob(Named(kind), Convert.ToHexStringLower(checksum), checksum, content);
    }

    /// <summary>Bytes under a key of the caller's.</summary>
    public static StoredBlob Of(string kind, string key, ReadOnlyMemory<byte> content) =>
        key is { Length: 64 } && key.All(char.IsAsciiHexDigitLower)
            ? new StoredBlob(Named(kind), key, SHA256.HashData(content.Span), content)
            : throw new ValidationException("key", $"'{key}' is no SHA-256 in 64 lower-case hexadecimal digits");

    /// <summary>The bytes as they were read, if they are the ones that were stored.</summary>
    /// <exception cref="LedgerFormatException">They are damaged.</exception>
    public static byte[] Whole(string key, byte[] content, ReadOnlySpan<byte> checksum) =>
        checksum.SequenceEqual(SHA256.HashData(content))
            ? content
            : throw new LedgerFormatException($"The bytes stored under {key} are damaged: their checksum is another. Restore the ledger from a backup.");

    private static string Named(string kind) =>
        string.IsNullOrWhiteSpace(kind) ? throw new ValidationException("kind", "the kind of the bytes is missing") : kind;
}
