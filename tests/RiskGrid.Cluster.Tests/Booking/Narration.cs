using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>The test's output, also written line by line to the file that <c>RISKGRID_SOAK_LOG</c> names: a test's own output is shown only when
/// it has ended. Thread-safe.</summary>
internal sealed class Narration(ITestOutputHelper output) : ITestOutputHelper, IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter? _file = Environment.GetEnvironmentVariable("RISKGRID_SOAK_LOG") is { Length: > 0 } path
        ? new StreamWriter(path, append: true) { AutoFlush = true }
        : null;

    public void WriteLine(string message)
    {
        output.WriteLine(message);
        lock (_gate)
            _file?.WriteLine(message);
    }

    public void WriteLine(string format, params object[] args) => WriteLine(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));

    public void Dispose() => _file?.Dispose();
}
