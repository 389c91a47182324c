using System.Collections.Concurrent;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The one writer of a ledger file: a thread that commits everything that waits in one transaction, so that one flush of the
/// disk serves many books; one book's lost epoch fails nobody else.</summary>
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

    /// <summary>Commits the group in one transaction; where a request fails after it has written, each in one of its own.</summary>
    /// <remarks>A savepoint per request would do the same and costs a copy of every page that it touches: a third of the time of a large
    /// batch. Failures after a write are defects, so trying again is never the usual way.</remarks>
    private void CommitGroup()
    {
        if (TryCommit(0, _group.Count, alone: _group.Count == 1))
            return;
        for (var i = 0; i < _group.Count; i++)
            _ = TryCommit(i, 1, alone: true);
    }

    /// <summary>Executes, commits and answers some requests of the group. False, with everything rolled back and nobody answered, when one of
    /// several has to be tried alone.</summary>
    private bool TryCommit(int first, int count, bool alone)
    {
        try
        {
            _session ??= _open();
            _session.Begin();
            for (var i = first; i < first + count; i++)
            {
                _failures[i] = Execute(_session, _group[i], out var hasWritten);
                if (!hasWritten || _failures[i] is null)
                    continue;
                _session.Rollback();
                if (alone)
                    Answer(first, count);
                return alone;
            }

            _session.Commit();
        }
        catch (Exception failed)
        {
            DropSession();
            var reason = failed is SqliteFailure store ? store.ToLedgerException(_path) : failed;

            // Also to those that were refused in it: what they were refused for (another's new epoch) was rolled back as well.
            for (var i = first; i < first + count; i++)
                _group[i].Fail(reason);
            return true;
        }

        Answer(first, count);
        return true;
    }

    private void Answer(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            if (_failures[i] is { } reason)
                _group[i].Fail(reason);
            else
                _group[i].Succeed();
        }
    }

    /// <summary>Runs one request; what it threw when that is its own affair. A failure of the store is thrown on: it fails the group.</summary>
    private Exception? Execute(WriterSession session, WriteRequest request, out bool hasWritten)
    {
        var changesBefore = session.Changes;
        hasWritten = false;
        try
        {
            request.Execute(session);
            return null;
        }
        catch (SqliteFailure failed) when (!failed.IsOfTheRow || !session.InTransaction)
        {
            throw;
        }
        catch (Exception failed)
        {
            hasWritten = session.Changes != changesBefore;
            return failed is SqliteFailure row ? row.ToLedgerException(_path) : failed;
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
