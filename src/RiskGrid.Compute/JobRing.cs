namespace RiskGrid.Compute;

/// <summary>The jobs of one priority that have slices left, in a doubly linked ring through the jobs: the one at the front gives
/// a slice and goes to the back. Guarded by the pool's lock.</summary>
internal sealed class JobRing
{
    private ComputeJob? _front;

    /// <summary>Unfinished jobs of this priority, including those whose last slices run.</summary>
    public int Unfinished { get; set; }

    public long SlicesRun { get; set; }

    public ComputeJob? Front => _front;

    public void AddLast(ComputeJob job)
    {
        if (_front is null)
        {
            job.Next = job.Previous = job;
            _front = job;
            return;
        }

        var last = _front.Previous!;
        (job.Previous, job.Next) = (last, _front);
        last.Next = job;
        _front.Previous = job;
    }

    public void Rotate() => _front = _front?.Next;

    public void Remove(ComputeJob job)
    {
        if (job.Next is null)
            return;
        if (ReferenceEquals(job.Next, job))
        {
            _front = null;
        }
        else
        {
            job.Previous!.Next = job.Next;
            job.Next.Previous = job.Previous;
            if (ReferenceEquals(_front, job))
                _front = job.Next;
        }

        job.Next = job.Previous = null;
    }
}
