using System.Diagnostics;

namespace RiskGrid.Grid;

/// <content>The life cycle: New, Activating, Active, Deactivating, Ended; or from anywhere Lost, then Ended.</content>
internal sealed partial class Activation
{
    private Life _life;

    // Why the activation ends once its queue is empty; null while it is to live on.
    private DeactivationReason? _ending;
    private bool _activated;
    private TaskCompletionSource? _ended;

    private enum Life
    {
        New,
        Activating,
        Active,

        // The last turn runs. Calls that come now wait in the mailbox for the successor.
        Deactivating,

        // Out of the directory; nothing that it does counts any longer.
        Lost,
        Ended,
    }

    public override void DeactivateOnIdle() => EndWhenEmpty(DeactivationReason.Requested);

    /// <summary>Begins to live before anybody calls.</summary>
    internal void Begin() => Schedule();

    /// <summary>Completes when the last turn is done.</summary>
    internal Task WhenEnded()
    {
        lock (_gate)
        {
            if (_life == Life.Ended)
                return Task.CompletedTask;
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _ended.Task;
        }
    }

    /// <summary>Lets the activation end once its queue is empty.</summary>
    internal void EndWhenEmpty(DeactivationReason reason)
    {
        lock (_gate)
        {
            if (_life is not (Life.New or Life.Activating or Life.Active))
                return;
            _ending = reason;
        }

        Schedule();
    }

    /// <summary>Ends the activation if nobody has used it for <paramref name="sweeps"/> sweeps.</summary>
    internal void EndIfIdle(int now, int sweeps)
    {
        lock (_gate)
        {
            if (_life != Life.Active || _running is not null || !_mailbox.IsEmpty || now - _lastUsed <= sweeps)
                return;
            _ending ??= DeactivationReason.Idle;
        }

        Schedule();
    }

    /// <summary>Drops the activation at once: it leaves the directory, its calls are abandoned to the engine, and whatever the
    /// turn that still runs has to say is not heard.</summary>
    internal void LoseOwnership()
    {
        var abandoned = new List<GrainCall>();
        lock (_gate)
        {
            if (_life is Life.Ended or Life.Lost)
                return;
            _life = Life.Lost;
            if (_running is GrainCall running && Interlocked.Exchange(ref _claimed, 1) == 0)
                abandoned.Add(running);
            TakeCalls(abandoned);
            _host.Replace(this, null);
        }

        StopSurroundings();
        foreach (var call in abandoned)
            call.Abandon();
        Schedule();
    }

    // Under _gate.
    private Turn? NextTurn()
    {
        switch (_life)
        {
            case Life.New:
                _life = Life.Activating;
                return new ActivationTurn((_mailbox.Peek() as GrainCall)?.TraceParent);
            case Life.Active:
                if (_mailbox.Dequeue() is { } turn)
                {
                    if (turn is GrainCall)
                        _queuedCalls--;
                    return turn;
                }

                if (_ending is not { } reason)
                    return null;
                _life = Life.Deactivating;
                return new DeactivationTurn(reason);
            case Life.Lost when _activated:
                _activated = false;
                return new DeactivationTurn(DeactivationReason.OwnershipLost);
            case Life.Lost:
                _life = Life.Ended;
                _ended?.TrySetResult();
                return null;
            default:
                return null;
        }
    }

    private Task ActivateAsync()
    {
        var grain = _host.CreateGrain();
        grain.Context = this;
        Grain = grain;
        return grain.OnActivateAsync(Deactivated);
    }

