namespace RiskGrid.Ledger.Postgres;

/// <summary>Makes the derived tables anew from the events, in one transaction.</summary>
internal static class PostgresDerivedTables
{
    /// <summary>Makes the live trades of a ledger that has none.</summary>
    public const string FillTrades = $"INSERT INTO trade (book, trade_id, version) {LiveFromEvents}";

    private const string LiveFromEvents = """
        SELECT e.book, e.trade_id, e.version FROM (
            SELECT DISTINCT ON (trade_id) trade_id, version, book, kind FROM trade_event ORDER BY trade_id, version DESC) e
        WHERE e.kind <> 3
        """;

    private const string BooksFromEvents = """
        SELECT id, max(sequence) AS sequence FROM (
            SELECT book AS id, book_sequence AS sequence FROM trade_event
            UNION ALL
            SELECT from_book, from_book_sequence FROM trade_event WHERE from_book IS NOT NULL) touched
        GROUP BY id
        """;

    private static readonly string[] Steps =
    [
        "LOCK TABLE book, trade_event, trade IN EXCLUSIVE MODE",
        "CREATE TEMP TABLE live_before ON COMMIT DROP AS SELECT book, trade_id, version FROM trade",
        "CREATE TEMP TABLE book_before ON COMMIT DROP AS SELECT id, sequence FROM book",
        "DELETE FROM trade",
        FillTrades,
        "UPDATE book SET sequence = 0",
        $"INSERT INTO book (id, sequence) {BooksFromEvents} ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence",

        // A lost epoch must never be given out a second time: an event carries that of the book that wrote it.
        """
        UPDATE book SET epoch = used.epoch FROM (
            SELECT coalesce(from_book, book) AS id, max(epoch) AS epoch FROM trade_event GROUP BY 1) used
        WHERE used.id = book.id AND used.epoch > book.epoch
        """,
    ];

    public static async Task<RebuildReport> RebuildAsync(WriteSession session, CancellationToken cancellationToken)
    {
        await using var pipeline = new Pipeline(session.Connection);
        pipeline.Add(Pipeline.BeginWrite);
        foreach (var step in Steps)
            pipeline.Add(step);
        var differences = $"{Differences("SELECT book, trade_id, version FROM trade", "SELECT book, trade_id, version FROM live_before")} + "
            + Differences("SELECT id, sequence FROM book", "SELECT id, sequence FROM book_before");
        pipeline.Add($"SELECT (SELECT count(*) FROM trade_event), (SELECT count(*) FROM trade), {differences}").Add(Pipeline.Commit);
        session.IsCommitting = true;
        await using var reader = await pipeline.ReadAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var report = new RebuildReport(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        return report;
    }

    private static string Differences(string left, string right) =>
        $"(SELECT count(*) FROM ({left} EXCEPT {right}) a) + (SELECT count(*) FROM ({right} EXCEPT {left}) b)";
}
