using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

/// <summary>Requests put together by hand, as a client of another make would send them.</summary>
internal static class RawHttp
{
    /// <summary>A gRPC request over HTTP/2 with a body of the test's making; the status is that of the trailers or, without them, the headers.</summary>
    public static async Task<(RpcStatus Status, string Message, HttpResponseMessage Response)> GrpcAsync(
        EchoHost host, string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        var response = await http.SendAsync(Post(new Uri(host.Server.GrpcAddress, path), body, "application/grpc", HttpVersion.Version20, headers));
        await response.Content.ReadAsByteArrayAsync();
        var source = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        Assert.True(source.TryGetValues("grpc-status", out var status), "a gRPC response ends with a status");
        var message = source.TryGetValues("grpc-message", out var values) ? PercentEncoding.Decode(values.First()) : "";
        return ((RpcStatus)int.Parse(status.First()), message, response);
    }

    public static HttpRequestMessage Post(
        Uri uri, byte[] body, string contentType, Version version, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    public static HttpRequestMessage PostJson(Uri uri, string json, params (string Name, string Value)[] headers) =>
        Post(uri, Encoding.UTF8.GetBytes(json), "application/json", HttpVersion.Version11, headers);

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] payload, byte flags = 0)
    {
        var output = new ArrayBufferWriter<byte>();
        MessageFrame.Write(output, flags, payload);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Frames(params string[] json) => [.. json.SelectMany(each => Frame(Encoding.UTF8.GetBytes(each)))];

    public static byte[] Gzip(byte[] plain)
    {
        var output = new ArrayBufferWriter<byte>();
        Protocol.Rpc.Gzip.Compress(plain, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Takes a body of Connect frames apart: the messages as JSON and the last frame's JSON.</summary>
    public static (List<JsonElement> Messages, JsonElement End) ReadConnectStream(byte[] body)
    {
        var messages = new List<JsonElement>();
        for (var at = 0; at < body.Length;)
        {
            var length = (body[at + 1] << 24) | (body[at + 2] << 16) | (body[at + 3] << 8) | body[at + 4];
            var payload = body.AsMemory(at + 5, length);
            var json = JsonDocument.Parse(payload).RootElement;
            if ((body[at] & MessageFrame.EndOfStream) != 0)
            {
                Assert.Equal(body.Length, at + 5 + length);
                return (messages, json);
            }

            messages.Add(json);
            at += 5 + length;
        }

        throw new Xunit.Sdk.XunitException("a Connect stream ends with an end-of-stream frame");
    }
}
