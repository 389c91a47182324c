using System.Diagnostics;

namespace RiskGrid.Grid;

/// <summary>Spans whose life is not that of a method: they begin on one thread and end on another.</summary>
public static class Spans
{
    /// <summary>Starts a span without making it the current one of the caller.</summary>
    /// <param name="source">Whose span it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">A W3C traceparent; null: what is current.</param>
    /// <returns>Null when nobody listens, or the trace is not recorded.</returns>
    public static Activity? Start(ActivitySource source, string name, ActivityKind kind, string? parent)
    {
        ArgumentNullException.ThrowIfNull(source);
        Activity? started = null;
        Detached(() => started = parent is null ? source.StartActivity(name, kind) : source.StartActivity(name, kind, parent));
        return started;
    }

    /// <summary>Ends a span without touching what is current of the caller.</summary>
    /// <param name="span">The span.</param>
    /// <param name="errorType">What kind of failure it ended with; null: none.</param>
    /// <param name="message">The failure's message.</param>
    public static void Stop(Activity span, string? errorType = null, string? message = null)
    {
        ArgumentNullException.ThrowIfNull(span);
        if (errorType is not null)
        {
            span.SetTag("error.type", errorType);
            span.SetStatus(ActivityStatusCode.Error, message);
        }

        Detached(span.Stop);
    }

    /// <summary>Makes a span the current one until the scope is disposed; one that is null or has ended changes nothing.</summary>
    public static SpanScope Enter(Activity? span) => new(span);

    // The current span is part of the execution context, and starting and stopping change it.
    private static void Detached(Action act)
    {
        if (ExecutionContext.Capture() is { } context)
            ExecutionContext.Run(context, static act => ((Action)act!)(), act);
        else
            act();
    }
}

/// <summary>While it lasts, a span is the current one. For one method: it is not to be disposed elsewhere.</summary>
public readonly ref struct SpanScope
{
    private readonly Activity? _before;
    private readonly bool _entered;

    internal SpanScope(Activity? span)
    {
        if (span is not { IsStopped: false })
            return;
        _before = Activity.Current;
        Activity.Current = span;
        _entered = true;
    }

    /// <summary>What was current before is again.</summary>
    public void Dispose()
    {
        if (_entered)
            Activity.Current = _before;
    }
}
