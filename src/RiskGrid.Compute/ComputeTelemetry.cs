using System.Diagnostics.Metrics;

namespace RiskGrid.Compute;

/// <summary>Metrics of the compute pool. Nothing is recorded unless somebody listens.</summary>
public static class ComputeTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "RiskGrid.Compute";

    private static readonly Meter Meter = new(Name);

    /// <summary>From the submission of a job to its first slice.</summary>
    internal static Histogram<double> Waits { get; } = Meter.CreateHistogram<double>(
        "riskgrid.compute.queue.duration", "s", "Time that jobs waited for a compute thread, by priority.");

    internal static KeyValuePair<string, object?>[] Priorities { get; } =
        [.. Enum.GetNames<ComputePriority>().Select(n => new KeyValuePair<string, object?>("riskgrid.compute.priority", n.ToLowerInvariant()))];
}
