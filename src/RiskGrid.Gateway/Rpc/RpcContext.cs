using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>What a handler knows of its call besides the message. Belongs to one call; not thread-safe.</summary>
public sealed class RpcContext
{
    private readonly HttpContext _http;
    private RpcMetadata? _requestHeaders;

    internal RpcContext(HttpContext http, string method, DateTimeOffset? deadline)
    {
        _http = http;
        Method = method;
        Deadline = deadline;
    }

    /// <summary>Path of the method: <c>/riskgrid.v1.TradeService/BookTrades</c>.</summary>
    public string Method { get; }

    /// <summary>Names the call in logs, and in the message of an INTERNAL failure.</summary>
    public string CallId => _http.TraceIdentifier;

    /// <summary>Address of the caller, for logs.</summary>
    public string Peer => $"{_http.Connection.RemoteIpAddress}:{_http.Connection.RemotePort}";

    /// <summary>When the caller gives up, by the server's clock; null when it said nothing. The handler's token is cancelled then.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Metadata of the caller.</summary>
    public RpcMetadata RequestHeaders => _requestHeaders ??= ReadHeaders();

    /// <summary>Metadata to send before the first message; what is added after it is lost.</summary>
    public RpcMetadata ResponseHeaders { get; } = new();

    /// <summary>Metadata to send after the last message.</summary>
    public RpcMetadata ResponseTrailers { get; } = new();

    private RpcMetadata ReadHeaders()
    {
        var metadata = new RpcMetadata();
        foreach (var (name, values) in _http.Request.Headers)
            foreach (var value in values)
                metadata.AddReceived(name, value ?? "");
        return metadata;
    }
}
