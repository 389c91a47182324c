using NodaTime;
using Npgsql;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <summary>The ledger of a cluster: one PostgreSQL database, to which many silos write at the same time.</summary>
/// <remarks>
/// <para>Thread-safe. Durable at each acknowledgement (<c>synchronous_commit=on</c>). The fence is the row of the book: who writes to a book holds
/// it from the check of the epoch until the commit, and taking the epoch waits for that.</para>
/// <para>Recording times come from the server's clock and are given out one after the other, so that they are unique and grow with the sequences
/// of each book. Books commit beside each other, so one with an earlier time may become visible later; reading as of a time therefore waits
/// for the commits that took an earlier one, and later commits get later times. What was read as of a time that had come is read so for ever.</para>
/// <para>A failure whose outcome is open, such as a connection that broke while it committed, is a <see cref="LedgerUnavailableException"/>: a retry
/// with the same command ids settles it. After a restart of the server the ledger goes on by itself.</para>
/// </remarks>
public sealed partial class PostgresLedger : ILedger
{
    private const string Ticks = "(extract(epoch FROM clock_timestamp()) * 10000000)::bigint";

    private readonly ConnectionPool _pool;
    private readonly TimeProvider? _clock;

    // Up to here reading as of a time has been found settled.
    private long _settled = long.MinValue;

    private PostgresLedger(ConnectionPool pool, TimeProvider? clock)
    {
        _pool = pool;
        _clock = clock;
    }

    /// <summary>The address without its password, for people and logs.</summary>
    public string Address => _pool.Ledger;

    /// <summary>Opens a ledger in a database, makes it where that is empty, and brings its schema up to date. Several processes may do so at once.</summary>
    /// <param name="address"><c>postgres://user:password@host:port/database?sslmode=…</c></param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ValidationException">It is no such address.</exception>
    /// <exception cref="LedgerUnavailableException">The server can't be reached or refuses.</exception>
    /// <exception cref="LedgerFormatException">The database holds something else, is newer than this build, or was made by changed migrations.</exception>
    public static Task<PostgresLedger> OpenAsync(string address, PostgresLedgerOptions? options, CancellationToken cancellationToken) =>
        OpenAsync(address, options, PostgresMigrations.Embedded, cancellationToken);

