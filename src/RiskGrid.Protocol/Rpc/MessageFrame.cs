using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace RiskGrid.Protocol.Rpc;

/// <summary>One message of a stream as gRPC and Connect frame it: a byte of flags, the length as four bytes big-endian, the payload.</summary>
/// <param name="Flags">See <see cref="Compressed"/> and <see cref="EndOfStream"/>.</param>
/// <param name="Payload">Valid until the next frame is read.</param>
/// <remarks>Sources: the gRPC project's doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message; Connect Protocol Reference, Enveloped-Message.</remarks>
public readonly record struct MessageFrame(byte Flags, ReadOnlySequence<byte> Payload)
{
    /// <summary>Flag: the payload is compressed with the stream's encoding.</summary>
    public const byte Compressed = 0x01;

    /// <summary>Flag of Connect: the payload is the end of the response, as JSON.</summary>
    public const byte EndOfStream = 0x02;

    /// <summary>Bytes before the payload.</summary>
    public const int PrefixLength = 5;

    /// <summary>Default limit on one received message, before and after inflating.</summary>
    public const int DefaultMaxBytes = 16 * 1024 * 1024;

    /// <summary>Appends a framed message, compressed when its plain form has at least <paramref name="compressFrom"/> bytes (null: never).</summary>
    public static void Write(IBufferWriter<byte> output, IMessage message, MessageCodec codec, int? compressFrom = null)
    {
        if (compressFrom is null && ReferenceEquals(codec, MessageCodec.Proto))
        {
            WritePrefix(output, 0, message.CalculateSize());
            codec.Write(message, output);
            return;
        }

        var plain = new ArrayBufferWriter<byte>(1024);
        codec.Write(message, plain);
        if (plain.WrittenCount >= compressFrom)
        {
            var packed = new ArrayBufferWriter<byte>(1024);
            Gzip.Compress(plain.WrittenSpan, packed);
            Write(output, Compressed, packed.WrittenSpan);
        }
        else
        {
            Write(output, 0, plain.WrittenSpan);
        }
    }

    /// <summary>Appends a frame around ready bytes.</summary>
    public static void Write(IBufferWriter<byte> output, byte flags, ReadOnlySpan<byte> payload)
    {
        WritePrefix(output, flags, payload.Length);
        output.Write(payload);
    }

    /// <summary>The message inside, inflated when the frame says so.</summary>
    /// <param name="codec">The stream's codec.</param>
    /// <param name="encoding">What the stream's headers name as its compression, or null.</param>
    /// <param name="maxBytes">Limit on the inflated message.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT, RESOURCE_EXHAUSTED, or INTERNAL when the frame contradicts the headers.</exception>
    public T Read<T>(MessageCodec codec, string? encoding, int maxBytes)
        where T : IMessage<T>, new()
    {
        if ((Flags & Compressed) == 0)
            return codec.Read<T>(Payload);
        if (!string.Equals(encoding, Gzip.Name, StringComparison.OrdinalIgnoreCase))
            throw new RpcException(RpcStatus.Internal, "a message is marked as compressed, but the headers name no compression");
        return codec.Read<T>(Gzip.Decompress(Payload, maxBytes));
    }

    internal static RpcException TooLarge(string what) =>
        new(RpcStatus.ResourceExhausted, $"the message {what}: split it, or raise the receiver's limit");

    private static void WritePrefix(IBufferWriter<byte> output, byte flags, int length)
    {
        var prefix = output.GetSpan(PrefixLength);
        prefix[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)length);
        output.Advance(PrefixLength);
    }
}
