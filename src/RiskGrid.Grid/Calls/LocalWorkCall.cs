using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>A work item as its sender sees it: the first outcome wins.</summary>
internal sealed class LocalWorkCall<TReply> : WorkCall
    where TReply : class, IMessage<TReply>, new()
{
    private static readonly MessageParser<TReply> Parser = new(() => new TReply());
    private readonly TaskCompletionSource<TReply> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalWorkCall(string kind, IMessage request, CancellationToken cancellationToken)
        : base(kind, request) => CancellationToken = cancellationToken;

    public override MessageParser ReplyParser => Parser;

    public override CancellationToken CancellationToken { get; }

    public static async Task<TReply> RunAsync(IGridEngine engine, string kind, IMessage request, TimeProvider time, CancellationToken cancellationToken)
    {
        var call = new LocalWorkCall<TReply>(kind, request, cancellationToken) { Trace = CallTrace.Send(kind, "run", null, time) };
        using var registration = cancellationToken.UnsafeRegister(
            static (self, token) => ((LocalWorkCall<TReply>)self!)._completion.TrySetCanceled(token), call);
        try
        {
            await engine.RunAsync(call).ConfigureAwait(false);
            var reply = await call._completion.Task.ConfigureAwait(false);
            call.Trace?.EndSent(null);
            return reply;
        }
        catch (Exception failure)
        {
            call.Trace?.EndSent(failure);
            throw;
        }
    }

    public override void Complete(IMessage reply)
    {
        if (reply is TReply typed)
        {
            _completion.TrySetResult(typed);
            return;
        }

        Fail(Faults.Describe(
            new InvalidCastException($"Work of kind '{Kind}' returned {reply.GetType().Name}, not {typeof(TReply).Name}.")));
    }

    public override void Fail(GridException error) => _completion.TrySetException(error);
}
