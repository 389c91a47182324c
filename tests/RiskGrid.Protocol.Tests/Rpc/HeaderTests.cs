using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Protocol.Tests.Rpc;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text, with ~ and !", "plain text, with ~ and !")]
    [InlineData("100 %", "100 %25")]
    [InlineData("line\nfeed\t", "line%0Afeed%09")]
    [InlineData("Größe", "Gr%C3%B6%C3%9Fe")]
    [InlineData("你好", "%E4%BD%A0%E5%A5%BD")]
    [InlineData("😀", "%F0%9F%98%80")]
    public void A_message_is_percent_encoded_and_comes_back(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("100% sure %e")]
    public void A_malformed_escape_is_kept(string text) => Assert.Equal(text, PercentEncoding.Decode(text));

    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1u")]
    [InlineData(0.1, "1u")]
    [InlineData(99_999_999, "99999999u")]
    [InlineData(100_000_000, "100000m")]
    [InlineData(100_000_000.1, "100001m")]
    [InlineData(3_600_000_000d * 24, "86400000m")]
    [InlineData(3_600_000_000d * 24 * 36500, "52560000M")]
    public void A_timeout_is_written_in_the_finest_unit_that_fits_and_never_rounded_down(double microseconds, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Format(TimeSpan.FromTicks((long)Math.Round(microseconds * 10))));

    [Theory]
    [InlineData("250m", 250_000)]
    [InlineData("1H", 3_600_000_000)]
    [InlineData("2M", 120_000_000)]
    [InlineData("3S", 3_000_000)]
    [InlineData("7u", 7)]
    [InlineData("1n", 0.1)]
    [InlineData("99999999H", 40d * 24 * 3600 * 1_000_000)]
    public void A_timeout_is_read_in_every_unit_and_capped(string text, double microseconds)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(TimeSpan.FromTicks((long)(microseconds * 10)), timeout);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    [InlineData("5X")]
    [InlineData("123456789S")]
    public void A_malformed_timeout_is_refused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData("AP8B", new byte[] { 0, 255, 1 })]
    [InlineData("AP8", new byte[] { 0, 255 })]
    [InlineData("AP8=", new byte[] { 0, 255 })]
    [InlineData("AA", new byte[] { 0 })]
    [InlineData("AA==", new byte[] { 0 })]
    [InlineData("", new byte[0])]
    public void Bytes_are_read_with_and_without_padding(string text, byte[] expected)
    {
        Assert.True(BinaryHeader.TryDecode(text, out var bytes));
        Assert.Equal(expected, bytes);
        Assert.Equal(text.TrimEnd('='), BinaryHeader.Encode(expected));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("!!!!")]
    [InlineData("AA_-")]
    public void What_is_no_base64_is_refused(string text) => Assert.False(BinaryHeader.TryDecode(text, out _));

    [Fact]
    public void Metadata_keeps_order_and_repetition_and_splits_joined_bytes()
    {
        var metadata = new RpcMetadata();
        metadata.AddReceived("X-A", "1");
        metadata.AddReceived("x-a", "2");
        metadata.AddReceived("x-k-bin", "AA, AP8=,!,AQ==");
        metadata.AddReceived("grpc-status", "0");
        metadata.AddReceived("Content-Type", "application/grpc");
        Assert.Equal(["1", "2"], metadata.GetAll("x-a"));
        Assert.Equal("2", metadata["X-a"]);
        Assert.Equal(["AA", "AP8", "AQ"], metadata.Where(entry => entry.IsBinary).Select(entry => entry.WireValue));
        Assert.Equal(5, metadata.Count);
    }

    [Theory]
    [InlineData("grpc-status", "1")]
    [InlineData("Content-Type", "x")]
    [InlineData("", "x")]
    [InlineData("ä", "x")]
    [InlineData("a b", "x")]
    [InlineData("key-bin", "text")]
    [InlineData("key", "line\nfeed")]
    [InlineData("key", "Größe")]
    public void Metadata_that_could_not_be_sent_or_would_forge_the_protocol_is_refused(string name, string value) =>
        Assert.Throws<ArgumentException>(() => new RpcMetadata { { name, value } });
}
