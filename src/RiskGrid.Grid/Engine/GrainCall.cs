using System.Diagnostics;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>One call to a grain: what the engine carries down, and what it delivers up. An engine that crosses a wire derives one
/// class for the receiving side, which sends the outcome back.</summary>
public abstract class GrainCall : Turn
{
    // The reply of a deferred method, from the end of its turn on.
    private Task? _deferred;

    // What a call returns that was settled before its turn came.
    private static readonly Task Skipped = Task.FromResult(GrainMethod.Nothing);

    /// <summary>For a receiver; <paramref name="method"/> comes from <see cref="SiloCatalog.FindMethod"/>.</summary>
    protected GrainCall(GrainMethod method, string key, IMessage request)
    {
        Method = method;
        Key = key;
        Request = request;
    }

    /// <summary>Kind and name of the method, and how its messages are read.</summary>
    public GrainMethod Method { get; }

    /// <summary>The receiver's key.</summary>
    public string Key { get; }

    /// <summary>The request; never mutated by anyone.</summary>
    public IMessage Request { get; }

    /// <summary>Who calls: <c>kind/key</c> of a grain, or empty for a caller outside of the grid. Tells apart the senders whose
    /// calls keep their order.</summary>
    public virtual string Sender => "";

    /// <summary>After this instant nobody waits for the reply.</summary>
    public virtual DateTimeOffset? Deadline => null;

    /// <summary>Cancelled when nobody waits for the reply any longer, as far as the receiving side can know.</summary>
    public virtual CancellationToken CancellationToken => default;

    /// <summary>Nobody waits any longer: a call that has not started is skipped.</summary>
    public virtual bool IsSettled => CancellationToken.IsCancellationRequested;

    /// <summary>The trace that the call belongs to, as a W3C traceparent; null: none, or nobody listens.</summary>
    public string? TraceParent => Trace?.Parent;

    internal CallTrace? Trace { get; set; }

    /// <summary>The turn ran to its end; <paramref name="reply"/> is never mutated, and is empty for a one-way call.</summary>
    public abstract void Complete(IMessage reply);

    /// <summary>The turn failed, or could not run.</summary>
    public abstract void Fail(GridException error);

    /// <summary>The activation lost its ownership before the call was done: it goes to the new owner. The engine delivers it
    /// again, unless its queue does that by itself.</summary>
    public abstract void Abandon();

    internal sealed override Task Run(Activation activation)
    {
        if (IsSettled)
            return Skipped;
        var task = Trace is { } trace ? InvokeTraced(activation, trace) : Method.Invoke(activation.Grain, Request, CancellationToken);
        if (!Method.IsDeferred)
            return task;
        _deferred = task;
        return Task.CompletedTask;
    }

    internal sealed override void Settle(Activation activation, Task finished)
    {
        if (ReferenceEquals(finished, Skipped))
        {
            // Nobody hears this; an engine may need an outcome to take the call off its queue.
            Fail(new GrainDeadlineException($"{Method} of {Key} was not started: nobody waits for it any longer."));
        }
        else if (_deferred is not { IsCompleted: false } deferred)
        {
            SettleWith(activation, _deferred ?? finished);
        }
        else
        {
            _ = deferred.ContinueWith(
                task => SettleWith(activation, task), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // What the turn starts belongs to its span; what the activation does next does not.
    private Task InvokeTraced(Activation activation, CallTrace trace)
    {
        Activity.Current = trace.BeginTurn(Method.Kind, Method.Name, Key);
        try
        {
            return Method.Invoke(activation.Grain, Request, CancellationToken);
        }
        finally
        {
            Activity.Current = null;
        }
    }

    private void SettleWith(Activation activation, Task finished)
    {
        Trace?.EndTurn(Method.Kind, Method.Name, finished.Exception?.InnerException);
        if (finished.IsCompletedSuccessfully)
        {
            CompleteWith(Method.ReplyOf(finished));
            return;
        }

        var exception = finished.IsCanceled ? new TaskCanceledException(finished) : finished.Exception!.InnerException!;
        if (Method.IsDeferred && (exception is ActivationFencedException || (finished.IsCanceled && activation.Deactivated.IsCancellationRequested)))
        {
            // The grain gave up its waiting callers because it ends. The next activation answers them; in a silo that stops, another silo.
            if (activation.IsDraining)
                Fail(Silo.Stopping());
            else
                Abandon();
            return;
        }

        if (Method.IsOneWay)
            activation.Report(GrainErrorSource.OneWayCall, Method.Name, exception);
        Fail(Faults.Describe(exception));
    }

    private void CompleteWith(IMessage? reply)
    {
        try
        {
            if (reply is null)
                throw new InvalidOperationException($"{Method} returned null instead of a reply.");
            Complete(reply);
        }
#pragma warning disable CA1031 // A reply that cannot be sent is a failure of the call, not of the activation.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(Faults.Describe(exception));
        }
    }
}
