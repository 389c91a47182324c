using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RiskGrid.Grains.Tests;

/// <summary>Keeps what the grains tell an operator.</summary>
internal sealed class TestLog : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Event, string Text)> _entries = new();

    public IEnumerable<string> Errors => _entries.Where(e => e.Level >= LogLevel.Error).Select(e => e.Text);

    public IEnumerable<string> Of(string eventName) =>
        _entries.Where(e => string.Equals(e.Event, eventName, StringComparison.Ordinal)).Select(e => e.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Name ?? "", exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception}"));
}
