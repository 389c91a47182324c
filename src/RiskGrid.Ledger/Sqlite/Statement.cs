using System.Text;
using RiskGrid.Ledger.Rows;
using SQLitePCL;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>A prepared statement that is used again and again without allocating: the booking path runs five of them per trade.</summary>
/// <remarks>Not thread-safe: it belongs to its connection's user. Parameters are numbered from 1, columns from 0.</remarks>
internal sealed class Statement : IDisposable, IStoredRow
{
    private const int ShortText = 128;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _handle;
    private readonly string _sql;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        _sql = sql;
        var code = raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _handle);
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(database, code, $"preparing: {sql}");
    }

    public Statement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_handle, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_handle, parameter, number) : raw.sqlite3_bind_null(_handle, parameter));
        return this;
    }

    public Statement Bind(int parameter, string? text)
    {
        if (text is null)
        {
            return BindNull(parameter);
        }
        else if (text.Length is 0 or > ShortText)
        {
            Check(raw.sqlite3_bind_text(_handle, parameter, text));
        }
        else
        {
            Span<byte> utf8 = stackalloc byte[ShortText * 3];
            Check(raw.sqlite3_bind_text(_handle, parameter, utf8[..Encoding.UTF8.GetBytes(text, utf8)]));
        }

        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> blob)
    {
        // A span of no bytes would become NULL.
        Check(blob.IsEmpty ? raw.sqlite3_bind_zeroblob(_handle, parameter, 0) : raw.sqlite3_bind_blob(_handle, parameter, blob));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(_handle, parameter));
        return this;
    }

    /// <summary>Moves to the next row; false after the last, and then the statement is ready to be bound again.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
        {
            Reset();
            return false;
        }

        var failure = SqliteFailure.Of(_database, code, $"running: {_sql}");
        Reset();
        throw failure;
    }

    /// <summary>Runs to the end, past any rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Runs to the end and returns the first column of the row that it always has.</summary>
    public long RunForOne()
    {
        if (!Step())
            throw new InvalidOperationException($"A statement that always returns a row returned none: {_sql}");
        var value = Int64(0);

        // To the end: a RETURNING statement that is reset early still holds its table.
        Run();
        return value;
    }

    // Reset repeats the error of the last step, which Step has thrown already.
    public void Reset() => _ = raw.sqlite3_reset(_handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_handle, column));

    /// <summary>The bytes of a column, valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_handle, column);

    public void Dispose() => _handle.Dispose();

    private void Check(int code)
    {
        if (code == raw.SQLITE_OK)
            return;
        var failure = SqliteFailure.Of(_database, code, $"binding: {_sql}");
        Reset();
        throw failure;
    }
}
