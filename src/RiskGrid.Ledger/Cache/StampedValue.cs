using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RiskGrid.Ledger.Cache;

/// <summary>A value with the moment of its capture by the cache's clock, as it is kept: format byte, microseconds since 1970 (int64,
/// little-endian), the first 16 bytes of the SHA-256 over key, time and value, then the value.</summary>
internal static class StampedValue
{
    private const byte Format = 1;
    private const int ChecksumBytes = 16;
    private const int Header = 1 + sizeof(long) + ChecksumBytes;

    public static byte[] Write(string key, ReadOnlySpan<byte> value, long microseconds)
    {
        var bytes = new byte[Header + value.Length];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), microseconds);
        value.CopyTo(bytes.AsSpan(Header));
        Checksum(key, bytes)[..ChecksumBytes].CopyTo(bytes.AsSpan(1 + sizeof(long)));
        return bytes;
    }

    /// <summary>The value, or null when the bytes are not what was written under this key.</summary>
    public static byte[]? Read(string key, byte[] bytes, out long microseconds)
    {
        microseconds = 0;
        if (bytes.Length < Header || bytes[0] != Format
            || !Checksum(key, bytes)[..ChecksumBytes].SequenceEqual(bytes.AsSpan(1 + sizeof(long), ChecksumBytes)))
        {
            return null;
        }

        microseconds = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(1));
        return bytes[Header..];
    }

    private static ReadOnlySpan<byte> Checksum(string key, byte[] bytes)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes(key));
        sha.AppendData(bytes.AsSpan(0, 1 + sizeof(long)));
        sha.AppendData(bytes.AsSpan(Header));
        return sha.GetHashAndReset();
    }
}
