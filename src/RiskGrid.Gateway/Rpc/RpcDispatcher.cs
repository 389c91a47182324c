using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>Takes HTTP requests to methods, in whichever of the protocols they speak.</summary>
internal sealed class RpcDispatcher
{
    private readonly FrozenDictionary<string, RpcMethod> _methods;
    private readonly GatewayOptions _options;
    private readonly GatewayHealth _health;
    private readonly CallLimits _limits;
    private readonly ErrorMapper _errors;
    private readonly ILogger _log;
    private readonly CancellationToken _drain;
    private int _inFlight;

    public RpcDispatcher(IEnumerable<RpcService> services, GatewayOptions options, GatewayHealth health, CancellationToken drain)
    {
        _methods = services.SelectMany(service => service.Methods).ToFrozenDictionary(method => method.Path, StringComparer.Ordinal);
        _options = options;
        _health = health;
        _limits = new CallLimits(options);
        _log = options.Logs.CreateLogger("RiskGrid.Gateway.Rpc");
        _errors = new ErrorMapper(options, _log, drain);
        _drain = drain;
    }

    public int InFlight => Volatile.Read(ref _inFlight);

    public Task HandleAsync(HttpContext http)
    {
        // A web page whose name was rebound to this address would otherwise be same-origin with the server.
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && !IsLoopbackName(http.Request.Host.Host))
            return AnswerAsync(http, 421, $"'{http.Request.Host.Host}' is not this server: use localhost or a loopback address");
        if (!_methods.TryGetValue(http.Request.Path.Value ?? "", out var method))
            return HandleOtherAsync(http);
        return Classify(http, method) is { } call ? RunAsync(http, method, call) : Task.CompletedTask;
    }

    private async Task RunAsync(HttpContext http, RpcMethod method, RpcCall call)
    {
        using var owned = call;
        var connection = http.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(typeof(ConnectionCalls), out var state) == true
            ? (ConnectionCalls)state!
            : new ConnectionCalls();
        var limited = !method.IsExemptFromLimits;
        if (limited && !_limits.TryEnter(connection, method.IsStreaming))
        {
            _log.Refused(method.Path, call.Context.Peer);
            await EndAsync(call, RpcException.RetryLater(
                RpcStatus.ResourceExhausted, "too many calls in flight: wait and try again", _options.RetryAfterRefusal)).ConfigureAwait(false);
            return;
        }

        Interlocked.Increment(ref _inFlight);
        var record = GatewayTelemetry.Begin(http, method, call, _options.Time);
        RpcException? error = null;
        try
        {
            // An idle stream is no slow upload: the rate limit would end it after seconds, and its whole HTTP/2 connection with it.
            if (method.IsStreaming && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
                rate.MinDataRate = null;
            error = await InvokeAsync(method, call).ConfigureAwait(false);
            await EndAsync(call, error).ConfigureAwait(false);
        }
        finally
        {
            record?.End(error);
            Interlocked.Decrement(ref _inFlight);
            if (limited)
                _limits.Leave(connection, method.IsStreaming);
        }
    }

    private async Task<RpcException?> InvokeAsync(RpcMethod method, RpcCall call)
    {
        try
        {
            if (_drain.IsCancellationRequested)
                return ErrorMapper.Draining();
            await method.InvokeAsync(call).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Whatever a handler throws becomes the outcome of its call.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (e is StalledReaderException)
                _log.StalledReader(method.Path, call.Context.Peer, _options.StalledReaderTimeout);
            return _errors.Map(e, call);
        }
    }

    private async Task EndAsync(RpcCall call, RpcException? error)
    {
        if (error is not null)
            _log.CallEnded(call.Context.Method, error.Status, error.Message);
        if (call.Http.RequestAborted.IsCancellationRequested)
            return;
        try
        {
            await call.CompleteAsync(error).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or StalledReaderException or IOException)
        {
            // The caller left before the outcome was sent; there is nobody to tell.
            call.Http.Abort();
        }
    }

    private RpcCall? Classify(HttpContext http, RpcMethod method)
    {
        var request = http.Request;
        if (HttpMethods.IsGet(request.Method) && method is { HasNoSideEffects: true, IsStreaming: false })
        {
            var encoding = request.Query["encoding"].ToString();
            if (MessageCodec.ByName(encoding) is { } codecOfQuery)
                return ConnectTimeout(http, out var wait) ? new ConnectUnaryCall(http, method, _options, codecOfQuery, wait, _drain) : null;
            Answer(http, 415, $"the query parameter 'encoding' is '{encoding}': use json or proto");
            return null;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            http.Response.Headers.Allow = "POST";
            Answer(http, 405, $"{method.Path} is called by POST");
            return null;
        }

        var contentType = MediaType(request.ContentType);
        if (contentType.StartsWith(GrpcCall.ContentType, StringComparison.OrdinalIgnoreCase))
            return ClassifyGrpc(http, method, contentType[GrpcCall.ContentType.Length..]);
        var prefix = method.IsStreaming ? ConnectStreamCall.ContentTypePrefix : "application/";
        var codec = contentType.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? MessageCodec.ByName(contentType.AsSpan(prefix.Length)) : null;
        if (codec is null)
        {
            var accepted = $"{prefix}json, {prefix}proto";
            http.Response.Headers["Accept-Post"] = accepted;
            Answer(http, 415, $"{method.Path} is {(method.IsStreaming ? "a stream" : "unary")}: use one of {accepted}, or gRPC over HTTP/2");
            return null;
        }

        if (method.Descriptor is { IsClientStreaming: true, IsServerStreaming: true } && !HttpProtocol.IsHttp2(request.Protocol))
        {
            Answer(http, 505, $"{method.Path} streams both ways, which needs HTTP/2: use the gRPC port");
            return null;
        }

        if (!ConnectTimeout(http, out var timeout))
            return null;
        return method.IsStreaming
            ? new ConnectStreamCall(http, method, _options, codec, timeout, _drain)
            : new ConnectUnaryCall(http, method, _options, codec, timeout, _drain);
    }

    private GrpcCall? ClassifyGrpc(HttpContext http, RpcMethod method, string suffix)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            Answer(http, 426, "gRPC needs HTTP/2: use the gRPC port, or speak Connect here");
            return null;
        }

        var codec = suffix is "" ? MessageCodec.Proto : suffix[0] == '+' ? MessageCodec.ByName(suffix.AsSpan(1)) : null;
        if (codec is null)
        {
            Answer(http, 415, $"content type 'application/grpc{suffix}' is not supported: use application/grpc");
            return null;
        }

        TimeSpan? timeout = null;
        if (http.Request.Headers["grpc-timeout"].ToString() is { Length: > 0 } text)
        {
            if (!GrpcTimeout.TryParse(text, out var parsed))
            {
                Answer(http, 400, $"grpc-timeout '{text}' is malformed");
                return null;
            }

            timeout = parsed;
        }

        return new GrpcCall(http, method, _options, codec, timeout, _drain);
    }

    private Task HandleOtherAsync(HttpContext http)
    {
        if (http.Request.Path == "/healthz")
            return AnswerAsync(http, 200, "ok");
        if (http.Request.Path == "/readyz")
            return _health.IsServing ? AnswerAsync(http, 200, "ready") : AnswerAsync(http, 503, "not ready");
        var message = $"there is no method {http.Request.Path}";
        if (!MediaType(http.Request.ContentType).StartsWith(GrpcCall.ContentType, StringComparison.OrdinalIgnoreCase))
            return AnswerAsync(http, 404, message);
        http.Response.ContentType = GrpcCall.ContentType;
        http.Response.Headers["grpc-status"] = ((int)RpcStatus.Unimplemented).ToString();
        http.Response.Headers["grpc-message"] = PercentEncoding.Encode(message);
        return Task.CompletedTask;
    }

    private static bool ConnectTimeout(HttpContext http, out TimeSpan? timeout)
    {
        timeout = null;
        var text = http.Request.Headers["connect-timeout-ms"].ToString();
        if (text.Length == 0)
            return true;
        if (text.Length > 10 || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            Answer(http, 400, $"connect-timeout-ms '{text}' is malformed: give at most ten digits");
            return false;
        }

        var parsed = TimeSpan.FromMilliseconds(milliseconds);
        timeout = parsed < GrpcTimeout.Longest ? parsed : GrpcTimeout.Longest;
        return true;
    }

    private static string MediaType(string? contentType) => (contentType ?? "").Split(';')[0].Trim();

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static void Answer(HttpContext http, int status, string text)
    {
        // The text goes out when the request ends; it always fits the response buffer.
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(text + "\n"));
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        Answer(http, status, text);
        return Task.CompletedTask;
    }
}
