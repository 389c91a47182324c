using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>An open connection and its prepared statements. Not thread-safe.</summary>
internal sealed class Connection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private Connection(SqliteConnection connection)
    {
        _connection = connection;
        Database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
    }

    public sqlite3 Database { get; }

    /// <summary>True while a transaction is open; SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <exception cref="SqliteFailure">The file can't be opened, or is not a database.</exception>
    public static Connection Open(string path, SqliteLedgerOptions options, bool writer)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = writer ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            var opened = new Connection(connection);
            _ = raw.sqlite3_busy_timeout(opened.Database, (int)options.BusyTimeout.TotalMilliseconds);
            opened.Execute("PRAGMA foreign_keys=ON");
            opened.Execute("PRAGMA temp_store=MEMORY");
            if (writer)
                opened.PrepareToWrite(options);
            else
                opened.Execute("PRAGMA query_only=ON");
            return opened;
        }
        catch (SqliteException failed)
        {
            connection.Dispose();
            throw new SqliteFailure(failed.SqliteErrorCode, $"{failed.Message} while opening");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The statement for this text, prepared once.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements.Add(sql, statement = new Statement(Database, sql));
        return statement;
    }

    /// <summary>Makes every statement ready to be bound again, wherever a failure left it.</summary>
    public void ResetStatements()
    {
        foreach (var statement in _statements.Values)
            statement.Reset();
    }

    /// <summary>Runs one statement for its effect.</summary>
    public void Execute(string sql) => Prepare(sql).Run();

    /// <summary>Runs a script of several statements.</summary>
    public void ExecuteScript(string sql)
    {
        var code = raw.sqlite3_exec(Database, sql);
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(Database, code, "running a script");
    }

    /// <summary>The first column of the first row; null when there is no row or it is null.</summary>
    public long? Number(string sql)
    {
        var statement = Prepare(sql);
        long? value = statement.Step() && !statement.IsNull(0) ? statement.Int64(0) : null;
        statement.Reset();
        return value;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _connection.Dispose();
    }

    private void PrepareToWrite(SqliteLedgerOptions options)
    {
        var mode = Prepare("PRAGMA journal_mode=WAL");
        var isWal = mode.Step() && string.Equals(mode.Text(0), "wal", StringComparison.Ordinal);
        mode.Reset();
        if (!isWal)
            throw new SqliteFailure(raw.SQLITE_CANTOPEN, "the file system can't hold a write-ahead log");

        // FULL: a commit returns when its log is on the disk. Acknowledged means durable.
        Execute("PRAGMA synchronous=FULL");
        Execute($"PRAGMA wal_autocheckpoint={options.CheckpointPages}");
        Execute($"PRAGMA cache_size=-{options.WriterCacheKiB}");
        Execute("PRAGMA journal_size_limit=67108864");
    }
}
