using System.Collections.Concurrent;

namespace RiskGrid.Compute.Tests;

public sealed class ComputePoolTests
{
    // Far beyond what a loaded machine needs; reached only by a broken promise.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static ComputePool Pool(int threads, int jobLimit = 4096) => new(new ComputePoolOptions { Threads = threads, JobLimit = jobLimit });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Every_slice_runs_once_before_the_job_completes(int threads)
    {
        await using var pool = Pool(threads);
        var runs = new int[1000];
        await pool.RunAsync(ComputePriority.Run, runs.Length, i => Interlocked.Increment(ref runs[i]), default).WaitAsync(Patience);
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_function_returns_its_result()
    {
        await using var pool = Pool(2);
        Assert.Equal(42, await pool.RunAsync(ComputePriority.Live, () => 42, default).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_job_without_slices_is_done()
    {
        await using var pool = Pool(1);
        await pool.RunAsync(ComputePriority.Live, 0, _ => Assert.Fail("There is no slice."), default).WaitAsync(Patience);
    }

    [Fact]
    public async Task Slices_of_one_job_run_on_all_threads()
    {
        await using var pool = Pool(4);
        using var all = new Barrier(4);
        await pool.RunAsync(ComputePriority.Live, 4, _ => Assert.True(all.SignalAndWait(Patience), "A thread stayed away."), default)
            .WaitAsync(Patience);
    }

    [Fact]
    public async Task More_urgent_work_goes_first_between_two_slices_strictly()
    {
        await using var pool = Pool(1);
        using var gate = new Gate(pool);
        var order = new ConcurrentQueue<string>();
        var run = pool.RunAsync(ComputePriority.Run, 3, i => order.Enqueue($"run {i}"), default);
        var vector = pool.RunAsync(ComputePriority.Vector, 3, i => order.Enqueue($"vector {i}"), default);
        var live = pool.RunAsync(ComputePriority.Live, 3, i => order.Enqueue($"live {i}"), default);
        gate.Open();
        await Task.WhenAll(run, vector, live).WaitAsync(Patience);
        Assert.Equal(["live 0", "live 1", "live 2", "vector 0", "vector 1", "vector 2", "run 0", "run 1", "run 2"], order);
    }

    [Fact]
    public async Task Urgent_work_overtakes_a_job_that_has_begun()
    {
        await using var pool = Pool(1);
        var order = new ConcurrentQueue<string>();
        Task? live = null;
        var run = pool.RunAsync(
            ComputePriority.Run,
            3,
            i =>
            {
                order.Enqueue($"run {i}");
                if (i == 0)
                    live = pool.RunAsync(ComputePriority.Live, 2, j => order.Enqueue($"live {j}"), default);
            },
            default);
        await run.WaitAsync(Patience);
        await live!.WaitAsync(Patience);
        Assert.Equal(["run 0", "live 0", "live 1", "run 1", "run 2"], order);
    }

    [Fact]
    public async Task Jobs_of_one_priority_take_turns_slice_by_slice()
    {
        await using var pool = Pool(1);
        using var gate = new Gate(pool);
        var order = new ConcurrentQueue<string>();
        var jobs = new[] { ("a", 3), ("b", 1), ("c", 3) }
            .Select(job => pool.RunAsync(ComputePriority.Run, job.Item2, i => order.Enqueue($"{job.Item1}{i}"), default)).ToArray();
        gate.Open();
        await Task.WhenAll(jobs).WaitAsync(Patience);
        Assert.Equal(["a0", "b0", "c0", "a1", "c1", "a2", "c2"], order);
    }

    [Fact]
    public async Task A_slice_that_throws_fails_the_job_and_the_rest_is_skipped()
    {
        await using var pool = Pool(1);
        var ran = new ConcurrentQueue<int>();
        var job = pool.RunAsync(
            ComputePriority.Live,
            100,
            i =>
            {
                ran.Enqueue(i);
                if (i == 2)
                    throw new ArithmeticException("slice 2");
            },
            default);
        Assert.Equal("slice 2", (await Assert.ThrowsAsync<ArithmeticException>(() => job.WaitAsync(Patience))).Message);
        Assert.Equal([0, 1, 2], ran);
        Assert.Equal(7, await pool.RunAsync(ComputePriority.Live, () => 7, default).WaitAsync(Patience));
    }

    [Fact]
    public async Task Of_several_failures_the_lowest_slices_is_reported_and_the_running_slices_are_awaited()
    {
        await using var pool = Pool(4);
        using var all = new Barrier(4);
        var left = 4;
        var job = pool.RunAsync(
            ComputePriority.Live,
            1000,
            i =>
            {
                all.SignalAndWait(Patience);
                Interlocked.Decrement(ref left);
                throw new ArithmeticException($"slice {i}");
            },
            default);
        Assert.Equal("slice 0", (await Assert.ThrowsAsync<ArithmeticException>(() => job.WaitAsync(Patience))).Message);
        Assert.Equal(0, left);
    }

    [Fact]
    public async Task Cancellation_skips_what_has_not_started_and_waits_for_what_runs()
    {
        await using var pool = Pool(1);
        using var cancel = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var ran = 0;
        var job = pool.RunAsync(
            ComputePriority.Live,
            100,
            _ =>
            {
                ran++;
                started.Set();
                go.Wait(Patience);
            },
            cancel.Token);
        Assert.True(started.Wait(Patience));
        await cancel.CancelAsync();
        Assert.False(job.IsCompleted, "The job completed while one of its slices still ran.");
        go.Set();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.WaitAsync(Patience));
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_queued_job_that_is_cancelled_ends_at_once()
    {
        await using var pool = Pool(1);
        using var gate = new Gate(pool);
        using var cancel = new CancellationTokenSource();
        var job = pool.RunAsync(ComputePriority.Vector, 10, _ => Assert.Fail("A slice of a cancelled job ran."), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.WaitAsync(Patience));
        Assert.Equal(0, pool.Statistics().UnfinishedJobs[(int)ComputePriority.Vector]);
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        await using var pool = Pool(1);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RunAsync(ComputePriority.Live, 1, _ => Assert.Fail("It ran."), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RunAsync(ComputePriority.Live, () => 1, cancelled));
    }

    [Fact]
    public async Task A_full_queue_refuses_jobs_of_its_priority_only_and_takes_them_again_later()
    {
        await using var pool = Pool(1, jobLimit: 2);
        using var gate = new Gate(pool);
        var taken = Enumerable.Range(0, 2).Select(_ => pool.RunAsync(ComputePriority.Run, 1, _ => { }, default)).ToArray();
        var refused = await Assert.ThrowsAsync<ComputeOverloadedException>(() => pool.RunAsync(ComputePriority.Run, 1, _ => { }, default));
        Assert.Contains("2 unfinished Run jobs", refused.Message);
        var live = pool.RunAsync(ComputePriority.Vector, () => 1, default);
        gate.Open();
        await Task.WhenAll([.. taken, live]).WaitAsync(Patience);
        await pool.RunAsync(ComputePriority.Run, 1, _ => { }, default).WaitAsync(Patience);
    }

    [Fact]
    public async Task Continuations_never_run_on_a_compute_thread()
    {
        await using var pool = Pool(1);
        using var gate = new Gate(pool);
        string? name = null;
        var continued = pool.RunAsync(ComputePriority.Live, 1, _ => { }, default).ContinueWith(
            _ => name = Thread.CurrentThread.Name,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        gate.Open();
        await continued.WaitAsync(Patience);
        Assert.DoesNotContain("riskgrid-compute", name ?? "");
    }

    [Fact]
    public async Task Completing_finishes_what_was_taken_and_refuses_the_rest()
    {
        var pool = Pool(2);
        var sum = 0;
        var jobs = Enumerable.Range(0, 50)
            .Select(_ => pool.RunAsync(ComputePriority.Run, 10, _ => Interlocked.Increment(ref sum), default)).ToArray();
        await pool.CompleteAsync().WaitAsync(Patience);
        Assert.All(jobs, job => Assert.True(job.IsCompletedSuccessfully));
        Assert.Equal(500, sum);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(ComputePriority.Run, 1, _ => { }, default));
        await pool.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_cancels_what_has_not_started_and_waits_for_what_runs()
    {
        var pool = Pool(1);
        var gate = new Gate(pool);
        var queued = pool.RunAsync(ComputePriority.Live, 10, _ => Assert.Fail("A slice ran after disposal."), default);
        var disposal = pool.DisposeAsync().AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.WaitAsync(Patience));
        Assert.False(disposal.IsCompleted, "Disposal ended while a slice still ran.");
        gate.Dispose();
        await disposal.WaitAsync(Patience);
    }

    [Fact]
    public async Task Statistics_count_slices_jobs_and_busy_time()
    {
        await using var pool = Pool(2);
        await pool.RunAsync(ComputePriority.Vector, 20, _ => Thread.SpinWait(20_000), default).WaitAsync(Patience);
        var statistics = pool.Statistics();
        Assert.Equal([0L, 20L, 0L], statistics.SlicesRun);
        Assert.Equal([0, 0, 0], statistics.UnfinishedJobs);
        Assert.Equal(2, statistics.Busy.Count);
        Assert.True(statistics.Busy.Max() > TimeSpan.Zero, "No thread was ever busy.");
        Assert.True(statistics.LongestSlice.Max() <= statistics.Busy.Max(), "A slice took longer than all slices.");
    }

    [Fact]
    public async Task Many_callers_with_random_cancellations_leave_nothing_behind()
    {
        const int Seed = 20260130;
        await using var pool = Pool(4);
        var ended = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var random = new Random(Seed + caller);
            for (var i = 0; i < 200; i++)
            {
                using var cancel = new CancellationTokenSource();
                var slots = new int[random.Next(1, 30)];
                var cancelAt = random.Next(60);
                var job = pool.RunAsync(
                    (ComputePriority)random.Next(3),
                    slots.Length,
                    slice =>
                    {
                        slots[slice]++;
                        if (slice == cancelAt)
                            cancel.Cancel();
                    },
                    cancel.Token);
                try
                {
                    await job.WaitAsync(Patience);
                    Assert.All(slots, count => Assert.Equal(1, count));
                }
                catch (OperationCanceledException)
                {
                    Assert.All(slots, count => Assert.InRange(count, 0, 1));
                    Assert.True(cancelAt < slots.Length, "A job that nobody cancelled was cancelled.");
                }

                Interlocked.Increment(ref ended);
            }
        })));
        Assert.Equal(1600, ended);
        Assert.Equal([0, 0, 0], pool.Statistics().UnfinishedJobs);
    }

    [Fact]
    public async Task A_job_allocates_its_own_objects_and_nothing_a_slice()
    {
        // Counted by thread: whatever else the process does meanwhile, the just-in-time compiler and the test runner included, allocates as well.
        const int Slices = 20_000;
        await using var pool = Pool(2);
        var (threads, counters) = (new int[Slices], new long[Slices]);
        Action<int> body = slice =>
        {
            threads[slice] = Environment.CurrentManagedThreadId;
            counters[slice] = GC.GetAllocatedBytesForCurrentThread();
        };
        await pool.RunAsync(ComputePriority.Live, 1000, body, default).WaitAsync(Patience);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var job = pool.RunAsync(ComputePriority.Live, Slices, body, default);
        var asking = GC.GetAllocatedBytesForCurrentThread() - before;
        await job.WaitAsync(Patience);
        var running = threads.Zip(counters).GroupBy(s => s.First, s => s.Second).Sum(thread => thread.Max() - thread.Min());
        Assert.True(asking + running < Slices, $"{Slices} slices allocated {asking} bytes where they were asked for and {running} where they ran.");
    }

    /// <summary>Keeps a pool's only thread until opened.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public Gate(ComputePool pool)
        {
            using var closed = new ManualResetEventSlim();
            _ = pool.RunAsync(
                ComputePriority.Live,
                1,
                _ =>
                {
                    closed.Set();
                    _open.Wait(Patience);
                },
                default);
            Assert.True(closed.Wait(Patience), "The thread never came.");
        }

        public void Open() => _open.Set();

        public void Dispose() => _open.Set();
    }
}
