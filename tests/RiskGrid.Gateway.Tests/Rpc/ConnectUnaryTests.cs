using System.Buffers;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Rpc;
using RiskGrid.Gateway.Tests.Protos;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class ConnectUnaryTests
{
    private const string Say = "riskgrid.test.Echo/Say";
    private const string Fail = "riskgrid.test.Echo/Fail";

    [Fact]
    public async Task Curl_with_JSON_is_answered_in_JSON()
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.PostAsJsonAsync(Say, new { text = "hello" });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""{"text":"hello","value":0.1}""", (await response.Content.ReadAsStringAsync()).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Protobuf_is_answered_in_protobuf()
    {
        await using var host = await EchoHost.StartAsync();
        var request = RawHttp.Post(Uri(host, Say), new EchoRequest { Text = "hello" }.ToByteArray(), "application/proto", HttpVersion.Version11);
        using var response = await host.Http.SendAsync(request);
        Assert.Equal("application/proto", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("hello", EchoResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync()).Text);
    }

    [Theory]
    [InlineData("?encoding=json&message=%7B%22text%22%3A%22hello%22%7D&connect=v1")]
    [InlineData("?encoding=json&base64=1&message=eyJ0ZXh0IjoiaGVsbG8ifQ")]
    [InlineData("?encoding=json&base64=1&message=eyJ0ZXh0IjoiaGVsbG8ifQ%3D%3D")]
    public async Task A_method_without_side_effects_can_be_called_by_GET(string query)
    {
        await using var host = await EchoHost.StartAsync();
        Assert.Contains("hello", await host.Http.GetStringAsync(Say + query), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_with_side_effects_cannot_be_called_by_GET()
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.GetAsync(Fail + "?encoding=json&message={}");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Gzip_is_understood_and_given()
    {
        await using var host = await EchoHost.StartAsync(options => options with { CompressResponsesFrom = 10 });
        var body = RawHttp.Gzip("""{"text":"hello hello hello hello"}"""u8.ToArray());
        using var response = await host.Http.SendAsync(
            RawHttp.Post(Uri(host, Say), body, "application/json", HttpVersion.Version11, ("content-encoding", "gzip"), ("accept-encoding", "br, gzip")));
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        var inflated = Gzip.Decompress(new ReadOnlySequence<byte>(await response.Content.ReadAsByteArrayAsync()), 1000);
        Assert.Contains("hello hello", Encoding.UTF8.GetString(inflated), StringComparison.Ordinal);

        using var refused = await host.Http.SendAsync(RawHttp.PostJson(Uri(host, Say), "{}", ("accept-encoding", "gzip;q=0")));
        Assert.Empty(refused.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("not_found", 404, "not_found")]
    [InlineData("validation", 400, "invalid_argument")]
    [InlineData("retry_later", 503, "unavailable")]
    [InlineData("mapped", 400, "failed_precondition")]
    [InlineData("cancel", 499, "canceled")]
    [InlineData("crash", 500, "internal")]
    public async Task A_failure_has_the_HTTP_status_and_the_code_of_the_protocol(string kind, int status, string code)
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.PostAsJsonAsync(Fail, new { failure = kind });
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.DoesNotContain("secret", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_of_a_failure_are_there_for_programs_and_for_people()
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.PostAsJsonAsync(Fail, new { failure = "validation" });
        var detail = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("details")[0];
        Assert.Equal("google.rpc.BadRequest", detail.GetProperty("type").GetString());
        var value = detail.GetProperty("value").GetString()!;
        Assert.DoesNotContain('=', value);
        Assert.True(BinaryHeader.TryDecode(value, out var bytes));
        Assert.Equal("strike", BadRequest.Parser.ParseFrom(bytes).FieldViolations.Single().Field);
        Assert.Equal("strike", detail.GetProperty("debug").GetProperty("fieldViolations")[0].GetProperty("field").GetString());

        using var retry = await host.Http.PostAsJsonAsync(Fail, new { failure = "retry_later" });
        Assert.Equal(TimeSpan.FromSeconds(1), retry.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [InlineData("{\"txt\":\"misspelt\"}")]
    [InlineData("{\"text\":")]
    [InlineData("[]")]
    [InlineData("{\"count\":99999999999}")]
    [InlineData("{\"count\":\"many\"}")]
    [InlineData("{\"payload\":\"!\"}")]
    [InlineData("{\"text\":\"x\"} and more")]
    public async Task JSON_that_is_not_the_request_is_refused(string json)
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.SendAsync(RawHttp.PostJson(Uri(host, Say), json));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("riskgrid.test.EchoRequest", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_in_broken_UTF8_is_refused()
    {
        await using var host = await EchoHost.StartAsync();
        byte[] body = [.. "{\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        using var response = await host.Http.SendAsync(RawHttp.Post(Uri(host, Say), body, "application/json", HttpVersion.Version11));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused_and_one_just_below_is_taken()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxReceiveMessageBytes = 3_000_000 });
        using var refused = await host.Http.PostAsJsonAsync(Say, new { text = new string('x', 3_000_000) });
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        using var taken = await host.Http.PostAsJsonAsync(Say, new { text = new string('x', 2_999_000) });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task A_refused_request_does_not_cost_its_connection()
    {
        await using var host = await EchoHost.StartAsync(options => options with { MaxReceiveMessageBytes = 100_000 });
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            ConnectCallback = async (context, token) =>
            {
                connections++;
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        for (var n = 0; n < 3; n++)
        {
            await ExpectAsync(400, RawHttp.PostJson(Uri(host, Say), """{"misspelt":1}"""));
            await ExpectAsync(429, RawHttp.PostJson(Uri(host, Say), $$"""{"text":"{{new string('x', 200_000)}}"}"""));
            await ExpectAsync(200, RawHttp.Post(
                Uri(host, "riskgrid.test.Echo/Collect"), RawHttp.Frames("""{"misspelt":1}""", "{}"), "application/connect+json", HttpVersion.Version11));
            await ExpectAsync(415, RawHttp.Post(Uri(host, Say), new byte[1000], "text/plain", HttpVersion.Version11));
            await ExpectAsync(404, RawHttp.PostJson(Uri(host, "riskgrid.test.Echo/None"), "{}"));
            await ExpectAsync(200, RawHttp.PostJson(Uri(host, Say), "{}"));
        }

        Assert.Equal(1, connections);

        async Task ExpectAsync(int status, HttpRequestMessage request)
        {
            using var response = await http.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task A_timeout_in_the_header_ends_the_call()
    {
        await using var host = await EchoHost.StartAsync();
        // Warm before the time runs: it must do to reach the handler.
        using var first = await host.Http.SendAsync(RawHttp.PostJson(Uri(host, Say), "{}"));
        using var response = await host.Http.SendAsync(
            RawHttp.PostJson(Uri(host, "riskgrid.test.Echo/Hold"), """{"text":"t"}""", ("connect-timeout-ms", "2000")));
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        await host.Service.Cancelled.Task.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task Metadata_travels_in_headers_and_trailers_get_their_prefix()
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.SendAsync(RawHttp.PostJson(Uri(host, Say), "{}", ("x-desk", "index"), ("x-key-bin", "AP8B")));
        Assert.Equal("index", response.Headers.GetValues("trailer-echo-x-desk").Single());
        Assert.Equal("AP8B", response.Headers.GetValues("echo-x-key-bin").Single());
    }

    [Theory]
    [InlineData(Say, "text/plain", 415)]
    [InlineData(Say, "application/connect+json", 415)]
    [InlineData(Say, "application/grpc", 426)]
    [InlineData("riskgrid.test.Echo/Repeat", "application/json", 415)]
    [InlineData("riskgrid.test.Echo/Chat", "application/connect+json", 505)]
    [InlineData("riskgrid.test.Echo/None", "application/json", 404)]
    public async Task What_cannot_be_served_is_refused_with_the_way_to_do_it(string path, string contentType, int status)
    {
        await using var host = await EchoHost.StartAsync();
        using var response = await host.Http.SendAsync(RawHttp.Post(Uri(host, path), [], contentType, HttpVersion.Version11));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_web_page_whose_name_was_rebound_to_this_address_is_turned_away()
    {
        await using var host = await EchoHost.StartAsync();
        using var evil = RawHttp.PostJson(Uri(host, Say), "{}");
        evil.Headers.Host = "evil.example:7002";
        using var response = await host.Http.SendAsync(evil);
        Assert.Equal(421, (int)response.StatusCode);
        using var local = RawHttp.PostJson(Uri(host, Say), "{}");
        local.Headers.Host = "localhost:7002";
        Assert.Equal(HttpStatusCode.OK, (await host.Http.SendAsync(local)).StatusCode);
    }

    [Fact]
    public async Task Connect_works_over_HTTP2_as_well()
    {
        await using var host = await EchoHost.StartAsync();
        var uri = new Uri(host.Server.GrpcAddress, Say);
        using var response = await host.Http.SendAsync(RawHttp.Post(uri, "{}"u8.ToArray(), "application/json", HttpVersion.Version20));
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Uri Uri(EchoHost host, string path) => new(host.Server.HttpAddress, path);
}