    private void EndActivating(Task finished)
    {
        var waiting = new List<GrainCall>();
        lock (_gate)
        {
            if (finished.IsCompletedSuccessfully)
            {
                _activated = true;
                if (_life == Life.Activating)
                    _life = Life.Active;
                return;
            }

            if (_life == Life.Lost)
                return;
            _life = Life.Ended;
            TakeCalls(waiting);
            _host.Replace(this, null);
            _ended?.TrySetResult();
        }

        StopSurroundings();
        var exception = finished.Exception?.InnerException ?? new TaskCanceledException(finished);
        if (waiting.Count == 0)
            Report(GrainErrorSource.Activation, nameof(RiskGrid.Grid.Grain.OnActivateAsync), exception);
        foreach (var call in waiting)
        {
            if (call.Method.IsOneWay)
                Report(GrainErrorSource.OneWayCall, call.Method.Name, exception);
            call.Fail(Faults.Describe(exception));
        }
    }

    private void EndDeactivating(Task finished)
    {
        if (finished.Exception?.InnerException is { } exception)
            Report(GrainErrorSource.Deactivation, nameof(RiskGrid.Grid.Grain.OnDeactivateAsync), exception);
        Activation? successor = null;
        var dropped = new List<GrainCall>();
        lock (_gate)
        {
            // Those who still find this activation wait for the lock and then see that it has ended: what waits here goes before
            // them.
            if (_life == Life.Deactivating)
            {
                if (IsDraining)
                    TakeOneWayCalls(dropped);
                if (!_mailbox.IsEmpty)
                    successor = new Activation(_host, Key, _mailbox, _queuedCalls);
                _host.Replace(this, successor);
                _mailbox = default;
                _queuedCalls = 0;
            }

            _life = Life.Ended;
            _ended?.TrySetResult();
        }

        StopSurroundings();
        foreach (var call in dropped)
            call.Fail(Silo.Stopping());
        successor?.Schedule();
    }

    // Under _gate. A drain calls nothing to life for them.
    private void TakeOneWayCalls(List<GrainCall> calls)
    {
        var others = new TurnQueue();
        while (_mailbox.Dequeue() is { } turn)
        {
            if (turn is GrainCall { Method.IsOneWay: true } call)
                calls.Add(call);
            else
                others.Enqueue(turn);
        }

        _mailbox = others;
        _queuedCalls -= calls.Count;
    }

    // Under _gate. The activation's own turns are dropped: they were promised nothing.
    private void TakeCalls(List<GrainCall> calls)
    {
        while (_mailbox.Dequeue() is { } turn)
        {
            if (turn is GrainCall call)
                calls.Add(call);
        }

        _queuedCalls = 0;
    }

    private void StopSurroundings()
    {
        CancellationTokenSource? deactivated;
        List<ActivationTimer>? timers;
        lock (_gate)
        {
            deactivated = _deactivated;
            timers = _timers;
            _timers = null;
        }

        if (timers is not null)
        {
            foreach (var timer in timers)
                timer.Stop();
        }

        try
        {
            deactivated?.Cancel();
        }
        catch (AggregateException exception)
        {
            Report(GrainErrorSource.Deactivation, nameof(Deactivated), exception);
        }
    }

    /// <summary>The first turn, which belongs to the trace of the call that caused it.</summary>
    private sealed class ActivationTurn(string? traceParent) : Turn
    {
        private Activity? _span;

        internal override Task Run(Activation activation)
        {
            if (traceParent is null)
                return activation.ActivateAsync();
            Activity.Current = _span = Spans.Start(GridTelemetry.Source, $"activate {activation._host.Interface.Kind}", ActivityKind.Internal, traceParent);
            _span?.SetTag("riskgrid.grain.key", activation.Key);
            try
            {
                return activation.ActivateAsync();
            }
            finally
            {
                Activity.Current = null;
            }
        }

        internal override void Settle(Activation activation, Task finished)
        {
            if (_span is not null)
                Spans.Stop(_span);
            activation.EndActivating(finished);
        }
    }

    /// <summary>The last turn.</summary>
    private sealed class DeactivationTurn(DeactivationReason reason) : Turn
    {
        internal override Task Run(Activation activation) =>
            activation.Grain!.OnDeactivateAsync(reason, activation._host.Silo.DrainCancelled);

        internal override void Settle(Activation activation, Task finished) => activation.EndDeactivating(finished);
    }
}
