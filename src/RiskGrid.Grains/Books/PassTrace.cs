using System.Diagnostics;
using RiskGrid.Grid;

namespace RiskGrid.Grains.Books;

/// <summary>What is recorded of one pass of a book: one span where the pass belongs to a trace, never one a slice, and its duration. Null while
/// nobody listens.</summary>
internal sealed class PassTrace
{
    private readonly string _what;
    private readonly TimeProvider _time;
    private readonly long _begun;

    private PassTrace(string what, string book, TimeProvider time)
    {
        (_what, _time, _begun) = (what, time, time.GetTimestamp());
        if (Activity.Current is null)
            return;
        Span = Spans.Start(GrainsTelemetry.Source, $"price {what}", ActivityKind.Internal, null);
        Span?.SetTag("riskgrid.node", book);
    }

    /// <summary>The span, until <see cref="End"/>.</summary>
    public Activity? Span { get; }

    /// <param name="what"><c>measures</c> or <c>vector</c>.</param>
    /// <param name="book">The book.</param>
    /// <param name="time">The clock.</param>
    public static PassTrace? Begin(string what, string book, TimeProvider time) =>
        GrainsTelemetry.Passes.Enabled || GrainsTelemetry.Source.HasListeners() ? new PassTrace(what, book, time) : null;

    /// <summary>The numbers are there.</summary>
    public void Computed(int trades)
    {
        Span?.SetTag("riskgrid.trades", trades);
        GrainsTelemetry.Passes.Record(_time.GetElapsedTime(_begun).TotalSeconds, new KeyValuePair<string, object?>("riskgrid.pass", _what));
    }

    /// <summary>What follows from the pass has been started.</summary>
    public void End(Exception? failure = null)
    {
        if (Span is not null)
            Spans.Stop(Span, failure?.GetType().Name, failure?.Message);
    }
}
