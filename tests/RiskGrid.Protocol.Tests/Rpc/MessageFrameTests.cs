using System.Buffers;
using System.IO.Pipelines;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Protocol.Tests.Rpc;

public sealed class MessageFrameTests
{
    private static readonly TradeCommand Message = new()
    {
        CommandId = new string('c', 3000),
        Book = new TradeTerms { Book = "EQD/SPX", Quantity = -0.1, Counterparty = "Börse" },
    };

    [Fact]
    public void A_frame_is_flags_a_big_endian_length_and_the_payload()
    {
        var output = new ArrayBufferWriter<byte>();
        MessageFrame.Write(output, new TradeCommand { TradeId = "T" }, MessageCodec.Proto);
        Assert.Equal([0, 0, 0, 0, 3, 0x12, 1, (byte)'T'], output.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData("proto", null)]
    [InlineData("proto", 0)]
    [InlineData("proto", 1_000_000)]
    [InlineData("json", null)]
    [InlineData("json", 0)]
    public async Task A_message_survives_in_every_form_whatever_the_pieces_it_arrives_in(string codecName, int? compressFrom)
    {
        var codec = MessageCodec.ByName(codecName)!;
        var output = new ArrayBufferWriter<byte>();
        MessageFrame.Write(output, Message, codec, compressFrom);
        MessageFrame.Write(output, new TradeCommand(), codec, compressFrom);
        foreach (var piece in new[] { 1, 3, 7, 4096, 1 << 20 })
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8, minimumSegmentSize: 16));
            var writing = WriteAsync(pipe.Writer, output.WrittenMemory, piece);
            var reader = new FrameReader(pipe.Reader, 100_000);
            Assert.Equal(Message, (await reader.ReadAsync(default))!.Value.Read<TradeCommand>(codec, "gzip", 100_000));
            Assert.Equal(new TradeCommand(), (await reader.ReadAsync(default))!.Value.Read<TradeCommand>(codec, "gzip", 100_000));
            Assert.Null(await reader.ReadAsync(default));
            await writing;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task A_stream_that_ends_inside_a_frame_is_an_error(int length)
    {
        var reader = ReaderOf(new byte[] { 0, 0, 0, 0, 3, 0x12, 1, (byte)'T' }.AsMemory(0, length));
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await reader.ReadAsync(default));
        Assert.Equal(RpcStatus.InvalidArgument, failure.Status);
    }

    [Fact]
    public async Task A_frame_above_the_limit_is_refused_by_its_prefix_alone()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await new FrameReader(pipe.Reader, 1000).ReadAsync(default));
        Assert.Equal(RpcStatus.ResourceExhausted, failure.Status);
        Assert.Contains("4,294,967,295", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_of_exactly_the_limit_is_taken()
    {
        var frame = new byte[5 + 1000];
        (frame[3], frame[4]) = (1000 / 256, 1000 % 256);
        Assert.Equal(1000, (await ReaderOf(frame).ReadAsync(default))!.Value.Payload.Length);
    }

    [Fact]
    public void Gzip_stops_at_the_limit_and_refuses_what_is_no_gzip()
    {
        var packed = new ArrayBufferWriter<byte>();
        Gzip.Compress(new byte[10_000_000], packed);
        Assert.Equal(RpcStatus.ResourceExhausted, Refusal(() => Gzip.Decompress(new(packed.WrittenMemory), 9_999_999)));
        Assert.Equal(10_000_000, Gzip.Decompress(new(packed.WrittenMemory), 10_000_000).Length);
        Assert.Equal(RpcStatus.InvalidArgument, Refusal(() => Gzip.Decompress(new(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }), 1000)));
    }

    [Theory]
    [InlineData("{\"tradeId\":\"x\",\"quantty\":1}")]
    [InlineData("{\"tradeId\":1}")]
    [InlineData("not json")]
    public void JSON_that_is_no_such_message_is_refused_with_the_messages_name(string json)
    {
        var failure = Assert.Throws<RpcException>(() => MessageCodec.Json.Read<TradeCommand>(new(System.Text.Encoding.UTF8.GetBytes(json))));
        Assert.Equal(RpcStatus.InvalidArgument, failure.Status);
        Assert.Contains("riskgrid.v1.TradeCommand", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubles_other_than_negative_zero_survive_JSON_to_the_bit()
    {
        foreach (var value in new[] { 0.1, -1.0 / 3, double.Epsilon, double.MaxValue, 5e-324, 123456789.123456789 })
        {
            var output = new ArrayBufferWriter<byte>();
            MessageCodec.Json.Write(new TradeTerms { Quantity = value }, output);
            var back = MessageCodec.Json.Read<TradeTerms>(new(output.WrittenMemory)).Quantity;
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(back));
        }
    }

    private static RpcStatus Refusal(Action action) => Assert.Throws<RpcException>(action).Status;

    private static FrameReader ReaderOf(ReadOnlyMemory<byte> bytes) => new(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), 1000);

    private static async Task WriteAsync(PipeWriter writer, ReadOnlyMemory<byte> bytes, int piece)
    {
        for (var at = 0; at < bytes.Length; at += piece)
            await writer.WriteAsync(bytes.Slice(at, Math.Min(piece, bytes.Length - at)));
        await writer.CompleteAsync();
    }
}
