using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RiskGrid.Grid;

/// <summary>Traces and metrics of the grid. Nothing is recorded, and next to nothing spent, unless somebody listens.</summary>
/// <remarks>Calls and work items are traced where they belong to a trace already: a timer's turn or a sign of life begins none.</remarks>
public static class GridTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RiskGrid.Grid";

    // The silos of this process, for the gauges.
    private static readonly List<Silo> Silos = [];

    static GridTelemetry() => Meter.CreateObservableUpDownCounter(
        "riskgrid.grid.activations", Activations, "{activation}", "Living activations by kind of grain.");

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    /// <summary>From the arrival of a call at its silo to the start of its turn.</summary>
    internal static Histogram<double> Waits { get; } = Meter.CreateHistogram<double>(
        "riskgrid.grid.queue.duration", "s", "Time that calls waited in the mailbox of their grain.");

    /// <summary>Turns of calls, and work items.</summary>
    internal static Histogram<double> Turns { get; } = Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "Duration of the turns of calls, and of work items.");

    internal static Counter<long> Refusals { get; } = Meter.CreateCounter<long>(
        "riskgrid.grid.refused", "{call}", "Calls that were refused because too many waited.");

    internal static void Add(Silo silo)
    {
        lock (Silos)
            Silos.Add(silo);
    }

    internal static void Remove(Silo silo)
    {
        lock (Silos)
            Silos.Remove(silo);
    }

    private static List<Measurement<int>> Activations()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        lock (Silos)
        {
            foreach (var (kind, count) in Silos.SelectMany(s => ((IEngineHost)s).Load.Activations))
                counts[kind] = counts.GetValueOrDefault(kind) + count;
        }

        return [.. counts.Select(c => new Measurement<int>(c.Value, new KeyValuePair<string, object?>("riskgrid.grain.kind", c.Key)))];
    }
}
