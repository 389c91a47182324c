using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RiskGrid.Grains;

/// <summary>Traces and metrics of pricing and runs. Nothing is recorded unless somebody listens.</summary>
public static class GrainsTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RiskGrid.Grains";

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    /// <summary>One a pass; its count is the number of passes.</summary>
    internal static Histogram<double> Passes { get; } = Meter.CreateHistogram<double>(
        "riskgrid.book.pass.duration", "s", "Duration of a book's passes, waiting for a compute thread included: measures, or vector.");

    internal static Counter<long> Quotes { get; } = Meter.CreateCounter<long>("riskgrid.market.quotes", "{quote}", "Quotes that came in: accepted, or refused.");

    internal static Histogram<double> RunItems { get; } = Meter.CreateHistogram<double>(
        "riskgrid.run.item.duration", "s", "Duration of the pricing of a run's item on this silo.");

    internal static Counter<long> Runs { get; } = Meter.CreateCounter<long>("riskgrid.runs", "{run}", "Runs that this silo's grains ended, by state.");
}
