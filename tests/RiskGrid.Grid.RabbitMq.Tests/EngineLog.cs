using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>What one engine tells its operator, with the time of day: for a failure's message.</summary>
internal sealed class EngineLog(string silo, ConcurrentQueue<string> lines) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue(string.Create(
            CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {silo} {formatter(state, exception)}"));
}
