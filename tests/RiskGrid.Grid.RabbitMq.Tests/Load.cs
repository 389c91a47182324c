using System.Collections.Concurrent;
using System.Globalization;
using RiskGrid.Grid.Tests;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>Callers that call grains of all partitions, one call after the other, and keep what goes wrong.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _callers;
    private readonly Lock _gate = new();
    private long _answered;
    private long _lastAnswer = TimeProvider.System.GetTimestamp();

    public Load(ClusterSilo from, int callers, bool retries = false) => _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        for (var i = caller; !_stopped.IsCancellationRequested; i += callers)
        {
            var start = TimeProvider.System.GetTimestamp();
            try
            {
                var grain = from.Grain(Cluster.Keys[i % Partition.Count]);
                await grain.AskAsync(i.ToString(CultureInfo.InvariantCulture));
                Note(TimeProvider.System.GetElapsedTime(start));
            }
            catch (GrainUnavailableException) when (retries)
            {
                await Task.Delay(Pause);
            }
#pragma warning disable CA1031 // A test looks at them.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Errors.Add(exception);
            }
        }
    })));

    public ConcurrentBag<Exception> Errors { get; } = [];

    public long Answered => Interlocked.Read(ref _answered);

    public TimeSpan Slowest { get; private set; }

    /// <summary>The longest time without any answer.</summary>
    public TimeSpan LongestGap { get; private set; }

    public Task ReachAsync(long answers) => TestExtensions.Eventually(() => Answered >= answers, $"{answers} calls are answered");

    public Task StopAsync()
    {
        _stopped.Cancel();
        return _callers.Within();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopped.Dispose();
    }

    private void Note(TimeSpan took)
    {
        lock (_gate)
        {
            var gap = TimeProvider.System.GetElapsedTime(_lastAnswer);
            _lastAnswer = TimeProvider.System.GetTimestamp();
            if (gap > LongestGap)
                LongestGap = gap;
            if (took > Slowest)
                Slowest = took;
            _answered++;
        }
    }
}
