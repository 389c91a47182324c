using System.Collections.Frozen;
using System.Diagnostics;
using Google.Protobuf;

namespace RiskGrid.Grid;

/// <summary>How one kind of work is read and done.</summary>
internal sealed record WorkHandler(string Kind, MessageParser Parser, Func<IMessage, CancellationToken, Task<IMessage>> RunAsync);

/// <summary>Runs work items, a few at a time, the others in a bounded queue.</summary>
internal sealed class WorkHost(Silo silo, IEnumerable<WorkHandler> handlers)
{
    private readonly FrozenDictionary<string, WorkHandler> _handlers = handlers.ToFrozenDictionary(h => h.Kind);
    private readonly Lock _gate = new();
    private readonly Queue<(WorkHandler Handler, WorkCall Work)> _waiting = [];
    private TaskCompletionSource? _ended;
    private int _running;

    public IReadOnlyList<string> Kinds => [.. _handlers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Items that run or wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _running + _waiting.Count;
        }
    }

    public WorkHandler? Find(string kind) => _handlers.GetValueOrDefault(kind);

    public GridException? Deliver(WorkCall work)
    {
        if (Find(work.Kind) is not { } handler)
            return new GrainNotHostedException($"No handler for work of kind '{work.Kind}' is here: add it with SiloBuilder.AddWork.");
        if (!silo.MayActivate)
            return Silo.Stopping();
        lock (_gate)
        {
            if (_running >= silo.Options.WorkConcurrency)
            {
                if (_waiting.Count >= silo.Options.WorkQueueLimit)
                    return new GrainOverloadedException($"{_waiting.Count} work items are waiting; one of kind '{work.Kind}' was refused.");
                _waiting.Enqueue((handler, work));
                return null;
            }

            _running++;
        }

        _ = Task.Run(() => RunAllAsync(handler, work));
        return null;
    }

    /// <summary>Completes when nothing runs or waits; true when there was anything.</summary>
    public async Task<bool> EndAllAsync(CancellationToken cancellationToken)
    {
        Task ended;
        lock (_gate)
        {
            if (_running == 0)
                return false;
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ended = _ended.Task;
        }

        await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task RunAllAsync(WorkHandler handler, WorkCall work)
    {
        while (true)
        {
            await RunOneAsync(handler, work).ConfigureAwait(false);
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out var next))
                {
                    if (--_running == 0)
                    {
                        _ended?.TrySetResult();
                        _ended = null;
                    }

                    return;
                }

                (handler, work) = next;
            }
        }
    }

    private static async Task RunOneAsync(WorkHandler handler, WorkCall work)
    {
        // The item's span is the current one, or none: not what was current when this loop began.
        Activity.Current = work.Trace?.BeginTurn(work.Kind, "run", null);
        try
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            var reply = await handler.RunAsync(work.Request, work.CancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The handler of work kind '{work.Kind}' returned null instead of a reply.");
            work.Trace?.EndTurn(work.Kind, "run", null);
            work.Complete(reply);
        }
#pragma warning disable CA1031 // Whatever a handler throws is its outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            work.Trace?.EndTurn(work.Kind, "run", exception);
            work.Fail(Faults.Describe(exception));
        }
    }
}
