using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Reads frames off a pipe, one at a time. Not thread-safe.</summary>
/// <param name="input">The bytes; completed by its owner.</param>
/// <param name="maxMessageBytes">Limit on one payload as framed.</param>
public sealed class FrameReader(PipeReader input, int maxMessageBytes)
{
    // Where the frame handed out last ends; the pipe is told only when the next one is asked for, so that the payload stays valid until then.
    private SequencePosition? _consumed;

    /// <summary>The next frame, or null at a clean end of the stream. Waits until the frame is complete.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the prefix announces more than the limit (nothing is buffered);
    /// INVALID_ARGUMENT: the stream ends inside a frame.</exception>
    public async ValueTask<MessageFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled)
                throw new OperationCanceledException(cancellationToken);
            if (TryTake(result.Buffer, out var frame))
                return frame;

            // Examined to the end although nothing is consumed: otherwise the peer's window never opens for the rest of a large message.
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (!result.IsCompleted)
                continue;
            return result.Buffer.IsEmpty
                ? null
                : throw new RpcException(RpcStatus.InvalidArgument, "the stream ends inside a message");
        }
    }

    /// <summary>Gives the last frame back to the pipe. Needed when no further frame is read: an HTTP/1.1 server can keep a connection only
    /// when its reader is at rest.</summary>
    public void Release()
    {
        if (_consumed is not { } consumed)
            return;
        _consumed = null;
        input.AdvanceTo(consumed);
    }

    private bool TryTake(ReadOnlySequence<byte> buffer, out MessageFrame frame)
    {
        frame = default;
        if (buffer.Length < MessageFrame.PrefixLength)
            return false;
        Span<byte> prefix = stackalloc byte[MessageFrame.PrefixLength];
        buffer.Slice(0, MessageFrame.PrefixLength).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maxMessageBytes)
        {
            input.AdvanceTo(buffer.Start);
            throw MessageFrame.TooLarge($"has {length:N0} bytes, more than the limit of {maxMessageBytes:N0}");
        }

        if (buffer.Length < MessageFrame.PrefixLength + length)
            return false;
        frame = new MessageFrame(prefix[0], buffer.Slice(MessageFrame.PrefixLength, length));
        _consumed = frame.Payload.End;
        return true;
    }
}
