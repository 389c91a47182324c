using System.Text;

namespace RiskGrid.Grid;

/// <summary>Which part of a kind's grains a key belongs to: ownership moves by partition, never by key.</summary>
public static class Partition
{
    /// <summary>Partitions of each kind, for ever: every silo of every version must compute the same.</summary>
    public const int Count = 64;

    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>0 to 63: <see cref="Hash(string)"/> modulo 64.</summary>
    public static int Of(string key) => (int)(Hash(key) % Count);

    /// <summary>The 64-bit FNV-1a hash of the key's UTF-8 bytes (Fowler, Noll, Vo, Eastlake: "The FNV Non-Cryptographic Hash
    /// Algorithm", RFC 9923, section 2), folded to spread the high bits into the low ones that the modulus keeps.</summary>
    public static ulong Hash(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> buffer = stackalloc byte[256];
        var bytes = Encoding.UTF8.GetMaxByteCount(key.Length) <= buffer.Length
            ? buffer[..Encoding.UTF8.GetBytes(key, buffer)]
            : Encoding.UTF8.GetBytes(key);
        var hash = Fnv1A(bytes);
        return hash ^ (hash >> 32);
    }

    /// <summary>The plain 64-bit FNV-1a hash.</summary>
    public static ulong Fnv1A(ReadOnlySpan<byte> bytes)
    {
        var hash = OffsetBasis;
        foreach (var b in bytes)
            hash = (hash ^ b) * Prime;
        return hash;
    }
}
