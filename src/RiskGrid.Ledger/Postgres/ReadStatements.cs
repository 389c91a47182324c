using RiskGrid.Ledger.Rows;

namespace RiskGrid.Ledger.Postgres;

/// <summary>The statements that read books.</summary>
internal static class ReadStatements
{
    public const string Position = "SELECT id, sequence FROM book WHERE sequence > 0 ORDER BY id";

    public const string Sequence = "SELECT sequence FROM book WHERE id = $1";

    public const string NewestHierarchy = "SELECT version, content FROM hierarchy ORDER BY version DESC LIMIT 1";

    public const string LiveTrades = $"""
        SELECT {EventRow.TradeColumns} FROM trade t JOIN trade_event e ON e.trade_id = t.trade_id AND e.version = t.version
        WHERE t.book = $1 ORDER BY t.trade_id
        """;

    // Live there and then: an event of the book that no later version, known and valid by then, has overtaken.
    public const string TradesAsOf = $"""
        SELECT {EventRow.TradeColumns} FROM trade_event e
        WHERE e.book = $1 AND e.recorded_at <= $2 AND e.valid_at <= $3 AND e.kind <> 3
          AND NOT EXISTS (SELECT FROM trade_event later WHERE later.trade_id = e.trade_id AND later.version > e.version
                          AND later.recorded_at <= $2 AND later.valid_at <= $3)
        ORDER BY e.trade_id
        """;

    // Recording times grow with the sequences of a book, so the last event recorded by then has the highest.
    public const string SequenceAsOf = """
        SELECT greatest(
            (SELECT max(book_sequence) FROM trade_event WHERE book = $1 AND recorded_at <= $2),
            (SELECT max(from_book_sequence) FROM trade_event WHERE from_book = $1 AND recorded_at <= $2), 0)
        """;

    public const string BookEvents = $"""
        SELECT {EventRow.Columns}, e.book_sequence AS sequence FROM trade_event e WHERE e.book = $1 AND e.book_sequence > $2
        UNION ALL
        SELECT {EventRow.Columns}, e.from_book_sequence FROM trade_event e WHERE e.from_book = $1 AND e.from_book_sequence > $2
        ORDER BY sequence
        """;

    public const string TradeEvents = $"SELECT {EventRow.Columns} FROM trade_event e WHERE e.trade_id = $1 ORDER BY e.version";

    // Forward from the book's first event.
    public const string TradesAt = $"""
        SELECT {EventRow.TradeColumns} FROM trade_event e
        WHERE e.book = $1 AND e.book_sequence <= $2 AND {LastBy} ORDER BY e.trade_id
        """;

    // Back from the live trades: only those that were touched since are looked up in the events. A run reads a book that has moved on a little.
    public const string TradesShortlyBefore = $"""
        WITH touched AS MATERIALIZED (
            SELECT trade_id FROM trade_event WHERE book = $1 AND book_sequence > $2
            UNION
            SELECT trade_id FROM trade_event WHERE from_book = $1 AND from_book_sequence > $2)
        SELECT {EventRow.TradeColumns} FROM trade t JOIN trade_event e ON e.trade_id = t.trade_id AND e.version = t.version
        WHERE t.book = $1 AND NOT EXISTS (SELECT FROM touched WHERE touched.trade_id = t.trade_id)
        UNION ALL
        SELECT {EventRow.TradeColumns} FROM touched JOIN trade_event e ON e.trade_id = touched.trade_id
        WHERE e.book = $1 AND e.book_sequence <= $2 AND {LastBy}
        ORDER BY 1
        """;

    // The next version of a trade that is in the book touches the book, wherever it moves the trade: by its sequence there, it had happened.
    private const string LastBy = """
        e.kind <> 3
          AND NOT EXISTS (SELECT FROM trade_event next WHERE next.trade_id = e.trade_id AND next.version = e.version + 1
                          AND CASE WHEN next.from_book = $1 THEN next.from_book_sequence ELSE next.book_sequence END <= $2)
        """;
}
