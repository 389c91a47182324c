using System.Net;
using System.Net.Http.Headers;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>What a broken connection or a foreign HTTP answer means for a call.</summary>
/// <remarks>Sources: the gRPC project's doc/PROTOCOL-HTTP2.md, Errors, and doc/http-grpc-status-mapping.md.</remarks>
internal static class TransportErrors
{
    public static RpcException Of(Exception failure, Uri address)
    {
        var status = CodeOf(failure) switch
        {
            0x8 => RpcStatus.Cancelled,
            0xb => RpcStatus.ResourceExhausted,
            0xc => RpcStatus.PermissionDenied,
            _ => RpcStatus.Unavailable,
        };
        return new RpcException(status, $"no answer from {address.Authority}: {Innermost(failure)}", [], failure);
    }

    public static RpcStatus StatusOf(HttpStatusCode code) => (int)code switch
    {
        400 => RpcStatus.Internal,
        401 => RpcStatus.Unauthenticated,
        403 => RpcStatus.PermissionDenied,
        404 => RpcStatus.Unimplemented,
        429 or 502 or 503 or 504 => RpcStatus.Unavailable,
        _ => RpcStatus.Unknown,
    };

    /// <summary>The outcome that headers or trailers carry; null for OK.</summary>
    public static RpcException? OutcomeOf(HttpHeaders trailers, RpcMetadata metadata)
    {
        if (!trailers.TryGetValues("grpc-status", out var values) || !int.TryParse(values.First(), out var number))
            return new RpcException(RpcStatus.Unknown, "the response ended without a status");
        if (number == 0)
            return null;
        var status = Enum.IsDefined((RpcStatus)number) ? (RpcStatus)number : RpcStatus.Unknown;
        return StatusDetails.Decode(status, First(trailers, "grpc-message"), First(trailers, "grpc-status-details-bin"), metadata);
    }

    public static RpcMetadata MetadataOf(HttpHeaders headers)
    {
        var metadata = new RpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
            foreach (var value in values)
                metadata.AddReceived(name, value);
        return metadata;
    }

    private static string? First(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static long? CodeOf(Exception failure)
    {
        for (var each = failure; each is not null; each = each.InnerException)
            if (each is HttpProtocolException protocol)
                return protocol.ErrorCode;
        return null;
    }

    private static string Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
            failure = inner;
        return failure.Message;
    }
}
