using System.Buffers.Binary;

namespace RiskGrid.Ledger.Codecs;

/// <summary>Reads stored snapshots without trusting them: every length is checked against what is left.</summary>
internal ref struct SnapshotReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    public readonly bool AtEnd => _rest.IsEmpty;

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (length > _rest.Length)
            throw new InvalidDataException("it ends early");
        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    /// <summary>A number of items that take at least <paramref name="leastBytes"/> bytes each: never more than can follow.</summary>
    public int Count(int leastBytes)
    {
        var count = Number();
        return count <= (uint)(_rest.Length / leastBytes) ? (int)count : throw new InvalidDataException("it counts more than it holds");
    }

    /// <summary>A number below <paramref name="limit"/>.</summary>
    public int Index(int limit)
    {
        var index = Number();
        return index < (uint)limit ? (int)index : throw new InvalidDataException("it refers to what is not there");
    }

    private uint Number()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Bytes(1)[0];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("a number in it is too long");
    }
}
