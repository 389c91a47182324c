using Npgsql;

namespace RiskGrid.Ledger.Postgres;

/// <summary>One transaction that writes.</summary>
/// <param name="Connection">Its connection.</param>
internal sealed record WriteSession(NpgsqlConnection Connection)
{
    /// <summary>Set before the statements are sent of which the last one is the commit: from then on a broken connection leaves it open whether
    /// anything was written.</summary>
    public bool IsCommitting { get; set; }
}

/// <summary>The connections of one ledger, for a bounded number of reads and of writes at a time, and what is done when one of them fails.</summary>
/// <remarks>After a restart of the server every connection that waits in the pool is dead: the first failure empties the pool, and what failed is
/// tried again on a new connection as long as it can't have written anything.</remarks>
internal sealed class ConnectionPool : IAsyncDisposable
{
    private const int Attempts = 3;
    private const int ConflictAttempts = 20;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _readers;
    private readonly SemaphoreSlim _writers;
    private volatile bool _closed;

    public ConnectionPool(PostgresAddress address, PostgresLedgerOptions options)
    {
        Ledger = address.Description;
        _readers = new SemaphoreSlim(options.Readers);
        _writers = new SemaphoreSlim(options.Writers);
        var connection = address.Connection;
        connection.ApplicationName = "riskgrid";
        connection.MaxPoolSize = options.Readers + options.Writers;
        connection.Timeout = Seconds(options.ConnectTimeout);
        connection.CommandTimeout = Seconds(options.CommandTimeout);
        connection.MaxAutoPrepare = 100;
        connection.AutoPrepareMinUsages = 2;

        // Nothing here changes a session, so there is nothing to reset.
        connection.NoResetOnClose = true;

        // Acknowledged means durable, whatever the server's default.
        connection.Options = $"-c synchronous_commit=on -c lock_timeout={options.LockTimeout.TotalMilliseconds:0} "
            + $"-c idle_in_transaction_session_timeout={options.SilenceTimeout.TotalMilliseconds:0}";
        _source = new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
    }

    /// <summary>The ledger's address without its password.</summary>
    public string Ledger { get; }

    /// <summary>Reads; may be done again on another connection.</summary>
    public Task<T> ReadAsync<TArgument, T>(
        TArgument argument, Func<NpgsqlConnection, TArgument, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        UseAsync(_readers, (argument, read), static (session, what, token) => what.read(session.Connection, what.argument, token), cancellationToken);

    /// <summary>Writes in one transaction; may be done again while it has not begun to commit, and when it lost against another transaction.</summary>
    public Task<T> WriteAsync<TArgument, T>(
        TArgument argument, Func<WriteSession, TArgument, CancellationToken, Task<T>> write, CancellationToken cancellationToken) =>
        UseAsync(_writers, argument, write, cancellationToken);

    /// <summary>A connection for the caller's own transaction, given back by disposing it.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(PostgresLedger));
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failed) when (PostgresFailure.IsOfTheStore(failed))
        {
            throw PostgresFailure.ToLedgerException(failed, Ledger);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private async Task<T> UseAsync<TArgument, T>(
        SemaphoreSlim room, TArgument argument, Func<WriteSession, TArgument, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(PostgresLedger));
        await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                ObjectDisposedException.ThrowIf(_closed, typeof(PostgresLedger));
                var session = default(WriteSession);
                try
                {
                    await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                    session = new WriteSession(connection);
                    return await use(session, argument, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception failed) when (MayTryAgain(failed, session, attempt))
                {
                    if (PostgresFailure.IsOfTheConnection(failed))
                        _source.Clear();
                }
                catch (Exception failed) when (PostgresFailure.IsOfTheStore(failed))
                {
                    throw PostgresFailure.ToLedgerException(failed, Ledger);
                }
            }
        }
        finally
        {
            room.Release();
        }
    }

    // Without a session not even a connection could be made: that is no matter of an old one.
    private static bool MayTryAgain(Exception failed, WriteSession? session, int attempt) =>
        session is not null
        && ((PostgresFailure.IsConflict(failed) && attempt < ConflictAttempts)
            || (PostgresFailure.IsOfTheConnection(failed) && !session.IsCommitting && attempt < Attempts
                && failed.InnerException is not TimeoutException));
}
