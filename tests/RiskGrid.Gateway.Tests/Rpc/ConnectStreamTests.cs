using System.Net;
using System.Text;
using System.Text.Json;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class ConnectStreamTests
{
    private const string Json = "application/connect+json";

    [Fact]
    public async Task A_server_stream_flows_over_HTTP1_and_ends_with_its_outcome()
    {
        await using var host = await EchoHost.StartAsync();
        var (messages, end) = await CallAsync(host, "Repeat", RawHttp.Frames("""{"text":"x","count":3}"""));
        Assert.Equal(["x", "x", "x"], messages.Select(each => each.GetProperty("text").GetString()));
        Assert.Equal("2", messages[2].GetProperty("number").GetString());
        Assert.Equal("{}", end.GetRawText());
    }

    [Fact]
    public async Task A_server_stream_that_fails_has_HTTP_status_200_and_the_error_in_its_last_frame()
    {
        await using var host = await EchoHost.StartAsync();
        var (messages, end) = await CallAsync(host, "Repeat", RawHttp.Frames("""{"count":1,"failure":"validation"}"""));
        Assert.Single(messages);
        var error = end.GetProperty("error");
        Assert.Equal("invalid_argument", error.GetProperty("code").GetString());
        Assert.Equal("google.rpc.BadRequest", error.GetProperty("details")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_client_stream_is_collected_over_HTTP1()
    {
        await using var host = await EchoHost.StartAsync();
        var (messages, _) = await CallAsync(host, "Collect", RawHttp.Frames("""{"text":"a"}""", """{"text":"b"}"""));
        Assert.Equal("a+b", messages.Single().GetProperty("text").GetString());
    }

    [Fact]
    public async Task Compressed_frames_are_understood()
    {
        await using var host = await EchoHost.StartAsync();
        var frame = RawHttp.Frame(RawHttp.Gzip("""{"text":"packed"}"""u8.ToArray()), MessageFrame.Compressed);
        var (messages, _) = await CallAsync(host, "Collect", frame, ("connect-content-encoding", "gzip"));
        Assert.Equal("packed", messages.Single().GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_frame_that_a_request_stream_must_not_have_is_refused()
    {
        await using var host = await EchoHost.StartAsync();
        var (_, end) = await CallAsync(host, "Collect", RawHttp.Frame("{}"u8.ToArray(), MessageFrame.EndOfStream));
        Assert.Equal("invalid_argument", end.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_message_arrives_while_the_stream_stays_open()
    {
        await using var host = await EchoHost.StartAsync();
        var request = RawHttp.Post(
            new Uri(host.Server.HttpAddress, "riskgrid.test.Echo/Repeat"), RawHttp.Frames("""{"text":"now","count":1,"failure":"hold"}"""), Json, HttpVersion.Version11);
        var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using (var body = await response.Content.ReadAsStreamAsync())
        {
            var prefix = new byte[5];
            await body.ReadExactlyAsync(prefix).AsTask().WaitAsync(EchoHost.Patience);
            var payload = new byte[prefix[4]];
            await body.ReadExactlyAsync(payload).AsTask().WaitAsync(EchoHost.Patience);
            Assert.Contains("now", Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
        }

        response.Dispose();
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task Both_ways_at_once_works_over_HTTP2()
    {
        await using var host = await EchoHost.StartAsync();
        var request = RawHttp.Post(
            new Uri(host.Server.GrpcAddress, "riskgrid.test.Echo/Chat"), RawHttp.Frames("""{"text":"a"}""", """{"text":"b"}"""), Json, HttpVersion.Version20);
        using var response = await host.Http.SendAsync(request);
        var (messages, _) = RawHttp.ReadConnectStream(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(["a", "b"], messages.Select(each => each.GetProperty("text").GetString()));
    }

    private static async Task<(List<JsonElement> Messages, JsonElement End)> CallAsync(
        EchoHost host, string method, byte[] body, params (string Name, string Value)[] headers)
    {
        var uri = new Uri(host.Server.HttpAddress, "riskgrid.test.Echo/" + method);
        using var response = await host.Http.SendAsync(RawHttp.Post(uri, body, Json, HttpVersion.Version11, headers));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Json, response.Content.Headers.ContentType!.MediaType);
        return RawHttp.ReadConnectStream(await response.Content.ReadAsByteArrayAsync());
    }
}
