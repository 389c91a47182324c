using System.Buffers;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Protocol.Tests.Rpc;

public sealed class ErrorTests
{
    [Fact]
    public void A_failure_with_details_survives_its_trailers()
    {
        var sent = RpcException.InvalidField("commands[3].book.strike", "must be above zero – größer");
        var received = StatusDetails.Decode(sent.Status, PercentEncoding.Encode(sent.Message), StatusDetails.Encode(sent), new RpcMetadata());
        Assert.Equal((sent.Status, sent.Message), (received.Status, received.Message));
        Assert.Equal([("commands[3].book.strike", "must be above zero – größer")], received.FieldViolations);
        Assert.Null(received.RetryAfter);

        var later = RpcException.RetryLater(RpcStatus.Unavailable, "later", TimeSpan.FromMilliseconds(1500));
        Assert.Equal(TimeSpan.FromMilliseconds(1500), StatusDetails.Decode(later.Status, "later", StatusDetails.Encode(later), new RpcMetadata()).RetryAfter);
    }

    [Theory]
    [InlineData("!")]
    [InlineData("////")]
    public void Malformed_details_do_not_hide_the_status(string details)
    {
        var received = StatusDetails.Decode(RpcStatus.NotFound, "gone", details, new RpcMetadata());
        Assert.Equal((RpcStatus.NotFound, "gone"), (received.Status, received.Message));
        Assert.Empty(received.Details);
    }

    [Fact]
    public void Details_too_long_for_a_header_are_left_out()
    {
        Assert.Null(StatusDetails.Encode(RpcException.InvalidField("f", new string('x', 10_000))));
        Assert.Null(StatusDetails.Encode(new RpcException(RpcStatus.NotFound, "no details")));
    }

    [Theory]
    [InlineData(RpcStatus.Cancelled, "canceled", 499)]
    [InlineData(RpcStatus.InvalidArgument, "invalid_argument", 400)]
    [InlineData(RpcStatus.DeadlineExceeded, "deadline_exceeded", 504)]
    [InlineData(RpcStatus.NotFound, "not_found", 404)]
    [InlineData(RpcStatus.AlreadyExists, "already_exists", 409)]
    [InlineData(RpcStatus.PermissionDenied, "permission_denied", 403)]
    [InlineData(RpcStatus.ResourceExhausted, "resource_exhausted", 429)]
    [InlineData(RpcStatus.FailedPrecondition, "failed_precondition", 400)]
    [InlineData(RpcStatus.Aborted, "aborted", 409)]
    [InlineData(RpcStatus.OutOfRange, "out_of_range", 400)]
    [InlineData(RpcStatus.Unimplemented, "unimplemented", 501)]
    [InlineData(RpcStatus.Internal, "internal", 500)]
    [InlineData(RpcStatus.Unavailable, "unavailable", 503)]
    [InlineData(RpcStatus.DataLoss, "data_loss", 500)]
    [InlineData(RpcStatus.Unauthenticated, "unauthenticated", 401)]
    [InlineData(RpcStatus.Unknown, "unknown", 500)]
    public void Each_status_has_the_code_and_the_HTTP_status_of_the_Connect_protocol(RpcStatus status, string code, int http) =>
        Assert.Equal((code, http), (ConnectError.CodeOf(status), ConnectError.HttpStatusOf(status)));

    [Fact]
    public void The_end_of_a_Connect_stream_carries_error_and_metadata_and_nothing_when_there_is_nothing()
    {
        Assert.Equal("{}", End(null, new RpcMetadata()).GetRawText());
        var trailers = new RpcMetadata { { "x-a", "1" }, { "x-a", "2" } };
        var end = End(RpcException.RetryLater(RpcStatus.Unavailable, "later", TimeSpan.FromSeconds(30)), trailers);
        Assert.Equal("unavailable", end.GetProperty("error").GetProperty("code").GetString());
        var detail = end.GetProperty("error").GetProperty("details")[0];

        // The example of the Connect Protocol Reference, "Error and EndStreamResponse", names this type and this debug form.
        Assert.Equal("google.rpc.RetryInfo", detail.GetProperty("type").GetString());
        Assert.Equal("30s", detail.GetProperty("debug").GetProperty("retryDelay").GetString());
        Assert.True(BinaryHeader.TryDecode(detail.GetProperty("value").GetString()!, out var bytes));
        Assert.Equal(Duration.FromTimeSpan(TimeSpan.FromSeconds(30)), RetryInfo.Parser.ParseFrom(bytes).RetryDelay);
        Assert.Equal(["1", "2"], end.GetProperty("metadata").GetProperty("x-a").EnumerateArray().Select(each => each.GetString()));
    }

    private static JsonElement End(RpcException? error, RpcMetadata trailers)
    {
        var output = new ArrayBufferWriter<byte>();
        ConnectError.WriteEndOfStream(output, error, trailers);
        return JsonDocument.Parse(output.WrittenMemory).RootElement;
    }
}
