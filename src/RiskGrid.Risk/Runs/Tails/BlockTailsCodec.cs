using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RiskGrid.Risk.Runs;

/// <summary>The bytes of <see cref="BlockTails"/>, on the wire and in the ledger. Equal content gives equal bytes.</summary>
/// <remarks>
/// Little-endian throughout. Header: <c>RGBT</c>, version (u16) 2, zero (u16), the plan's fingerprint (16 bytes), first scenario, number
/// of scenarios, number of vectors (i32 each). Per vector: number of entries n (i32), or −1 and the failed scenario (i32); the
/// threshold (float64); the scenarios as offsets from the first (i32), left out when n is the whole block; the losses (float64); the companions row by row
/// (float64). At the end the first 16 bytes of the SHA-256 of all before it.
/// </remarks>
public static class BlockTailsCodec
{
    private const uint Magic = 0x5442_4752;
    private const ushort Version = 2;
    private const int ChecksumLength = 16;
    private const int HeaderLength = 8 + TailPlan.FingerprintLength + (3 * sizeof(int));

    /// <summary>Writes a block.</summary>
    public static byte[] ToBytes(BlockTails block)
    {
        RequireLittleEndian();
        var length = HeaderLength + ChecksumLength;
        foreach (var tail in block.Vectors)
            length = checked(length + LengthOf(tail, block.Count));
        var bytes = new byte[length];
        var rest = bytes.AsSpan();
        Put(ref rest, [Magic]);
        Put(ref rest, [Version, (ushort)0]);
        Put(ref rest, block.Plan.Fingerprint);
        Put(ref rest, [block.First, block.Count, block.Vectors.Length]);
        foreach (var tail in block.Vectors)
        {
            if (tail.FailedScenario >= 0)
            {
                Put(ref rest, [-1, tail.FailedScenario]);
                continue;
            }

            Put(ref rest, [tail.Losses.Length]);
            Put(ref rest, [tail.Threshold]);
            if (tail.Losses.Length < block.Count)
            {
                foreach (var scenario in tail.Scenarios)
                    Put(ref rest, [scenario - block.First]);
            }

            Put(ref rest, tail.Losses);
            Put(ref rest, tail.Companions);
        }

        Checksum(bytes).CopyTo(rest);
        return bytes;
    }

    /// <summary>Reads a block of a plan.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a sound block of this plan; the message says why.</exception>
    public static BlockTails FromBytes(ReadOnlySpan<byte> bytes, TailPlan plan)
    {
        RequireLittleEndian();
        if (bytes.Length < HeaderLength + ChecksumLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw Refused("they do not begin like one");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version != Version)
            throw Refused($"they are of layout version {version}; this program reads version {Version}");
        if (!Checksum(bytes).SequenceEqual(bytes[^ChecksumLength..]))
            throw Refused("their checksum does not match: they are damaged");
        if (!bytes.Slice(8, TailPlan.FingerprintLength).SequenceEqual(plan.Fingerprint))
            throw Refused("they belong to another plan: another tree, set of classes, number of scenarios or depth");
        var rest = bytes[(8 + TailPlan.FingerprintLength)..^ChecksumLength];
        var first = TakeInt(ref rest);
        var count = TakeInt(ref rest);
        if (first < 0 || count < 1 || first > plan.Scenarios - count)
            throw Refused($"they start at scenario {first} and have {count} of {plan.Scenarios}");
        if (TakeInt(ref rest) != plan.Vectors)
            throw Refused($"they do not have the plan's {plan.Vectors} vectors");
        var vectors = new BlockTail[plan.Vectors];
        for (var v = 0; v < vectors.Length; v++)
            vectors[v] = ReadTail(ref rest, plan, v, first, count);
        if (!rest.IsEmpty)
            throw Refused($"{rest.Length} bytes follow the last vector");
        return new BlockTails(plan, first, count, ImmutableCollectionsMarshal.AsImmutableArray(vectors));
    }

    private static BlockTail ReadTail(ref ReadOnlySpan<byte> rest, TailPlan plan, int vector, int first, int count)
    {
        var entries = TakeInt(ref rest);
        if (entries == -1)
        {
            var failed = TakeInt(ref rest);
            return failed >= first && failed < first + count ? BlockTail.Failed(failed) : throw Refused($"vector {vector} fails in scenario {failed}");
        }

        if (entries < 0 || entries > Math.Min(plan.Depth, count) || (plan.IsWhole && entries != count))
            throw Refused($"vector {vector} has {entries} entries");
        var threshold = TakeDoubles(ref rest, 1)[0];
        if (double.IsNaN(threshold) || double.IsPositiveInfinity(threshold))
            throw Refused($"vector {vector} has the threshold {threshold}");
        var scenarios = new int[entries];
        for (var i = 0; i < entries; i++)
        {
            scenarios[i] = first + (entries == count ? i : TakeInt(ref rest));
            if (scenarios[i] < first || scenarios[i] >= first + count || (i > 0 && scenarios[i] <= scenarios[i - 1]))
                throw Refused($"the scenarios of vector {vector} are out of order");
        }

        var losses = TakeDoubles(ref rest, entries);
        foreach (var loss in losses)
        {
            if (!double.IsFinite(loss) || (loss == 0 && double.IsNegative(loss)))
                throw Refused($"vector {vector} has a loss of {loss}");
        }

        return new BlockTail(scenarios, losses, TakeDoubles(ref rest, (long)entries * plan.Companions(vector)), threshold);
    }

    private static int LengthOf(BlockTail tail, int count)
    {
        if (tail.FailedScenario >= 0)
            return 2 * sizeof(int);
        var scenarios = tail.Losses.Length < count ? tail.Losses.Length : 0;
        return checked(((1 + scenarios) * sizeof(int)) + ((1 + tail.Losses.Length + tail.Companions.Length) * sizeof(double)));
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes[..^ChecksumLength]).AsSpan(0, ChecksumLength);

    private static void Put<T>(ref Span<byte> rest, scoped ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static int TakeInt(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(int))
            throw Refused("they end too early");
        var value = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[sizeof(int)..];
        return value;
    }

    private static double[] TakeDoubles(ref ReadOnlySpan<byte> rest, long count)
    {
        if (rest.Length < count * sizeof(double))
            throw Refused("they end too early");
        var values = new double[count];
        rest[..(values.Length * sizeof(double))].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        rest = rest[(values.Length * sizeof(double))..];
        return values;
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Tails travel as little-endian numbers; this machine is big-endian.");
    }

    private static InvalidDataException Refused(string why) => new($"These bytes are no block of tails: {why}.");
}
