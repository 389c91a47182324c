using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>A streaming call of the Connect protocol: frames as in gRPC, the outcome in a last frame of JSON instead of trailers.</summary>
/// <remarks>Source: Connect Protocol Reference, "Streaming RPCs".</remarks>
internal sealed class ConnectStreamCall : RpcCall
{
    public const string ContentTypePrefix = "application/connect+";

    private readonly FrameReader _requests;
    private readonly string? _requestEncoding;
    private readonly int? _compressFrom;
    private bool _started;

    public ConnectStreamCall(HttpContext http, RpcMethod method, GatewayOptions options, MessageCodec codec, TimeSpan? timeout, CancellationToken drain)
        : base(http, method, options, codec, timeout, drain)
    {
        _requests = new FrameReader(http.Request.BodyReader, options.MaxReceiveMessageBytes);
        _requestEncoding = http.Request.Headers["connect-content-encoding"];
        _compressFrom = CompressFrom(http.Request.Headers["connect-accept-encoding"]);
        http.Response.ContentType = ContentTypePrefix + codec.Name;
        http.Response.Headers["connect-accept-encoding"] = Gzip.Name;
    }

    public override async ValueTask<T?> ReadAsync<T>()
        where T : class
    {
        if (_requestEncoding is not (null or "" or "identity" or Gzip.Name))
            throw new RpcException(RpcStatus.Unimplemented, $"connect-content-encoding '{_requestEncoding}' is not supported: use identity or gzip");
        if (await ReadFrameAsync(_requests).ConfigureAwait(false) is not { } frame)
            return null;
        if ((frame.Flags & MessageFrame.EndOfStream) != 0)
            throw new RpcException(RpcStatus.InvalidArgument, "a request stream ends with its body, not with an end-of-stream message");
        return frame.Read<T>(Codec, _requestEncoding, Options.MaxReceiveMessageBytes);
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
        MessageFrame.Write(Http.Response.BodyWriter, message, Codec, _compressFrom);
        await FlushAsync(Http.Response.BodyWriter, Cancellation).ConfigureAwait(false);
    }

    public override async Task CompleteAsync(RpcException? error)
    {
        _requests.Release();
        SetHeaders();
        var end = new ArrayBufferWriter<byte>(256);
        ConnectError.WriteEndOfStream(end, error, Context.ResponseTrailers);
        MessageFrame.Write(Http.Response.BodyWriter, MessageFrame.EndOfStream, end.WrittenSpan);
        await FlushAsync(Http.Response.BodyWriter, Http.RequestAborted).ConfigureAwait(false);
    }

    private void SetHeaders()
    {
        if (_started)
            return;
        _started = true;
        if (_compressFrom is not null)
            Http.Response.Headers["connect-content-encoding"] = Gzip.Name;
        foreach (var entry in Context.ResponseHeaders)
            Http.Response.Headers.Append(entry.Name, entry.WireValue);
    }
}
