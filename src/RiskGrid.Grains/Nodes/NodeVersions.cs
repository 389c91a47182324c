namespace RiskGrid.Grains.Nodes;

/// <summary>Versions that increase with every change of a node, and over re-activations too: milliseconds of the activation's start, then a
/// counter.</summary>
public struct NodeVersions
{
    private const int CounterBits = 20;
    private long _last;

    /// <summary>Starts above all versions of earlier activations on this silo, and of those on others as far as the silos' clocks agree.</summary>
    public NodeVersions(ActivationStarts starts, TimeProvider time) => _last = starts.Next(time) << CounterBits;

    /// <summary>The next version.</summary>
    public long Next() => ++_last;
}

/// <summary>When activations of a silo started: milliseconds that increase from each to the next, even if the clock stands still or goes back.
/// Thread-safe.</summary>
public sealed class ActivationStarts
{
    private long _last;

    /// <summary>Unix milliseconds, or one more than the last when the clock says no more.</summary>
    public long Next(TimeProvider time)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return next;
        }
    }
}
