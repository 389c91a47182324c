using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>A request as its sender sees it: the first outcome wins, so a repeated delivery's reply is dropped.</summary>
internal abstract class LocalCall(GrainMethod method, string key, IMessage request, CallOrigin origin, CancellationToken token)
    : GrainCall(method, key, request)
{
    private CallLimits? _limits;

    public override string Sender => origin.Sender;

    public override DateTimeOffset? Deadline => _limits?.Deadline;

    public override CancellationToken CancellationToken => _limits?.Token ?? token;

    /// <summary>Arms cancellation and the time limit; before the call is handed over.</summary>
    public void StartLimits()
    {
        if (!token.CanBeCanceled && origin.Timeout is null)
            return;
        _limits = new CallLimits(this, origin.Time, origin.Timeout, token);
        if (IsSettled)
            _limits.Stop();
    }

    /// <summary>The caller's token was cancelled.</summary>
    public abstract void GiveUp(CancellationToken cancelled);

    public sealed override void Abandon() => origin.HandOver(this);

    /// <summary>The call is settled: nothing waits for it any longer.</summary>
    protected void End(Exception? failure)
    {
        _limits?.Stop();
        Trace?.EndSent(failure);
    }
}

/// <summary>The typed half.</summary>
internal sealed class LocalCall<TReply>(GrainMethod method, string key, IMessage request, CallOrigin origin, CancellationToken token)
    : LocalCall(method, key, request, origin, token)
    where TReply : class, IMessage
{
    // Continuations never run on the turn that completes the call: they belong to the caller's activation or thread.
    private readonly TaskCompletionSource<TReply> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TReply> Reply => _completion.Task;

    public override bool IsSettled => _completion.Task.IsCompleted;

    public override void Complete(IMessage reply)
    {
        if (_completion.TrySetResult((TReply)reply))
            End(null);
    }

    public override void Fail(GridException error)
    {
        if (_completion.TrySetException(error))
            End(error);
    }

    public override void GiveUp(CancellationToken cancelled)
    {
        if (_completion.TrySetCanceled(cancelled))
            End(new OperationCanceledException(cancelled));
    }
}
