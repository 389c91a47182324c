using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RiskGrid.Tests.Otlp;

namespace RiskGrid.Tests.Telemetry;

/// <summary>Takes traces and metrics over OTLP/HTTP, as a collector does.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _metrics = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>The names of all metrics that came.</summary>
    public IEnumerable<string> Metrics => _metrics.Keys;

    public static async Task<OtlpReceiver> StartAsync()
    {
        ListenOptions? listen = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, l => listen = l));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Address = $"http://{listen!.IPEndPoint}";
        return receiver;
    }

    /// <summary>The spans of a trace, so far.</summary>
    public IReadOnlyList<ReceivedSpan> Trace(string traceId) => [.. _spans.Where(s => s.TraceId == traceId)];

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        switch (http.Request.Path.Value)
        {
            case "/v1/traces":
                foreach (var resource in ExportTraces.Parser.ParseFrom(body.ToArray()).ResourceSpans)
                {
                    var attributes = resource.Resource.Attributes.ToDictionary(a => a.Key, a => a.Value.StringValue);
                    foreach (var span in resource.ScopeSpans.SelectMany(s => s.Spans))
                        _spans.Enqueue(new ReceivedSpan(Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name, span.Kind, attributes));
                }

                break;
            case "/v1/metrics":
                foreach (var metric in ExportMetrics.Parser.ParseFrom(body.ToArray()).ResourceMetrics.SelectMany(r => r.ScopeMetrics).SelectMany(s => s.Metrics))
                    _metrics[metric.Name] = true;
                break;
            default:
                http.Response.StatusCode = 404;
                break;
        }

        http.Response.ContentType = "application/x-protobuf";
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}

/// <summary>A span as it came.</summary>
public sealed record ReceivedSpan(string TraceId, string Id, string Parent, string Name, int Kind, IReadOnlyDictionary<string, string> Resource)
{
    /// <summary>Names from a span up to the root that the test made.</summary>
    public static IReadOnlyList<string> PathUp(IReadOnlyList<ReceivedSpan> trace, ReceivedSpan from)
    {
        var path = new List<string>();
        for (var at = from; at is not null; at = trace.FirstOrDefault(s => s.Id == at.Parent))
            path.Add(at.Name);
        return path;
    }
}
