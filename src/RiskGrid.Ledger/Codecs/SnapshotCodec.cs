using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Codecs;

/// <summary>A market snapshot as the ledger stores it: compact little-endian columns, verified against the content hash on reading.</summary>
/// <remarks>
/// Format 1, numbers little-endian, lengths and indices as unsigned LEB128:
/// <list type="number">
/// <item>magic <c>RGMS</c>, format byte 1, valuation instant (int64, 100 ns since 1970);</item>
/// <item>the distinct statuses: count, then each length and UTF-8 bytes; the distinct as-of times: count, then int64 each;</item>
/// <item>quote count; then per quote in factor order: length shared with the name before, length of the rest, the rest in UTF-8, status index,
/// as-of index;</item>
/// <item>the values: one float64 per quote.</item>
/// </list>
/// Times are kept to 100 ns, the precision that the hash covers.
/// </remarks>
internal static class SnapshotCodec
{
    private static ReadOnlySpan<byte> Magic => "RGMS\u0001"u8;

    public static byte[] Encode(MarketSnapshot snapshot)
    {
        var buffer = new ArrayBufferWriter<byte>((snapshot.Quotes.Count * 20) + 256);
        buffer.Write(Magic);
        WriteInt64(buffer, snapshot.Valuation.ToUnixTimeTicks());

        var statuses = new Dictionary<string, int>(StringComparer.Ordinal);
        var times = new Dictionary<long, int>();
        foreach (var quote in snapshot.Quotes.Values)
        {
            statuses.TryAdd(quote.Status, statuses.Count);
            times.TryAdd(quote.AsOf.ToUnixTimeTicks(), times.Count);
        }

        WriteCount(buffer, statuses.Count);
        foreach (var status in statuses.Keys)
        {
            var bytes = Encoding.UTF8.GetBytes(status);
            WriteCount(buffer, bytes.Length);
            buffer.Write(bytes);
        }

        WriteCount(buffer, times.Count);
        foreach (var time in times.Keys)
            WriteInt64(buffer, time);

        WriteCount(buffer, snapshot.Quotes.Count);
        var before = string.Empty;
        foreach (var (factor, quote) in snapshot.Quotes)
        {
            // Factor names are ASCII: characters and bytes are the same number.
            var shared = before.AsSpan().CommonPrefixLength(factor.Value);
            WriteCount(buffer, shared);
            WriteCount(buffer, factor.Value.Length - shared);
            Encoding.UTF8.GetBytes(factor.Value.AsSpan(shared), buffer);
            WriteCount(buffer, statuses[quote.Status]);
            WriteCount(buffer, times[quote.AsOf.ToUnixTimeTicks()]);
            before = factor.Value;
        }

        foreach (var quote in snapshot.Quotes.Values)
            WriteInt64(buffer, BitConverter.DoubleToInt64Bits(quote.Value));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The snapshot with this hash from its stored form.</summary>
    /// <exception cref="LedgerFormatException">The content is damaged or of a newer format.</exception>
    public static MarketSnapshot Decode(ReadOnlySpan<byte> content, string hash)
    {
        MarketSnapshot snapshot;
        try
        {
            snapshot = Decode(new SnapshotReader(content));
        }
        catch (Exception broken) when (broken is ArgumentException or OverflowException or ValidationException or InvalidDataException)
        {
            throw new LedgerFormatException($"snapshot {hash} is damaged: {broken.Message}", broken);
        }

        return string.Equals(snapshot.Hash, hash, StringComparison.Ordinal)
            ? snapshot
            : throw new LedgerFormatException($"snapshot {hash} is damaged: what is stored has the hash {snapshot.Hash}");
    }

    private static MarketSnapshot Decode(SnapshotReader reader)
    {
        if (!reader.Bytes(Magic.Length).SequenceEqual(Magic))
            throw new InvalidDataException("it does not begin like a snapshot of format 1; use a newer build if there is one");
        var valuation = Instant.FromUnixTimeTicks(reader.Int64());
        var statuses = new string[reader.Count(1)];
        for (var i = 0; i < statuses.Length; i++)
            statuses[i] = Encoding.UTF8.GetString(reader.Bytes(reader.Count(1)));
        var times = new Instant[reader.Count(8)];
        for (var i = 0; i < times.Length; i++)
            times[i] = Instant.FromUnixTimeTicks(reader.Int64());

        var factors = new FactorName[reader.Count(12)];
        var kinds = new (string Status, Instant AsOf)[factors.Length];
        var before = string.Empty;
        for (var i = 0; i < factors.Length; i++)
        {
            var shared = reader.Index(before.Length + 1);
            before = string.Concat(before.AsSpan(0, shared), Encoding.UTF8.GetString(reader.Bytes(reader.Count(1))));
            factors[i] = FactorName.Parse(before);
            kinds[i] = (statuses[reader.Index(statuses.Length)], times[reader.Index(times.Length)]);
        }

        var quotes = new KeyValuePair<FactorName, Quote>[factors.Length];
        for (var i = 0; i < quotes.Length; i++)
        {
            var value = BitConverter.Int64BitsToDouble(reader.Int64());
            quotes[i] = new(factors[i], new Quote(value, kinds[i].AsOf, kinds[i].Status));
        }

        if (!reader.AtEnd)
            throw new InvalidDataException("bytes follow its end");
        return new MarketSnapshot(valuation, quotes);
    }

    private static void WriteInt64(ArrayBufferWriter<byte> buffer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    private static void WriteCount(ArrayBufferWriter<byte> buffer, int value)
    {
        var rest = (uint)value;
        var span = buffer.GetSpan(5);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        buffer.Advance(length);
    }
}
