using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace RiskGrid.Protocol.Rpc;

/// <summary>How a message becomes bytes: protobuf's binary form or its canonical JSON. Immutable and thread-safe.</summary>
public abstract class MessageCodec
{
    /// <summary>Binary protobuf; unknown fields are kept.</summary>
    public static readonly MessageCodec Proto = new ProtoCodec();

    /// <summary>Canonical JSON in UTF-8. An unknown field is refused: a misspelt quantity must not be read as zero.</summary>
    public static readonly MessageCodec Json = new JsonCodec();

    /// <summary><c>proto</c> or <c>json</c>, as content types call it.</summary>
    public abstract string Name { get; }

    /// <summary>The codec of a content type's suffix, or null.</summary>
    public static MessageCodec? ByName(ReadOnlySpan<char> name) => name switch { "proto" => Proto, "json" => Json, _ => null };

    /// <summary>Appends the message; returns the number of bytes written.</summary>
    public abstract int Write(IMessage message, IBufferWriter<byte> output);

    /// <summary>Reads one message that fills <paramref name="payload"/>.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the bytes are no such message.</exception>
    public abstract T Read<T>(ReadOnlySequence<byte> payload)
        where T : IMessage<T>, new();

    private static RpcException Malformed<T>(string form, Exception cause)
        where T : IMessage<T>, new() =>
        new(RpcStatus.InvalidArgument, $"the request is no {form} of {new T().Descriptor.FullName}: {cause.Message}", [], cause);

    private sealed class ProtoCodec : MessageCodec
    {
        public override string Name => "proto";

        public override int Write(IMessage message, IBufferWriter<byte> output)
        {
            var size = message.CalculateSize();

            // WriteTo begins with Advance(0), which some pipe writers refuse before the first GetSpan.
            output.GetSpan(1);
            message.WriteTo(output);
            return size;
        }

        public override T Read<T>(ReadOnlySequence<byte> payload)
        {
            try
            {
                var message = new T();
                message.MergeFrom(payload);
                return message;
            }
            catch (InvalidProtocolBufferException e)
            {
                throw Malformed<T>("protobuf", e);
            }
        }
    }

    private sealed class JsonCodec : MessageCodec
    {
        private readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default);
        private readonly JsonParser _parser = new(JsonParser.Settings.Default);

        public override string Name => "json";

        public override int Write(IMessage message, IBufferWriter<byte> output) =>
            checked((int)Encoding.UTF8.GetBytes(_formatter.Format(message), output));

        public override T Read<T>(ReadOnlySequence<byte> payload)
        {
            // An empty body stands for the empty message, as `curl -d ''` sends it.
            if (payload.IsEmpty)
                return new T();
            try
            {
                return _parser.Parse<T>(Strict.GetString(payload));
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or DecoderFallbackException
                                          or FormatException or OverflowException or ArgumentException)
            {
                throw Malformed<T>("JSON", e);
            }
        }

        private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    }
}
