using System.Diagnostics;

namespace RiskGrid.Grid;

/// <summary>What is recorded of one call or work item; allocated only while somebody listens.</summary>
/// <remarks>Two spans: the sender's (producer) lasts from the hand-over to the outcome, the receiver's (consumer) as long as the turn; the
/// second is a child of the first, in the same process by reference, in another by the message's trace parent.</remarks>
internal sealed class CallTrace
{
    private readonly TimeProvider _time;
    private readonly long _begun;
    private Activity? _sent;
    private Activity? _turn;
    private long _turnBegun;

    private CallTrace(TimeProvider time)
    {
        _time = time;
        _begun = time.GetTimestamp();
    }

    /// <summary>The sender's span as a W3C traceparent; null: the call belongs to no trace.</summary>
    public string? Parent { get; private set; }

    /// <summary>At the sender, before the call is handed over; null when nobody listens.</summary>
    /// <param name="destination">The kind of grain or of work.</param>
    /// <param name="operation">The method.</param>
    /// <param name="key">The grain's key; null for work.</param>
    /// <param name="time">The silo's clock.</param>
    public static CallTrace? Send(string destination, string operation, string? key, TimeProvider time)
    {
        var current = GridTelemetry.Source.HasListeners() ? Activity.Current : null;
        if (current is null && !IsMeasured)
            return null;
        var trace = new CallTrace(time);
        if (current is null)
            return trace;
        trace._sent = Spans.Start(GridTelemetry.Source, $"send {destination}.{operation}", ActivityKind.Producer, null);
        trace.Parent = trace._sent?.Id ?? current.Id;
        Tag(trace._sent, "send", destination, operation, key);
        return trace;
    }

    /// <summary>At the receiver of a message that came as bytes; null when nobody listens.</summary>
    public static CallTrace? Receive(string traceParent, TimeProvider time)
    {
        var traced = traceParent.Length > 0 && GridTelemetry.Source.HasListeners();
        return traced || IsMeasured ? new CallTrace(time) { Parent = traced ? traceParent : null } : null;
    }

    /// <summary>The outcome has come back, or nobody waits for it.</summary>
    public void EndSent(Exception? failure)
    {
        if (Interlocked.Exchange(ref _sent, null) is { } sent)
            End(sent, failure);
    }

    /// <summary>The turn begins.</summary>
    /// <returns>Its span, to be made the current one; null when there is none.</returns>
    public Activity? BeginTurn(string destination, string operation, string? key)
    {
        _turnBegun = _time.GetTimestamp();
        if (key is not null)
            GridTelemetry.Waits.Record(_time.GetElapsedTime(_begun, _turnBegun).TotalSeconds, Destination(destination));
        if (Parent is null)
            return null;
        _turn = Spans.Start(GridTelemetry.Source, $"process {destination}.{operation}", ActivityKind.Consumer, Parent);
        Tag(_turn, "process", destination, operation, key);
        return _turn;
    }

    /// <summary>The turn has ended.</summary>
    public void EndTurn(string destination, string operation, Exception? failure)
    {
        if (_turnBegun != 0 && GridTelemetry.Turns.Enabled)
        {
            var tags = new TagList { Destination(destination), new("messaging.operation.name", operation) };
            if (failure is not null)
                tags.Add("error.type", ErrorType(failure));
            GridTelemetry.Turns.Record(_time.GetElapsedTime(_turnBegun).TotalSeconds, tags);
        }

        if (Interlocked.Exchange(ref _turn, null) is { } turn)
            End(turn, failure);
    }

    private static bool IsMeasured => GridTelemetry.Waits.Enabled || GridTelemetry.Turns.Enabled;

    private static KeyValuePair<string, object?> Destination(string name) => new("messaging.destination.name", name);

    private static string ErrorType(Exception failure) => failure is GridException grid ? grid.Code.ToString() : failure.GetType().Name;

    private static void Tag(Activity? span, string type, string destination, string operation, string? key)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.SetTag("messaging.system", "riskgrid").SetTag("messaging.operation.type", type).SetTag("messaging.operation.name", operation)
            .SetTag("messaging.destination.name", destination);
        if (key is not null)
            span.SetTag("riskgrid.grain.key", key);
    }

    private static void End(Activity span, Exception? failure) => Spans.Stop(span, failure is null ? null : ErrorType(failure), failure?.Message);
}
