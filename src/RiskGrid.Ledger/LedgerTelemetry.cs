using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RiskGrid.Ledger;

/// <summary>Traces and metrics of the ledger and its cache; nothing is recorded unless somebody listens.</summary>
public static class LedgerTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RiskGrid.Ledger";

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Histogram<double> Duration { get; } = Meter.CreateHistogram<double>("db.client.operation.duration", "s", "Duration of the ledger's operations.");

    internal static Counter<long> Rows { get; } = Meter.CreateCounter<long>("riskgrid.ledger.rows", "{row}", "Commands that were stored, applied or refused; repetitions are not.");
}
