namespace RiskGrid.Compute;

/// <summary>What a pool has done until now.</summary>
/// <param name="UnfinishedJobs">Jobs that wait or run, by priority.</param>
/// <param name="SlicesRun">Slices that have ended, by priority.</param>
/// <param name="Busy">Time that each thread has spent in slices.</param>
/// <param name="LongestSlice">The longest slice of each thread; far above 2 ms means that urgent work waits.</param>
public sealed record ComputePoolStatistics(
    IReadOnlyList<int> UnfinishedJobs, IReadOnlyList<long> SlicesRun, IReadOnlyList<TimeSpan> Busy, IReadOnlyList<TimeSpan> LongestSlice);

/// <content>Statistics.</content>
public sealed partial class ComputePool
{
    /// <summary>The statistics now; lists by priority are in the order of <see cref="ComputePriority"/>.</summary>
    public ComputePoolStatistics Statistics()
    {
        int[] unfinished;
        long[] slices;
        lock (_gate)
        {
            unfinished = [.. _rings.Select(r => r.Unfinished)];
            slices = [.. _rings.Select(r => r.SlicesRun)];
        }

        return new ComputePoolStatistics(unfinished, slices, [.. _clocks.Select(c => c.Busy)], [.. _clocks.Select(c => c.Longest)]);
    }

    /// <summary>One thread's times: written by that thread alone.</summary>
    private sealed class ThreadClock
    {
        private long _busy;
        private long _longest;

        public TimeSpan Busy => new(Interlocked.Read(ref _busy));

        public TimeSpan Longest => new(Interlocked.Read(ref _longest));

        public void Add(TimeSpan slice)
        {
            Interlocked.Add(ref _busy, slice.Ticks);
            if (slice.Ticks > _longest)
                Interlocked.Exchange(ref _longest, slice.Ticks);
        }
    }
}
