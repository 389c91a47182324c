using System.Buffers;
using System.IO.Compression;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Gzip of single messages, with a limit on what a message may inflate to.</summary>
public static class Gzip
{
    /// <summary>The encoding's name in headers.</summary>
    public const string Name = "gzip";

    /// <summary>Appends the compressed form of <paramref name="data"/>.</summary>
    public static void Compress(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        using var gzip = new GZipStream(new BufferWriterStream(output), CompressionLevel.Fastest);
        gzip.Write(data);
    }

    /// <summary>The inflated form. Stops as soon as more than <paramref name="maxBytes"/> come out, so that a small message cannot fill the memory.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too large when inflated; INVALID_ARGUMENT: not gzip.</exception>
    public static ReadOnlySequence<byte> Decompress(ReadOnlySequence<byte> data, int maxBytes)
    {
        var output = new ArrayBufferWriter<byte>((int)Math.Min(Math.Max(data.Length * 4, 1024), Math.Min(maxBytes, 1 << 20)));
        try
        {
            using var gzip = new GZipStream(new SequenceStream(data), CompressionMode.Decompress);
            while (true)
            {
                var read = gzip.Read(output.GetSpan(4096));
                if (read == 0)
                    return new ReadOnlySequence<byte>(output.WrittenMemory);
                if (output.WrittenCount + read > maxBytes)
                    throw MessageFrame.TooLarge($"inflates to more than {maxBytes:N0} bytes");
                output.Advance(read);
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"the message is marked as gzip but is not: {e.Message}", [], e);
        }
    }

    private sealed class BufferWriterStream(IBufferWriter<byte> output) : ForwardStream
    {
        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));
    }

    private sealed class SequenceStream(ReadOnlySequence<byte> data) : ForwardStream
    {
        private ReadOnlySequence<byte> _rest = data;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, _rest.Length);
            _rest.Slice(0, count).CopyTo(buffer);
            _rest = _rest.Slice(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    private abstract class ForwardStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
