using System.Text;

namespace RiskGrid.Client.Tests.TradeFiles;

/// <summary>Bytes that come in pieces of random size.</summary>
internal sealed class Trickle(byte[] content, Random random) : MemoryStream(content)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 300))], cancellationToken);
}

/// <summary>A text, very many times the letter x, and another text.</summary>
internal sealed class Repeated(string before, long count, string after) : Stream
{
    private readonly byte[] _before = Encoding.UTF8.GetBytes(before);
    private readonly byte[] _after = Encoding.UTF8.GetBytes(after);
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _before.Length + count + _after.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int length;
        if (_position < _before.Length)
        {
            length = Copy(_before, _position, buffer);
        }
        else if (_position < _before.Length + count)
        {
            length = (int)Math.Min(buffer.Length, _before.Length + count - _position);
            buffer[..length].Fill((byte)'x');
        }
        else
        {
            length = Copy(_after, _position - _before.Length - count, buffer);
        }

        _position += length;
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Copy(byte[] from, long position, Span<byte> to)
    {
        var length = (int)Math.Min(to.Length, from.Length - position);
        from.AsSpan((int)position, length).CopyTo(to);
        return length;
    }
}
