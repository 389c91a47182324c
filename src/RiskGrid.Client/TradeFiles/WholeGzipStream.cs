using System.IO.Compression;

namespace RiskGrid.Client.TradeFiles;

/// <summary>What a gzip stream holds, and an error when it is not whole. <see cref="GZipStream"/> alone ends a file that was cut short as if
/// it were complete, and a trade file that was half transferred would load half a book without a word.</summary>
/// <remarks>A gzip file may consist of several members. One more, with a known content, is put behind the last: only when that content comes
/// out at the end was everything before it complete. The last bytes are held back until then.</remarks>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private static readonly byte[] Seal = "\nRiskGrid: whole"u8.ToArray();
    private static readonly byte[] PackedSeal = Pack(Seal);

    private readonly GZipStream _unpacked;
    private readonly byte[] _held = new byte[32_768 + Seal.Length];
    private int _count;

    /// <summary>Unpacks a stream whose first bytes were read already; leaves it open.</summary>
    public WholeGzipStream(ReadOnlyMemory<byte> start, Stream rest) =>
        _unpacked = new GZipStream(new FramedStream(start, rest, PackedSeal), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The data is damaged or ends early.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_count <= Seal.Length)
        {
            var length = await UnpackAsync(cancellationToken).ConfigureAwait(false);
            _count += length;
            if (length > 0)
                continue;
            return _held.AsSpan(0, _count).SequenceEqual(Seal) ? 0 : throw new InvalidDataException("its gzip data ends early");
        }

        var given = Math.Min(buffer.Length, _count - Seal.Length);
        _held.AsSpan(0, given).CopyTo(buffer.Span);
        _held.AsSpan(given, _count - given).CopyTo(_held);
        _count -= given;
        return given;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> UnpackAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _unpacked.ReadAsync(_held.AsMemory(_count), cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException damaged)
        {
            // The class library speaks of an "archive entry" here.
            throw new InvalidDataException("its gzip data is damaged", damaged);
        }
    }

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }
}
