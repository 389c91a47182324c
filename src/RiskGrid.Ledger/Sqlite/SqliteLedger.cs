using NodaTime;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The embedded ledger: one SQLite file with a write-ahead log, one group-commit writer, readers beside it.</summary>
/// <remarks>Thread-safe. Durable at each acknowledgement (<c>synchronous=FULL</c>). One process may have the file open; its lock is the file
/// beside it with the ending <c>.lock</c>. Writes of one caller are in effect for its next read.</remarks>
public sealed partial class SqliteLedger : ILedger
{
    /// <summary>Opens a ledger in a file of its own that is deleted on closing.</summary>
    public const string Temporary = ":memory:";

    private readonly GroupCommitWriter _writer;
    private readonly ReaderPool _readers;
    private readonly LedgerFileLock _lock;
    private readonly TimeProvider _clock;
    private readonly string? _temporaryFolder;
    private int _closed;

    // Up to here reading as of a time has been found settled.
    private long _settled = long.MinValue;

    private SqliteLedger(
        string path, TimeProvider clock, GroupCommitWriter writer, ReaderPool readers, LedgerFileLock fileLock, string? temporaryFolder)
    {
        Path = path;
        _clock = clock;
        _writer = writer;
        _readers = readers;
        _lock = fileLock;
        _temporaryFolder = temporaryFolder;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens a ledger, makes it where there is none, and brings its schema up to date.</summary>
    /// <param name="path">The file, or <see cref="Temporary"/>.</param>
    /// <param name="clock">The store's clock, which stamps events.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; what was begun on the file is finished.</param>
    /// <exception cref="LedgerUnavailableException">Another process has it open, or the file can't be made.</exception>
    /// <exception cref="LedgerFormatException">The file is no ledger, is newer than this build, or was made by changed migrations.</exception>
    public static Task<SqliteLedger> OpenAsync(
        string path, TimeProvider clock, SqliteLedgerOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(clock);
        return Task.Run(() => Open(path, clock, options ?? new SqliteLedgerOptions(), SchemaMigrations.Embedded), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Instant> ReadClockAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, this);
        return Task.FromResult(Instant.FromDateTimeOffset(_clock.GetUtcNow()));
    }

    /// <inheritdoc/>
    public Task<long> TakeEpochAsync(NodeId book, CancellationToken cancellationToken)
    {
        ReadRules.CheckBook(book);
        return WriteAsync(book, static (session, id) => session.TakeEpoch(id), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReadRules.CheckBook(batch.Book);
        return _writer.WriteAsync(new AppendRequest(batch), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> PutHierarchyAsync(Hierarchy hierarchy, long expectedVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hierarchy);
        return WriteAsync((HierarchyCodec.Encode(hierarchy), expectedVersion), PutHierarchy, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task PutSnapshotAsync(MarketSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var row = (snapshot.Hash, Valuation: snapshot.Valuation.ToUnixTimeTicks(), Content: SnapshotCodec.Encode(snapshot));
        await WriteAsync(row, PutSnapshot, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task KeepMarketAsync(NodeId market, long epoch, MarketSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var row = new KeptMarket(market, epoch, snapshot.Hash, SnapshotCodec.Encode(snapshot));
        var current = await WriteAsync(row, KeepMarket, cancellationToken).ConfigureAwait(false);
        if (current != epoch)
            throw new EpochLostException(market, epoch, current);
    }

    /// <summary>Makes every derived table anew from the events: the live trades and the sequences of the books. Epochs are no lower after it.</summary>
    /// <returns>How many events were read and how many rows came out different; 0 says that nothing was amiss.</returns>
    /// <exception cref="LedgerUnavailableException">The store failed; nothing was changed.</exception>
    public Task<RebuildReport> RebuildAsync(CancellationToken cancellationToken) =>
        WriteAsync(0, static (session, _) => DerivedTables.Rebuild(session.Connection), cancellationToken);

    /// <summary>Finishes the commit that runs, refuses what waits, carries the log into the file and frees the file's lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _readers.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _lock.Dispose();
        if (_temporaryFolder is not null)
            Directory.Delete(_temporaryFolder, recursive: true);
    }

    /// <summary>Opens with other migrations than the embedded ones: how a test makes an older or a changed file.</summary>
    internal static SqliteLedger Open(string path, TimeProvider clock, SqliteLedgerOptions options, IReadOnlyList<Migration> migrations)
    {
        string? temporaryFolder = null;
        if (string.Equals(path, Temporary, StringComparison.Ordinal))
        {
            temporaryFolder = Directory.CreateTempSubdirectory("riskgrid-ledger-").FullName;
            path = System.IO.Path.Combine(temporaryFolder, "ledger.db");
        }

        path = System.IO.Path.GetFullPath(path);
        LedgerFileLock? fileLock = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            fileLock = LedgerFileLock.Take(path);
            var recording = new RecordingClock(clock);
            var writer = new GroupCommitWriter(path, options, () => OpenSession(path, clock, recording, options, migrations));
            return new SqliteLedger(path, clock, writer, new ReaderPool(path, options), fileLock, temporaryFolder);
        }
        catch (Exception failed)
        {
            fileLock?.Dispose();
            switch (failed)
            {
                case SqliteFailure store:
                    throw store.ToLedgerException(path);
                case IOException or UnauthorizedAccessException:
                    throw new LedgerUnavailableException($"The ledger {path} can't be made: {failed.Message}", failed);
                default:
                    throw;
            }
        }
    }

    private static WriterSession OpenSession(
        string path, TimeProvider clock, RecordingClock recording, SqliteLedgerOptions options, IReadOnlyList<Migration> migrations)
    {
        var connection = Connection.Open(path, options, writer: true);
        try
        {
            SchemaMigrations.Apply(connection, path, migrations, Instant.FromDateTimeOffset(clock.GetUtcNow()).ToUnixTimeTicks());
            return new WriterSession(connection, recording);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static long PutHierarchy(WriterSession session, (byte[] Content, long Expected) put)
    {
        // Only the newest counts as "the same": going back to an older tree is a new version.
        var newest = session.Connection.Prepare("SELECT version, content FROM hierarchy ORDER BY version DESC LIMIT 1");
        long version = 0;
        if (newest.Step())
        {
            version = newest.Int64(0);
            var same = newest.Blob(1).SequenceEqual(put.Content);
            newest.Reset();
            if (same)
                return version;
        }

        if (version != put.Expected)
            throw new HierarchyChangedException(put.Expected, version);
        session.Connection.Prepare("INSERT INTO hierarchy (version, content, recorded_at) VALUES (?1, ?2, ?3)")
            .Bind(1, version + 1).Bind(2, put.Content.AsSpan()).Bind(3, session.NextRecordingTime()).Run();
        return version + 1;
    }

    private static bool PutSnapshot(WriterSession session, (string Hash, long Valuation, byte[] Content) row)
    {
        session.Connection.Prepare(
            "INSERT INTO snapshot (hash, valuation, content, recorded_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO NOTHING")
            .Bind(1, row.Hash).Bind(2, row.Valuation).Bind(3, row.Content.AsSpan()).Bind(4, session.NextRecordingTime()).Run();
        return true;
    }

    // Returns the epoch in force; writes only under it.
    private static long KeepMarket(WriterSession session, KeptMarket row)
    {
        var held = session.Connection.Prepare("SELECT epoch FROM book WHERE id = ?1").Bind(1, row.Market.Value);
        var epoch = held.Step() ? held.Int64(0) : 0;
        held.Reset();
        if (epoch == row.Epoch)
        {
            session.Connection.Prepare(
                "INSERT INTO market (id, hash, content, recorded_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, content = excluded.content, recorded_at = excluded.recorded_at")
                .Bind(1, row.Market.Value).Bind(2, row.Hash).Bind(3, row.Content.AsSpan()).Bind(4, session.NextRecordingTime()).Run();
        }

        return epoch;
    }

    private Task<T> WriteAsync<TArgument, T>(
        TArgument argument, Func<WriterSession, TArgument, T> write, CancellationToken cancellationToken, long bytes = 0) =>
        _writer.WriteAsync(new WriteRequest<TArgument, T>(argument, write, bytes), cancellationToken);

    private sealed record KeptMarket(NodeId Market, long Epoch, string Hash, byte[] Content);
}
