using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>The writer's statements on trades and commands.</summary>
internal sealed class TradeStatements(Connection connection) : IBatchStore
{
    private readonly Connection _connection = connection;
    private readonly Statement _findCommand = connection.Prepare("SELECT request_hash, reply FROM command WHERE command_id = ?1");
    private readonly Statement _addCommand =
        connection.Prepare("INSERT INTO command (command_id, request_hash, reply, recorded_at) VALUES (?1, ?2, ?3, ?4)");

    private readonly Statement _findHead =
        connection.Prepare("SELECT version, kind, book FROM trade_event WHERE trade_id = ?1 ORDER BY version DESC LIMIT 1");

    private readonly Statement _readPayload = connection.Prepare("SELECT payload FROM trade_event WHERE trade_id = ?1 AND version = ?2");
    private readonly Statement _addEvent = connection.Prepare(
        """
        INSERT INTO trade_event (trade_id, version, book, book_sequence, from_book, from_book_sequence, epoch, command_id, kind, valid_at,
                                 recorded_at, payload, author)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """);

    private readonly Statement _addLive =
        connection.Prepare("INSERT INTO trade (book, trade_id, version, event_id) VALUES (?1, ?2, ?3, ?4)");

    private readonly Statement _updateLive =
        connection.Prepare("UPDATE trade SET version = ?3, event_id = ?4 WHERE book = ?1 AND trade_id = ?2");

    private readonly Statement _removeLive = connection.Prepare("DELETE FROM trade WHERE book = ?1 AND trade_id = ?2");

    private readonly Statement _ensureBook = connection.Prepare("INSERT INTO book (id) VALUES (?1) ON CONFLICT DO NOTHING");
    private readonly Statement _nextSequence = connection.Prepare("UPDATE book SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence");

    public (ReadOnlyMemory<byte> RequestHash, byte[] Reply)? FindReply(CommandId id)
    {
        _findCommand.Bind(1, id.Value);
        if (!_findCommand.Step())
            return null;
        var found = (_findCommand.Blob(0).ToArray(), _findCommand.Blob(1).ToArray());
        _findCommand.Reset();
        return found;
    }

    public void AddReply(CommandId id, byte[] requestHash, byte[] reply, Instant recordedAt) =>
        _addCommand.Bind(1, id.Value).Bind(2, requestHash.AsSpan()).Bind(3, reply.AsSpan()).Bind(4, recordedAt.ToUnixTimeTicks()).Run();

    public TradeHead? FindHead(TradeId trade)
    {
        _findHead.Bind(1, trade.Value);
        if (!_findHead.Step())
            return null;
        var head = new TradeHead(_findHead.Int64(0), (TradeEventKind)_findHead.Int64(1), NodeId.Parse(_findHead.Text(2)));
        _findHead.Reset();
        return head;
    }

    public ReadOnlyMemory<byte> ReadPayload(TradeId trade, long version)
    {
        _readPayload.Bind(1, trade.Value).Bind(2, version);
        var payload = _readPayload.Step() ? _readPayload.Blob(0).ToArray() : throw new InvalidOperationException("An event vanished.");
        _readPayload.Reset();
        return payload;
    }

    public long NextSequence(NodeId book)
    {
        _ensureBook.Bind(1, book.Value).Run();
        return _nextSequence.Bind(1, book.Value).RunForOne();
    }

    /// <summary>Adds an event and keeps the live trades in step with it.</summary>
    public void Add(TradeEvent added, ReadOnlyMemory<byte> payload)
    {
        var trade = added.Trade.Id.Value;
        _addEvent.Bind(1, trade).Bind(2, added.Trade.Version).Bind(3, added.Book.Value).Bind(4, added.BookSequence)
            .Bind(5, added.FromBook?.Value).Bind(6, added.FromBookSequence).Bind(7, added.Epoch).Bind(8, added.CommandId.Value)
            .Bind(9, (long)added.Kind).Bind(10, added.ValidAt.ToUnixTimeTicks()).Bind(11, added.RecordedAt.ToUnixTimeTicks())
            .Bind(12, payload.Span).Bind(13, added.Author).Run();
        var eventId = SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Database);

        if (added.Kind == TradeEventKind.Cancelled)
        {
            _removeLive.Bind(1, added.Book.Value).Bind(2, trade).Run();
            return;
        }

        if (added.FromBook is { } left)
            _removeLive.Bind(1, left.Value).Bind(2, trade).Run();
        var live = added.Kind == TradeEventKind.Booked || added.FromBook is not null ? _addLive : _updateLive;
        live.Bind(1, added.Book.Value).Bind(2, trade).Bind(3, added.Trade.Version).Bind(4, eventId).Run();
    }
}
