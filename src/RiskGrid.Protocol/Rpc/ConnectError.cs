using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace RiskGrid.Protocol.Rpc;

/// <summary>Failures and ends of streams as the Connect protocol writes them: JSON with a code, a message and details.</summary>
/// <remarks>Source: Connect Protocol Reference, "Error Codes" and "Error and EndStreamResponse".</remarks>
public static class ConnectError
{
    private static readonly (RpcStatus Status, string Code, int Http)[] Codes =
    [
        (RpcStatus.Cancelled, "canceled", 499), (RpcStatus.Unknown, "unknown", 500), (RpcStatus.InvalidArgument, "invalid_argument", 400),
        (RpcStatus.DeadlineExceeded, "deadline_exceeded", 504), (RpcStatus.NotFound, "not_found", 404),
        (RpcStatus.AlreadyExists, "already_exists", 409), (RpcStatus.PermissionDenied, "permission_denied", 403),
        (RpcStatus.ResourceExhausted, "resource_exhausted", 429), (RpcStatus.FailedPrecondition, "failed_precondition", 400),
        (RpcStatus.Aborted, "aborted", 409), (RpcStatus.OutOfRange, "out_of_range", 400), (RpcStatus.Unimplemented, "unimplemented", 501),
        (RpcStatus.Internal, "internal", 500), (RpcStatus.Unavailable, "unavailable", 503), (RpcStatus.DataLoss, "data_loss", 500),
        (RpcStatus.Unauthenticated, "unauthenticated", 401),
    ];

    // Details whose content is also written as readable JSON, for people with curl.
    private static readonly JsonFormatter Readable = new(JsonFormatter.Settings.Default);

    /// <summary>The protocol's word for a status.</summary>
    public static string CodeOf(RpcStatus status) => Codes.First(row => row.Status == status).Code;

    /// <summary>The HTTP status of a unary call's failure.</summary>
    public static int HttpStatusOf(RpcStatus status) => Codes.First(row => row.Status == status).Http;

    /// <summary>The body of a failed unary call.</summary>
    public static void WriteError(IBufferWriter<byte> output, RpcException error)
    {
        using var json = new Utf8JsonWriter(output);
        WriteError(json, error);
    }

    /// <summary>The last frame's payload of a stream: the failure, if any, and the trailers.</summary>
    public static void WriteEndOfStream(IBufferWriter<byte> output, RpcException? error, RpcMetadata trailers)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (error is not null)
        {
            json.WritePropertyName("error");
            WriteError(json, error);
        }

        if (trailers.Count > 0)
        {
            json.WriteStartObject("metadata");
            foreach (var group in trailers.GroupBy(entry => entry.Name))
            {
                json.WriteStartArray(group.Key);
                foreach (var entry in group)
                    json.WriteStringValue(entry.WireValue);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, RpcException error)
    {
        json.WriteStartObject();
        json.WriteString("code", CodeOf(error.Status));
        json.WriteString("message", error.Message);
        if (error.Details.Count > 0)
        {
            json.WriteStartArray("details");
            foreach (var detail in error.Details)
                WriteDetail(json, detail);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteDetail(Utf8JsonWriter json, Any detail)
    {
        json.WriteStartObject();
        json.WriteString("type", Any.GetTypeName(detail.TypeUrl));
        json.WriteString("value", BinaryHeader.Encode(detail.Value.Span));
        if (detail.TryUnpack<BadRequest>(out var badRequest))
        {
            json.WritePropertyName("debug");
            json.WriteRawValue(Readable.Format(badRequest));
        }
        else if (detail.TryUnpack<RetryInfo>(out var retry))
        {
            json.WritePropertyName("debug");
            json.WriteRawValue(Readable.Format(retry));
        }

        json.WriteEndObject();
    }
}
