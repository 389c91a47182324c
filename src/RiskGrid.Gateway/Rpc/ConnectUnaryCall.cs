using System.Buffers;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>A unary call of the Connect protocol: plain HTTP with a JSON or protobuf body; by GET with the message in the query.</summary>
/// <remarks>Source: Connect Protocol Reference, "Unary (Request-Response) RPCs".</remarks>
internal sealed class ConnectUnaryCall : RpcCall
{
    private readonly bool _isGet;
    private readonly int? _compressFrom;
    private IMessage? _response;
    private bool _isRead;

    public ConnectUnaryCall(HttpContext http, RpcMethod method, GatewayOptions options, MessageCodec codec, TimeSpan? timeout, CancellationToken drain)
        : base(http, method, options, codec, timeout, drain)
    {
        _isGet = HttpMethods.IsGet(http.Request.Method);
        _compressFrom = CompressFrom(http.Request.Headers.AcceptEncoding);
        http.Response.Headers.AcceptEncoding = Gzip.Name;
    }

    public override async ValueTask<T?> ReadAsync<T>()
        where T : class
    {
        if (_isRead)
            return null;
        _isRead = true;
        var encoding = _isGet ? Http.Request.Query["compression"].ToString() : Http.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or Gzip.Name))
            throw new RpcException(RpcStatus.Unimplemented, $"content encoding '{encoding}' is not supported: use identity or gzip");
        return _isGet ? Parse<T>(MessageOfQuery(), encoding) : await ReadBodyAsync<T>(encoding).ConfigureAwait(false);
    }

    public override ValueTask StartAsync() => default;

    public override ValueTask WriteAsync(IMessage message)
    {
        _response = message;
        return default;
    }

    public override async Task CompleteAsync(RpcException? error)
    {
        var body = new ArrayBufferWriter<byte>(512);
        var http = Http.Response;
        if (error is null)
        {
            http.ContentType = "application/" + Codec.Name;
            Codec.Write(_response!, body);
        }
        else
        {
            http.StatusCode = ConnectError.HttpStatusOf(error.Status);
            http.ContentType = "application/json";
            if (error.RetryAfter is { } wait)
                http.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString();
            ConnectError.WriteError(body, error);
        }

        foreach (var entry in Context.ResponseHeaders)
            http.Headers.Append(entry.Name, entry.WireValue);
        foreach (var entry in Context.ResponseTrailers)
            http.Headers.Append("trailer-" + entry.Name, entry.WireValue);
        if (body.WrittenCount >= _compressFrom)
        {
            var packed = new ArrayBufferWriter<byte>(512);
            Gzip.Compress(body.WrittenSpan, packed);
            http.Headers.ContentEncoding = Gzip.Name;
            body = packed;
        }

        http.ContentLength = body.WrittenCount;
        http.BodyWriter.Write(body.WrittenSpan);
        await FlushAsync(http.BodyWriter, Http.RequestAborted).ConfigureAwait(false);
    }

    private async ValueTask<T> ReadBodyAsync<T>(string encoding)
        where T : class, IMessage<T>, new()
    {
        var input = Http.Request.BodyReader;
        while (true)
        {
            var result = await input.ReadAsync(Cancellation).ConfigureAwait(false);
            if (result.IsCompleted || result.Buffer.Length > Options.MaxReceiveMessageBytes)
            {
                try
                {
                    return Parse<T>(result.Buffer, encoding);
                }
                finally
                {
                    // Also when the body is refused: the connection can be kept only when its reader is at rest.
                    input.AdvanceTo(result.Buffer.End);
                }
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private ReadOnlySequence<byte> MessageOfQuery()
    {
        var query = Http.Request.Query;
        var message = query["message"].ToString();
        if (query["base64"] != "1")
            return new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message));
        return BinaryHeader.TryDecode(message.Replace('-', '+').Replace('_', '/'), out var bytes)
            ? new ReadOnlySequence<byte>(bytes)
            : throw new RpcException(RpcStatus.InvalidArgument, "the query parameter 'message' is no URL-safe base64");
    }

    private T Parse<T>(ReadOnlySequence<byte> body, string encoding)
        where T : class, IMessage<T>, new()
    {
        if (body.Length > Options.MaxReceiveMessageBytes)
        {
            throw new RpcException(
                RpcStatus.ResourceExhausted, $"the request has more than the limit of {Options.MaxReceiveMessageBytes:N0} bytes: split it");
        }

        return Codec.Read<T>(encoding == Gzip.Name && !body.IsEmpty ? Gzip.Decompress(body, Options.MaxReceiveMessageBytes) : body);
    }
}