    /// <inheritdoc/>
    public Task<Instant> ReadClockAsync(CancellationToken cancellationToken) =>
        _pool.ReadAsync(
            StatedTime(),
            static async (connection, stated, token) => Instant.FromUnixTimeTicks(
                stated ?? await NumberAsync(connection, $"SELECT {Ticks}", token).ConfigureAwait(false)),
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> TakeEpochAsync(NodeId book, CancellationToken cancellationToken)
    {
        ReadRules.CheckBook(book);
        return _pool.WriteAsync(
            book,
            static (session, id, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add("INSERT INTO book (id, epoch) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET epoch = book.epoch + 1 RETURNING epoch").Text(id.Value), ReadNumberAsync),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<long> PutHierarchyAsync(Hierarchy hierarchy, long expectedVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hierarchy);

        // Only the newest counts as "the same": going back to an older tree is a new version.
        var (version, isThis) = await _pool.WriteAsync(
            (Content: HierarchyCodec.Encode(hierarchy), Expected: expectedVersion, Now: StatedTime()),
            static (session, put, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add("LOCK TABLE hierarchy IN SHARE ROW EXCLUSIVE MODE")
                .Add("""
                    INSERT INTO hierarchy (version, content, recorded_at)
                    SELECT $2 + 1, $1, ledger_stamp($3) FROM hierarchy
                    HAVING coalesce(max(version), 0) = $2 AND (SELECT content FROM hierarchy ORDER BY version DESC LIMIT 1) IS DISTINCT FROM $1
                    """).Bytes(put.Content).Int64(put.Expected).Int64(put.Now)
                .Add("SELECT version, content = $1 FROM hierarchy ORDER BY version DESC LIMIT 1").Bytes(put.Content), ReadNewestAsync),
            cancellationToken).ConfigureAwait(false);
        return isThis ? version : throw new HierarchyChangedException(expectedVersion, version);

        static async Task<(long Version, bool IsThis)> ReadNewestAsync(NpgsqlDataReader reader) =>
            await reader.ReadAsync().ConfigureAwait(false) ? (reader.GetInt64(0), reader.GetBoolean(1)) : (0, false);
    }

    /// <inheritdoc/>
    public Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return _pool.WriteAsync(
            (snapshot.Hash, Valuation: snapshot.Valuation.ToUnixTimeTicks(), Content: SnapshotCodec.Encode(snapshot), Now: StatedTime()),
            static (session, put, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add("""
                    INSERT INTO snapshot (hash, valuation, content, recorded_at) VALUES ($1, $2, $3, ledger_stamp($4)) ON CONFLICT (hash) DO NOTHING
                    """).Text(put.Hash).Int64(put.Valuation).Bytes(put.Content).Int64(put.Now)),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task KeepMarketAsync(NodeId market, long epoch, MarketSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var current = await _pool.WriteAsync(
            (market, epoch, snapshot.Hash, Content: SnapshotCodec.Encode(snapshot), Now: StatedTime()),
            static (session, keep, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add("SELECT epoch FROM book WHERE id = $1 FOR SHARE").Text(keep.market.Value)
                .Add("""
                    INSERT INTO market (id, hash, content, recorded_at) SELECT id, $3, $4, ledger_stamp($5) FROM book WHERE id = $1 AND epoch = $2
                    ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, content = excluded.content, recorded_at = excluded.recorded_at
                    """).Text(keep.market.Value).Int64(keep.epoch).Text(keep.Hash).Bytes(keep.Content).Int64(keep.Now), ReadNumberAsync),
            cancellationToken).ConfigureAwait(false);
        if (current != epoch)
            throw new EpochLostException(market, epoch, current);
    }

    /// <summary>Makes every derived row anew from the events: the live trades and the sequences of the books. Epochs are no lower after it. Writers
    /// wait meanwhile.</summary>
    /// <returns>How many events were read and how many rows came out different; 0 says that nothing was amiss.</returns>
    /// <exception cref="LedgerUnavailableException">The store failed; nothing was changed.</exception>
    public Task<RebuildReport> RebuildAsync(CancellationToken cancellationToken) =>
        _pool.WriteAsync(0, static (session, _, token) => PostgresDerivedTables.RebuildAsync(session, token), cancellationToken);

    /// <summary>Closes the connections; what is under way is finished.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    /// <summary>Opens with other migrations than the embedded ones: how a test makes an older or a changed database.</summary>
    internal static async Task<PostgresLedger> OpenAsync(
        string address, PostgresLedgerOptions? options, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        options ??= new PostgresLedgerOptions();
        var pool = new ConnectionPool(PostgresAddress.Parse(address), options);
        try
        {
            await pool.WriteAsync(
                (migrations, pool.Ledger), static (session, what, token) => PostgresMigrations.ApplyAsync(session, what.Ledger, what.migrations, token),
                cancellationToken).ConfigureAwait(false);
            return new PostgresLedger(pool, options.Clock);
        }
        catch
        {
            await pool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One transaction, or its rest, in one round trip, without an answer.</summary>
    private static Task<bool> CommitAsync(WriteSession session, Action<Pipeline> add) =>
        CommitAsync(session, add, static _ => Task.FromResult(true));

    /// <summary>One transaction, or its rest, in one round trip. Durable when it returns.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="add">Adds its statements but for the commit.</param>
    /// <param name="read">Reads their answers. They count when the commit has come, after it.</param>
    private static async Task<T> CommitAsync<T>(WriteSession session, Action<Pipeline> add, Func<NpgsqlDataReader, Task<T>> read)
    {
        await using var pipeline = new Pipeline(session.Connection);
        add(pipeline);
        pipeline.Add(Pipeline.Commit);
        session.IsCommitting = true;
        await using var reader = await pipeline.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        var answer = await read(reader).ConfigureAwait(false);
        while (await reader.NextResultAsync().ConfigureAwait(false))
        {
        }

        return answer;
    }

    private static async Task<long> ReadNumberAsync(NpgsqlDataReader reader) =>
        await reader.ReadAsync().ConfigureAwait(false) ? reader.GetInt64(0) : 0;

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private long? StatedTime() => _clock is null ? null : Instant.FromDateTimeOffset(_clock.GetUtcNow()).ToUnixTimeTicks();
}
