namespace RiskGrid.Client.TradeFiles;

/// <summary>What a stream that is only read asynchronously, from its beginning to its end, has to say about everything else.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override void Flush() => throw new NotSupportedException();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Bytes, then a stream, then bytes again. Leaves the stream open.</summary>
internal sealed class FramedStream(ReadOnlyMemory<byte> before, Stream inner, ReadOnlyMemory<byte> after) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _before = before;
    private ReadOnlyMemory<byte> _after = after;
    private bool _innerEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_before.IsEmpty)
            return Take(ref _before, buffer.Span);
        if (!_innerEnded)
        {
            var length = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (length > 0 || buffer.IsEmpty)
                return length;
            _innerEnded = true;
        }

        return Take(ref _after, buffer.Span);
    }

    private static int Take(ref ReadOnlyMemory<byte> from, Span<byte> buffer)
    {
        var length = Math.Min(buffer.Length, from.Length);
        from.Span[..length].CopyTo(buffer);
        from = from[length..];
        return length;
    }
}
