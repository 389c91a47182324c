namespace RiskGrid.Ledger.Sqlite;

/// <summary>Makes the derived tables anew from the events, in the caller's transaction.</summary>
internal static class DerivedTables
{
    private const string LiveFromEvents = """
        SELECT e.book, e.trade_id, e.version, e.id AS event_id FROM trade_event e
        WHERE e.kind <> 3
          AND NOT EXISTS (SELECT 1 FROM trade_event later WHERE later.trade_id = e.trade_id AND later.version > e.version)
        """;

    private const string BooksFromEvents = """
        SELECT id, max(sequence) AS sequence FROM (
            SELECT book AS id, book_sequence AS sequence FROM trade_event
            UNION ALL
            SELECT from_book, from_book_sequence FROM trade_event WHERE from_book IS NOT NULL)
        GROUP BY id
        """;

    public static RebuildReport Rebuild(Connection connection)
    {
        connection.Execute("DROP TABLE IF EXISTS temp.live_before");
        connection.Execute("DROP TABLE IF EXISTS temp.book_before");
        connection.Execute("CREATE TEMP TABLE live_before AS SELECT book, trade_id, version, event_id FROM main.trade");
        connection.Execute("CREATE TEMP TABLE book_before AS SELECT id, sequence FROM main.book");

        connection.Execute("DELETE FROM trade");
        connection.Execute("UPDATE book SET sequence = 0");
        connection.Execute($"""
            INSERT INTO book (id, sequence) SELECT id, sequence FROM ({BooksFromEvents}) WHERE true
            ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence
            """);

        // A lost epoch must never be given out a second time: an event carries that of the book that wrote it.
        connection.Execute("""
            UPDATE book SET epoch = max(epoch, coalesce(
                (SELECT max(e.epoch) FROM trade_event e WHERE coalesce(e.from_book, e.book) = book.id), 0))
            """);
        connection.Execute($"INSERT INTO trade (book, trade_id, version, event_id) {LiveFromEvents}");

        var differences = Differences(connection, "SELECT book, trade_id, version, event_id FROM main.trade", "SELECT * FROM temp.live_before")
            + Differences(connection, "SELECT id, sequence FROM main.book", "SELECT id, sequence FROM temp.book_before");
        connection.Execute("DROP TABLE temp.live_before");
        connection.Execute("DROP TABLE temp.book_before");
        return new RebuildReport(
            connection.Number("SELECT count(*) FROM trade_event") ?? 0, connection.Number("SELECT count(*) FROM trade") ?? 0, differences);
    }

    private static long Differences(Connection connection, string left, string right) =>
        connection.Number($"SELECT (SELECT count(*) FROM ({left} EXCEPT {right})) + (SELECT count(*) FROM ({right} EXCEPT {left}))") ?? 0;
}
