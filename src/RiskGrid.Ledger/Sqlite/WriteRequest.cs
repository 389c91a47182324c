namespace RiskGrid.Ledger.Sqlite;

/// <summary>Something that waits for the writer. The caller may take it back until the writer has begun with it, and not after: a cancelled
/// request has left no trace.</summary>
internal abstract class WriteRequest
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int TakenBack = 2;

    private int _state;

    /// <summary>How much of a commit it takes up, in commands.</summary>
    public virtual int Weight => 1;

    /// <summary>False when the caller has taken it back.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;

    /// <summary>Writes inside the writer's transaction. Its result counts only after the commit; it may be run again after a rollback.</summary>
    public abstract void Execute(WriterSession session);

    /// <summary>The commit is on the disk.</summary>
    public abstract void Succeed();

    /// <summary>Nothing of it was written, or it is not known to be.</summary>
    public abstract void Fail(Exception reason);

    /// <summary>Takes the request back if the writer has not begun with it.</summary>
    protected bool TryTakeBack() => Interlocked.CompareExchange(ref _state, TakenBack, Waiting) == Waiting;
}

/// <summary>A request whose result is awaited.</summary>
internal abstract class WriteRequest<T> : WriteRequest
{
    // Continuations run elsewhere: the writer's thread serves every book.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T? _result;

    public sealed override void Execute(WriterSession session) => _result = Write(session);

    public sealed override void Succeed() => _completion.SetResult(_result!);

    public sealed override void Fail(Exception reason) => _completion.SetException(reason);

    /// <summary>The result after the commit; cancellable while it waits.</summary>
    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var request = (WriteRequest<T>)state!;
                if (request.TryTakeBack())
                    request._completion.SetCanceled(token);
            },
            this).ConfigureAwait(false);
        return await _completion.Task.ConfigureAwait(false);
    }

    protected abstract T Write(WriterSession session);
}

/// <summary>A write given as a function of the session.</summary>
/// <param name="argument">What it writes.</param>
/// <param name="write">How it writes it.</param>
/// <param name="bytes">How much it writes, where that may be much: a commit takes in only so much.</param>
internal sealed class WriteRequest<TArgument, T>(TArgument argument, Func<WriterSession, TArgument, T> write, long bytes = 0) : WriteRequest<T>
{
    // A booking takes about 1 KiB with its event, reply and indexes.
    public override int Weight => 1 + (int)(bytes >> 10);

    protected override T Write(WriterSession session) => write(session, argument);
}
