using System.Collections.Concurrent;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The read connections of a ledger. Each read sees one committed state from its first row to its last, and never waits for the
/// writer.</summary>
internal sealed class ReaderPool(string path, SqliteLedgerOptions options) : IAsyncDisposable
{
    private readonly ConcurrentBag<Connection> _idle = [];
    private readonly SemaphoreSlim _free = new(options.Readers);
    private volatile bool _closing;

    /// <summary>Runs a read on a connection of its own, off the caller's thread.</summary>
    /// <exception cref="LedgerUnavailableException">The store failed.</exception>
    public async Task<T> ReadAsync<TArgument, T>(
        TArgument argument, Func<Connection, TArgument, CancellationToken, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing, typeof(SqliteLedger));
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closing, typeof(SqliteLedger));
            return await Task.Run(() => Read(argument, read, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads that run and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing)
            return;
        _closing = true;
        for (var i = 0; i < options.Readers; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var connection))
            connection.Dispose();
        _free.Release(options.Readers);
    }

    private T Read<TArgument, T>(
        TArgument argument, Func<Connection, TArgument, CancellationToken, T> read, CancellationToken cancellationToken)
    {
        Connection? connection = null;
        try
        {
            if (!_idle.TryTake(out connection))
                connection = Connection.Open(path, options, writer: false);
            connection.Execute("BEGIN");
            var result = read(connection, argument, cancellationToken);
            connection.Execute("COMMIT");
            _idle.Add(connection);
            return result;
        }
        catch (Exception failed)
        {
            // Statements may stand in the middle of their rows: a new connection is cheaper than finding out.
            connection?.Dispose();
            if (failed is SqliteFailure store)
                throw store.ToLedgerException(path);
            throw;
        }
    }
}
