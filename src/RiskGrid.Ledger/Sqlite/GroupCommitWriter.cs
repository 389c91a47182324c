using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The one writer of a ledger file: a thread that commits everything that waits in one transaction, with a savepoint per request,
/// so that one flush of the disk serves many books and one book's lost epoch fails nobody else.</summary>
/// <remarks>Nobody is answered before the commit has returned. When the store fails, the whole group is rolled back and told so, and the next
/// group begins on a new connection.</remarks>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    private readonly ConcurrentQueue<WriteRequest> _queue = new();
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly SemaphoreSlim _room;
    private readonly int _maxWeight;
    private readonly string _path;
    private readonly Func<WriterSession> _open;
    private readonly List<WriteRequest> _group = [];
    private readonly List<Exception?> _failures = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Null after the store failed, until a new one could be opened. Touched by the writer's thread only.
    private WriterSession? _session;
    private volatile bool _closing;

    public GroupCommitWriter(string path, SqliteLedgerOptions options, Func<WriterSession> open)
    {
        _path = path;
        _open = open;
        _maxWeight = options.MaxCommandsPerCommit;
        _room = new SemaphoreSlim(options.MaxWaitingRequests);
        _session = open();
        new Thread(Loop) { IsBackground = true, Name = "ledger writer" }.Start();
    }

    /// <summary>Queues a request, waiting for room while too many wait, and returns its result after the commit.</summary>
    public async Task<T> WriteAsync<T>(WriteRequest<T> request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        _queue.Enqueue(request);
        _waiting.Release();

        // Looked at after enqueueing: either this sees the closing or the closing writer sees the request.
        if (_closing)
            FailWaiting();
        return await request.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_closing)
        {
            _closing = true;
            _waiting.Release();
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private void Loop()
    {
        while (!_closing)
        {
            _waiting.Wait();
            TakeGroup();
            if (_group.Count > 0)
                CommitGroup();
        }

        FailWaiting();
        _session?.Close();
        _session = null;
        _ended.SetResult();
    }

    /// <summary>The requests that wait now, up to the weight of one commit and at least one.</summary>
    private void TakeGroup()
    {
        _group.Clear();
        _failures.Clear();
        var weight = 0;
        do
        {
            // The wake-up of the closing comes without a request.
            if (!_queue.TryDequeue(out var request))
                break;
            _room.Release();
            if (!request.TryBegin())
                continue;
            _group.Add(request);
            _failures.Add(null);
            weight += request.Weight;
        }
        while (weight < _maxWeight && _waiting.Wait(0));
    }

    private void CommitGroup()
    {
        try
        {
            _session ??= _open();
            _session.Begin();
            for (var i = 0; i < _group.Count; i++)
                _failures[i] = Execute(_session, _group[i]);
            _session.Commit();
        }
        catch (Exception failed)
        {
            DropSession();
            var reason = failed is SqliteFailure store ? store.ToLedgerException(_path) : failed;

            // Also to those that were refused in it: what they were refused for (another's new epoch) was rolled back as well.
            foreach (var request in _group)
                request.Fail(reason);
            return;
        }

        for (var i = 0; i < _group.Count; i++)
        {
            if (_failures[i] is { } reason)
                _group[i].Fail(reason);
            else
                _group[i].Succeed();
        }
    }

    /// <summary>Runs one request in its savepoint; what it threw when that is its own affair. A failure of the store fails the group.</summary>
    private Exception? Execute(WriterSession session, WriteRequest request)
    {
        session.Savepoint();
        try
        {
            request.Execute(session);
            session.Release();
            return null;
        }
        catch (SqliteFailure failed) when (!failed.IsOfTheRow || !session.InTransaction)
        {
            throw;
        }
        catch (Exception failed)
        {
            session.RollbackToSavepoint();
            return failed is SqliteFailure row ? row.ToLedgerException(_path) : ExceptionDispatchInfo.SetCurrentStackTrace(failed);
        }
    }

    private void DropSession()
    {
        try
        {
            _session?.Abandon();
        }
        catch (SqliteFailure)
        {
            // The file is closed either way, and closing rolls back.
        }

        _session = null;
    }

    private void FailWaiting()
    {
        while (_queue.TryDequeue(out var request))
        {
            _room.Release();
            if (request.TryBegin())
                request.Fail(new ObjectDisposedException(nameof(SqliteLedger), $"The ledger {_path} is closed; nothing was written."));
        }
    }
}
