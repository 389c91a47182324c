using RiskGrid.Model;
using SQLitePCL;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The writer's connection: its transaction, the recording times and the statements of the books. Used by the writer's thread only.</summary>
internal sealed class WriterSession
{
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _readBook;
    private readonly Statement _setSequence;

    public WriterSession(Connection connection, RecordingClock clock)
    {
        Connection = connection;
        Clock = clock;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _rollback = connection.Prepare("ROLLBACK");
        _readBook = connection.Prepare("SELECT epoch, sequence FROM book WHERE id = ?1");
        _setSequence = connection.Prepare("UPDATE book SET sequence = ?2 WHERE id = ?1");
        Trades = new TradeStatements(connection);
        clock.GoOnAfter(connection.Number("SELECT recorded_at FROM trade_event ORDER BY id DESC LIMIT 1") ?? long.MinValue);
    }

    public Connection Connection { get; }

    public RecordingClock Clock { get; }

    public TradeStatements Trades { get; }

    public bool InTransaction => Connection.InTransaction;

    /// <summary>Rows written since the connection was opened.</summary>
    public int Changes => raw.sqlite3_total_changes(Connection.Database);

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void Rollback()
    {
        Connection.ResetStatements();
        _rollback.Run();
    }

    /// <inheritdoc cref="RecordingClock.Next"/>
    public long NextRecordingTime() => Clock.Next();

    /// <summary>The epoch and sequence of a book; zeros when it was never written to or taken.</summary>
    public (long Epoch, long Sequence) ReadBook(NodeId book)
    {
        _readBook.Bind(1, book.Value);
        if (!_readBook.Step())
            return (0, 0);
        var state = (_readBook.Int64(0), _readBook.Int64(1));
        _readBook.Reset();
        return state;
    }

    public long TakeEpoch(NodeId book)
    {
        var statement = Connection.Prepare(
            "INSERT INTO book (id, epoch) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
        return statement.Bind(1, book.Value).RunForOne();
    }

    public void SetSequence(NodeId book, long sequence) => _setSequence.Bind(1, book.Value).Bind(2, sequence).Run();

    /// <summary>Carries the log into the file and closes.</summary>
    public void Close()
    {
        try
        {
            Connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteFailure)
        {
            // Everything acknowledged is in the log; the next opening reads it there.
        }

        Connection.Dispose();
    }

    /// <summary>Rolls back what is open and closes.</summary>
    public void Abandon()
    {
        try
        {
            if (InTransaction)
                Rollback();
        }
        finally
        {
            Connection.Dispose();
        }
    }
}
