namespace RiskGrid.Grid;

/// <content>The mailbox: which turn runs when. One thread at a time executes it, so a grain needs no lock.</content>
internal sealed partial class Activation : IThreadPoolWorkItem
{
    // Then the activation goes to the end of the thread pool's queue, so that one busy grain cannot keep a thread for itself.
    private const int StepsPerSlice = 32;

    // Guards every field below and _life, _ending, _timers, _deactivated. Never held while a grain's code runs.
    private readonly Lock _gate = new();
    private readonly TurnSynchronization _synchronization;
    private readonly Action _turnFinished;
    private TurnQueue _mailbox;
    private int _queuedCalls;
    private Queue<(SendOrPostCallback Callback, object? State)>? _continuations;

    // Queued to the thread pool or executing; the one who sets it queues.
    private bool _scheduled;

    // The turn that has started and not yet settled; the next one waits for it.
    private Turn? _running;
    private Task? _runningTask;

    // 1 once somebody has taken it on himself to settle or abandon the running turn.
    private int _claimed;
    private int _lastUsed;

    internal enum Enqueued
    {
        Taken,
        Full,
        Ended,
    }

    void IThreadPoolWorkItem.Execute()
    {
        SynchronizationContext.SetSynchronizationContext(_synchronization);
        try
        {
            for (var step = 0; step < StepsPerSlice; step++)
            {
                (SendOrPostCallback Callback, object? State) continuation = default;
                Turn? turn = null;
                lock (_gate)
                {
                    if (_continuations is null || !_continuations.TryDequeue(out continuation))
                    {
                        turn = _running is null ? NextTurn() : null;
                        if (turn is null)
                        {
                            _scheduled = false;
                            return;
                        }

                        _running = turn;
                        _claimed = 0;
                    }
                }

                if (turn is null)
                    RunContinuation(continuation.Callback!, continuation.State);
                else
                    StartTurn(turn);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public override bool Post(Func<Task> turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        return TryEnqueueOwn(new PostedTurn(turn), counts: true);
    }

    /// <summary>Queues a call; the caller goes to the next activation when this one has ended.</summary>
    internal Enqueued TryEnqueue(GrainCall call)
    {
        lock (_gate)
        {
            if (_life is Life.Ended or Life.Lost)
                return Enqueued.Ended;
            if (_queuedCalls >= _host.Silo.Options.MailboxLimit)
                return Enqueued.Full;
            _queuedCalls++;
            _mailbox.Enqueue(call);
            _lastUsed = _host.Silo.Sweeps;
            if (_ending == DeactivationReason.Idle && _life == Life.Active)
                _ending = null;
            if (_scheduled || _running is not null)
                return Enqueued.Taken;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return Enqueued.Taken;
    }

    /// <summary>Queues a turn of the activation's own; false once the activation is ending. Not bounded: a grain bounds its own
    /// work.</summary>
    internal bool TryEnqueueOwn(Turn turn, bool counts)
    {
        lock (_gate)
        {
            if (_life is not (Life.New or Life.Activating or Life.Active))
                return false;
            _mailbox.Enqueue(turn);
            if (counts)
                _lastUsed = _host.Silo.Sweeps;
            if (_scheduled || _running is not null)
                return true;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Brings a continuation of the grain's code back onto the activation, before any further turn.</summary>
    internal void Continue(SendOrPostCallback callback, object? state)
    {
        lock (_gate)
        {
            (_continuations ??= new()).Enqueue((callback, state));
            if (_scheduled)
                return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Schedule()
    {
        lock (_gate)
        {
            if (_scheduled)
                return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void StartTurn(Turn turn)
    {
        Task task;
        try
        {
            task = turn.Run(this) ?? throw new InvalidOperationException($"A turn of {this} returned null instead of a task.");
        }
#pragma warning disable CA1031 // Whatever a turn throws is its outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            task = Task.FromException(exception);
        }

        if (task.IsCompleted)
        {
            FinishTurn(turn, task);
            return;
        }

        _runningTask = task;
        // Awaited in this activation's synchronization context: the end of the turn is itself a step of Execute.
        task.GetAwaiter().UnsafeOnCompleted(_turnFinished);
    }

    private void FinishTurnAndGoOn()
    {
        var task = _runningTask!;
        _runningTask = null;
        FinishTurn(_running!, task);
    }

    private void FinishTurn(Turn turn, Task task)
    {
        if (task.Exception?.InnerException is ActivationFencedException)
            LoseOwnership();
        if (Interlocked.Exchange(ref _claimed, 1) == 0)
            turn.Settle(this, task);
        lock (_gate)
        {
            _running = null;
            if (turn is not ActivationTimer)
                _lastUsed = _host.Silo.Sweeps;
        }
    }

    private void RunContinuation(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
#pragma warning disable CA1031 // An exception here comes from code that nobody awaits.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(GrainErrorSource.DetachedCode, callback.Method.Name, exception);
        }
    }
}
