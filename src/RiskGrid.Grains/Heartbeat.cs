using RiskGrid.Grains.Desks;

namespace RiskGrid.Grains;

/// <summary>What a process does once a second; each task anew only when it has ended.</summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly Func<Task>[] _tasks;
    private readonly Task[] _running;
    private readonly ITimer _timer;

    /// <summary>Starts at once.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="tasks">Tell of their troubles themselves.</param>
    public Heartbeat(TimeProvider time, params Func<Task>[] tasks)
    {
        _tasks = tasks;
        _running = [.. tasks.Select(_ => Task.CompletedTask)];
        _timer = time.CreateTimer(_ => Beat(), null, TimeSpan.Zero, DeskGrain.PingPeriod);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Beat()
    {
        lock (_running)
        {
            for (var i = 0; i < _tasks.Length; i++)
            {
                if (_running[i].IsCompleted)
                    _running[i] = _tasks[i]();
            }
        }
    }
}
