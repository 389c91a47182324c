using Google.Protobuf;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Status, message and details as gRPC trailers carry them.</summary>
/// <remarks>Source: "gRPC over HTTP2", the gRPC project's doc/PROTOCOL-HTTP2.md; the details trailer is <c>google.rpc.Status</c>.</remarks>
public static class StatusDetails
{
    /// <summary>Longest details trailer sent, in characters of base64: header blocks above 8 KiB are refused by common peers.</summary>
    public const int MaxTrailerLength = 6 * 1024;

    /// <summary>The value of <c>grpc-status-details-bin</c>, or null when there are no details or they are too long to send.</summary>
    public static string? Encode(RpcException error)
    {
        if (error.Details.Count == 0)
            return null;
        var status = new Google.Rpc.Status { Code = (int)error.Status, Message = error.Message, Details = { error.Details } };
        var text = BinaryHeader.Encode(status.ToByteArray());
        return text.Length <= MaxTrailerLength ? text : null;
    }

    /// <summary>The failure that a gRPC response's trailers describe. Malformed details are dropped; the status stands without them.</summary>
    public static RpcException Decode(RpcStatus status, string? encodedMessage, string? details, RpcMetadata trailers)
    {
        var message = PercentEncoding.Decode(encodedMessage ?? "");
        if (details is not null && BinaryHeader.TryDecode(details, out var bytes))
        {
            try
            {
                var rich = Google.Rpc.Status.Parser.ParseFrom(bytes);
                return new RpcException(status, message, [.. rich.Details], null) { Trailers = trailers };
            }
            catch (InvalidProtocolBufferException)
            {
                // Fall through: a peer's malformed details must not hide the status that came with them.
            }
        }

        return new RpcException(status, message) { Trailers = trailers };
    }
}
