using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RiskGrid.Client.Rpc;
using RiskGrid.Compute;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grid;
using RiskGrid.Ledger;

namespace RiskGrid.Hosting;

/// <summary>Traces and metrics of this process over OTLP, while an endpoint is configured; without one nothing is loaded and nobody listens.</summary>
/// <remarks>An endpoint of ours wins over the standard variables <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and <c>…_PROTOCOL</c>; headers, sampling
/// and intervals are those of the standard variables in any case. An endpoint that is dead disturbs nothing: what it does not take is dropped.</remarks>
public sealed class Telemetry : IDisposable
{
    /// <summary>Names the endpoint: <c>http://host:4318</c> (OTLP over HTTP), or port 4317 (over gRPC).</summary>
    public const string EndpointVariable = "RISKGRID_OTLP_ENDPOINT";

    // Of a command that ends: as long as its last spans may take, and not longer when nobody takes them.
    private const int FlushMilliseconds = 1000;

    private static readonly string[] Sources = [ClientTelemetry.Name, GatewayTelemetry.Name, GridTelemetry.Name, LedgerTelemetry.Name, GrainsTelemetry.Name, CommandSource.Name];
    private static readonly string[] Meters = [ClientTelemetry.Name, GatewayTelemetry.Name, GridTelemetry.Name, LedgerTelemetry.Name, GrainsTelemetry.Name, ComputeTelemetry.Name, "System.Runtime"];
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private Telemetry(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Begins to record, if there is somewhere to send it.</summary>
    /// <param name="endpoint">Where; null or empty: what the environment says, if anything.</param>
    /// <param name="role">What this process is: <c>serve</c>, <c>silo</c>, <c>gateway</c>, <c>cli</c>; its service is called <c>riskgrid-ROLE</c>.</param>
    /// <param name="instance">What people call the process; null: the machine's name and the process's id.</param>
    /// <returns>To be disposed when the process ends, so that the rest is sent; null when nothing is recorded.</returns>
    /// <exception cref="ArgumentException">The endpoint is no http address.</exception>
    public static Telemetry? Start(string? endpoint, string role, string? instance)
    {
        if (string.IsNullOrEmpty(endpoint))
            endpoint = Environment.GetEnvironmentVariable(EndpointVariable);
        if (string.IsNullOrEmpty(endpoint) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
            return null;
        Uri? address = null;
        if (!string.IsNullOrEmpty(endpoint) && (!Uri.TryCreate(endpoint, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https")))
            throw new ArgumentException($"the OTLP endpoint '{endpoint}' is no address such as http://127.0.0.1:4318");
        return Start(address, role, instance ?? $"{Environment.MachineName}-{Environment.ProcessId}");
    }

    /// <summary>Sends what has been recorded so far, or gives up after a second.</summary>
    public void Flush() => Task.WaitAll(
        Task.Run(() => _traces.ForceFlush(FlushMilliseconds)),
        Task.Run(() => _metrics.ForceFlush(FlushMilliseconds)));

    /// <summary>Sends what is left and stops; takes a second or two at most, whatever the endpoint does.</summary>
    public void Dispose()
    {
        Task.WaitAll(
            Task.Run(() => _traces.Shutdown(2 * FlushMilliseconds)),
            Task.Run(() => _metrics.Shutdown(2 * FlushMilliseconds)));
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static Telemetry Start(Uri? address, string role, string instance)
    {
        var version = typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        void Describe(ResourceBuilder resource) => resource.AddService($"riskgrid-{role}", serviceVersion: version, serviceInstanceId: instance);
        var traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Sources)
            .AddOtlpExporter(options => Configure(options, address, "v1/traces")).Build();
        var metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Meters)
            .AddOtlpExporter(options => Configure(options, address, "v1/metrics")).Build();
        return new Telemetry(traces, metrics);
    }

    private static void Configure(OtlpExporterOptions options, Uri? address, string path)
    {
        if (address is null)
            return;
        options.Protocol = address.Port == 4317 ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? address : new Uri($"{address.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}

/// <summary>The span of a command line's command: what it asks of servers belongs to one trace.</summary>
internal static class CommandSource
{
    public const string Name = "RiskGrid.Cli";

    public static ActivitySource Source { get; } = new(Name);
}
