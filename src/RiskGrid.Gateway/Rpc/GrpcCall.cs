using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>gRPC over HTTP/2.</summary>
/// <remarks>Source: the gRPC project's doc/PROTOCOL-HTTP2.md.</remarks>
internal sealed class GrpcCall : RpcCall
{
    public const string ContentType = "application/grpc";

    // A header block that is too long makes peers drop the whole response.
    private const int MaxMessageLength = 2048;
    private const int FlushFrom = 64 * 1024;
    private readonly FrameReader _requests;
    private readonly string? _requestEncoding;
    private readonly bool _isStreaming;
    private readonly int? _compressFrom;
    private bool _started;

    public GrpcCall(HttpContext http, RpcMethod method, GatewayOptions options, MessageCodec codec, TimeSpan? timeout, CancellationToken drain)
        : base(http, method, options, codec, timeout, drain)
    {
        _requests = new FrameReader(http.Request.BodyReader, options.MaxReceiveMessageBytes);
        _requestEncoding = http.Request.Headers["grpc-encoding"];
        _isStreaming = method.IsStreaming;
        _compressFrom = CompressFrom(http.Request.Headers["grpc-accept-encoding"]);
        http.Response.ContentType = http.Request.ContentType;
        http.Response.Headers["grpc-accept-encoding"] = "identity,gzip";
    }

    public override async ValueTask<T?> ReadAsync<T>()
        where T : class
    {
        if (_requestEncoding is not (null or "identity" or Gzip.Name))
            throw new RpcException(RpcStatus.Unimplemented, $"grpc-encoding '{_requestEncoding}' is not supported: use identity or gzip");
        var frame = await ReadFrameAsync(_requests).ConfigureAwait(false);
        return frame?.Read<T>(Codec, _requestEncoding, Options.MaxReceiveMessageBytes);
    }

    public override async ValueTask StartAsync()
    {
        if (_started)
            return;
        SetHeaders();
        await Http.Response.StartAsync(Cancellation).ConfigureAwait(false);
    }

    public override async ValueTask WriteAsync(IMessage message)
    {
        SetHeaders();
        var output = Http.Response.BodyWriter;
        MessageFrame.Write(output, message, Codec, _compressFrom);

        // A unary response leaves together with its trailers in one write, unless it is large enough to need backpressure.
        if (_isStreaming || output.UnflushedBytes > FlushFrom)
            await FlushAsync(output, Cancellation).ConfigureAwait(false);
    }

    public override Task CompleteAsync(RpcException? error)
    {
        _requests.Release();
        SetHeaders();
        foreach (var entry in Context.ResponseTrailers)
            Http.Response.AppendTrailer(entry.Name, entry.WireValue);
        Http.Response.AppendTrailer("grpc-status", ((int)(error?.Status ?? RpcStatus.Ok)).ToString());
        if (error is not null)
        {
            var message = error.Message.Length <= MaxMessageLength ? error.Message : error.Message[..MaxMessageLength] + " …";
            Http.Response.AppendTrailer("grpc-message", PercentEncoding.Encode(message));
            if (StatusDetails.Encode(error) is { } details)
                Http.Response.AppendTrailer("grpc-status-details-bin", details);
        }

        return Task.CompletedTask;
    }

    private void SetHeaders()
    {
        if (_started)
            return;
        _started = true;
        if (_compressFrom is not null)
            Http.Response.Headers["grpc-encoding"] = Gzip.Name;
        foreach (var entry in Context.ResponseHeaders)
            Http.Response.Headers.Append(entry.Name, entry.WireValue);
    }
}
