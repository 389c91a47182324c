namespace RiskGrid.Grains.Market;

/// <summary>Paces the waking of books: the first wave after a quiet spell goes out at once, later ones at most once per interval, so that ten
/// thousand quotes a second cost a bounded number of passes and the newest quotes win.</summary>
/// <remarks>Thread-safe. Invariant: a watch that was handed in is notified at the next wave, exactly once per wave.</remarks>
public sealed class ConflatingWaker : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private HashSet<MarketWatch> _pending = [];
    private bool _pacing;

    /// <summary>Creates a waker.</summary>
    /// <param name="time">The clock that paces.</param>
    /// <param name="interval">Least time between two waves.</param>
    public ConflatingWaker(TimeProvider time, TimeSpan interval)
    {
        _interval = interval;
        _timer = time.CreateTimer(_ => Wave(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Asks for watches to be notified, all in the same wave.</summary>
    public void Wake(IReadOnlyCollection<MarketWatch> watches)
    {
        lock (_lock)
        {
            _pending.UnionWith(watches);
            if (_pacing)
                return;
            _pacing = true;
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Wave()
    {
        HashSet<MarketWatch> wave;
        lock (_lock)
        {
            if (_pending.Count == 0)
            {
                _pacing = false;
                return;
            }

            (wave, _pending) = (_pending, []);
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }

        foreach (var watch in wave)
            watch.Notify();
    }
}
