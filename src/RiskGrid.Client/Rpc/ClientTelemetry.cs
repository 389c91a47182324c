using System.Diagnostics;
using System.Diagnostics.Metrics;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Client.Rpc;

/// <summary>Traces and metrics of calls, named after OpenTelemetry's conventions for RPC. Nothing is recorded unless somebody listens; a
/// caller's own trace goes along to the server in any case.</summary>
public static class ClientTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RiskGrid.Client";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Histogram<double> Calls = new Meter(Name).CreateHistogram<double>(
        "rpc.client.call.duration", "s", "Duration of calls, all tries together; of streams as well.");

    internal static Span Begin(string path, Uri address, TimeProvider time)
    {
        var span = Source.HasListeners() ? Source.StartActivity(path[1..], ActivityKind.Client) : null;
        if (span is { IsAllDataRequested: true })
            span.SetTag("rpc.system.name", "grpc").SetTag("rpc.method", path[1..]).SetTag("server.address", address.Host).SetTag("server.port", address.Port);
        return new Span(span, path, time);
    }

    /// <summary>One call with all its tries.</summary>
    internal sealed class Span(Activity? span, string path, TimeProvider time) : IDisposable
    {
        private readonly long _begun = time.GetTimestamp();
        private string _status = "CANCELLED";

        /// <summary>What the server continues; null when the caller has no trace.</summary>
        public Activity? Context { get; } = span ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current : null);

        public void Succeeded() => _status = "OK";

        public void Failed(RpcException failure)
        {
            _status = string.Concat(failure.Status.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
        }

        public void Dispose()
        {
            if (Calls.Enabled)
            {
                Calls.Record(
                    time.GetElapsedTime(_begun).TotalSeconds,
                    new TagList { new("rpc.system.name", "grpc"), new("rpc.method", path[1..]), new("rpc.response.status_code", _status) });
            }

            if (span is null)
                return;
            span.SetTag("rpc.response.status_code", _status);
            if (_status != "OK")
                span.SetTag("error.type", _status);
            span.Dispose();
        }
    }
}
