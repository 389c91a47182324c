using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Gateway.Rpc;

/// <summary>Traces and metrics of the front door, named after OpenTelemetry's conventions for RPC. Nothing is recorded unless somebody
/// listens.</summary>
public static class GatewayTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RiskGrid.Gateway";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Calls = Meter.CreateHistogram<double>("rpc.server.call.duration", "s", "Duration of calls; of streams as well.");
    private static readonly UpDownCounter<long> Streams = Meter.CreateUpDownCounter<long>("riskgrid.gateway.streams", "{stream}", "Open streams by method: subscribers, and quotes that come in.");

    /// <summary>Begins what is recorded of one call; null when nobody listens.</summary>
    internal static Record? Begin(HttpContext http, RpcMethod method, RpcCall call, TimeProvider time)
    {
        if (method.IsExemptFromLimits || !(Source.HasListeners() || Calls.Enabled || Streams.Enabled))
            return null;

        // The server below has a span of its own that nobody records: ours is a child of the caller's, or begins the trace.
        Activity.Current = null;
        var isContinued = ActivityContext.TryParse(http.Request.Headers.TraceParent, http.Request.Headers.TraceState, isRemote: true, out var parent);
        var span = Source.StartActivity(method.Path[1..], ActivityKind.Server, isContinued ? parent : default);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("rpc.system.name", SystemOf(call)).SetTag("rpc.method", method.Path[1..])
                .SetTag("client.address", http.Connection.RemoteIpAddress?.ToString()).SetTag("network.protocol.version", http.Request.Protocol["HTTP/".Length..]);
        }

        var record = new Record(span, SystemOf(call), method, time);
        record.CountStream(1);
        return record;
    }

    private static string SystemOf(RpcCall call) => call is GrpcCall ? "grpc" : "connectrpc";

    /// <summary>One call.</summary>
    internal sealed class Record(Activity? span, string system, RpcMethod method, TimeProvider time)
    {
        private readonly long _begun = time.GetTimestamp();

        public void CountStream(int change)
        {
            if (method.IsStreaming)
                Streams.Add(change, new KeyValuePair<string, object?>("rpc.method", method.Path[1..]));
        }

        public void End(RpcException? error)
        {
            CountStream(-1);
            var status = StatusText(error?.Status ?? RpcStatus.Ok);
            Calls.Record(
                time.GetElapsedTime(_begun).TotalSeconds,
                new TagList { new("rpc.system.name", system), new("rpc.method", method.Path[1..]), new("rpc.response.status_code", status) });
            if (span is null)
                return;
            span.SetTag("rpc.response.status_code", status);

            // What the caller did wrong is no error of the server.
            if (error?.Status is RpcStatus.Unknown or RpcStatus.DeadlineExceeded or RpcStatus.Unimplemented or RpcStatus.Internal or RpcStatus.Unavailable or RpcStatus.DataLoss)
                span.SetTag("error.type", status).SetStatus(ActivityStatusCode.Error, error.Message);
            span.Dispose();
        }
    }

    // As the conventions write it: INVALID_ARGUMENT.
    private static string StatusText(RpcStatus status) =>
        string.Concat(status.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));
}
