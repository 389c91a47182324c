using RiskGrid.Ledger.Codecs;
using RiskGrid.Ledger.Rows;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <content>The reads. Each runs in one read transaction.</content>
public sealed partial class SqliteLedger
{
    private const string LiveTrades = $"""
        SELECT {EventRow.TradeColumns} FROM trade t JOIN trade_event e ON e.id = t.event_id
        WHERE t.book = ?1 ORDER BY t.trade_id
        """;

    // Live there and then: an event of the book that no later version, known and valid by then, has overtaken.
    private const string TradesAsOf = $"""
        SELECT {EventRow.TradeColumns} FROM trade_event e
        WHERE e.book = ?1 AND e.recorded_at <= ?2 AND e.valid_at <= ?3 AND e.kind <> 3
          AND NOT EXISTS (SELECT 1 FROM trade_event later WHERE later.trade_id = e.trade_id AND later.version > e.version
                          AND later.recorded_at <= ?2 AND later.valid_at <= ?3)
        ORDER BY e.trade_id
        """;

    // The next version of a trade that is in the book touches the book, wherever it moves the trade: by its sequence there, it had happened.
    private const string LastBy = """
        e.kind <> 3
          AND NOT EXISTS (SELECT 1 FROM trade_event next WHERE next.trade_id = e.trade_id AND next.version = e.version + 1
                          AND iif(next.from_book = ?1, next.from_book_sequence, next.book_sequence) <= ?2)
        """;

    // Forward from the book's first event.
    private const string TradesAt = $"""
        SELECT {EventRow.TradeColumns} FROM trade_event e
        WHERE e.book = ?1 AND e.book_sequence <= ?2 AND {LastBy} ORDER BY e.trade_id
        """;

    // Back from the live trades: only those that were touched since are looked up in the events. A run reads a book that has moved on a little.
    // (The plus signs keep the look-up on the index of trade and version; on that of the book it would take all its events for each trade.)
    private const string TradesShortlyBefore = $"""
        WITH touched (trade_id) AS MATERIALIZED (
            SELECT trade_id FROM trade_event WHERE book = ?1 AND book_sequence > ?2
            UNION
            SELECT trade_id FROM trade_event WHERE from_book = ?1 AND from_book_sequence > ?2)
        SELECT {EventRow.TradeColumns} FROM trade t JOIN trade_event e ON e.id = t.event_id
        WHERE t.book = ?1 AND t.trade_id NOT IN (SELECT trade_id FROM touched)
        UNION ALL
        SELECT {EventRow.TradeColumns} FROM touched CROSS JOIN trade_event e ON e.trade_id = touched.trade_id
        WHERE +e.book = ?1 AND +e.book_sequence <= ?2 AND {LastBy}
        ORDER BY 1
        """;

    // Recording times grow with the sequences of a book, so the last event recorded by then has the highest.
    private const string SequenceAsOf = """
        SELECT max(sequence) FROM (
            SELECT max(book_sequence) AS sequence FROM trade_event WHERE book = ?1 AND recorded_at <= ?2
            UNION ALL
            SELECT max(from_book_sequence) FROM trade_event WHERE from_book = ?1 AND recorded_at <= ?2)
        """;

    private const string BookEvents = $"""
        SELECT {EventRow.Columns}, e.book_sequence AS sequence FROM trade_event e WHERE e.book = ?1 AND e.book_sequence > ?2
        UNION ALL
        SELECT {EventRow.Columns}, e.from_book_sequence FROM trade_event e WHERE e.from_book = ?1 AND e.from_book_sequence > ?2
        ORDER BY sequence
        """;

    /// <inheritdoc/>
    public async Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken)
    {
        if (asOf is { } point)
            await SettleAsync(point.RecordedAt.ToUnixTimeTicks(), cancellationToken).ConfigureAwait(false);
        return await _readers.ReadAsync(
            (book, asOf),
            static (connection, what, token) => what.asOf is { } point
                ? ReadBookAsOf(connection, what.book, point, token)
                : ReadBookNow(connection, what.book, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken)
    {
        ReadRules.CheckSequence(sequence);
        return _readers.ReadAsync(
            (book, sequence), static (connection, what, token) => ReadBookAt(connection, what.book, what.sequence, token), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(NodeId book, long afterSequence, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            (book, afterSequence),
            static (connection, what, token) => Events(
                connection.Prepare(BookEvents).Bind(1, what.book.Value).Bind(2, what.afterSequence), token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(TradeId trade, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            trade,
            static (connection, id, token) => Events(
                connection.Prepare($"SELECT {EventRow.Columns} FROM trade_event e WHERE e.trade_id = ?1 ORDER BY e.version").Bind(1, id.Value),
                token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<NodeId, long>> ReadPositionAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(0, static (connection, _, _) => Position(connection), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPosition> ReadPositionAndHierarchyAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            0,
            static (connection, _, _) =>
            {
                var newest = NewestHierarchy(connection);
                return new LedgerPosition(Position(connection), newest?.Version ?? 0, newest?.Hierarchy);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<(long Version, Hierarchy Hierarchy)?> ReadHierarchyAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(0, static (connection, _, _) => NewestHierarchy(connection), cancellationToken);

    /// <inheritdoc/>
    public Task<Hierarchy?> ReadHierarchyAsync(long version, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            version,
            static (connection, wanted, _) =>
            {
                var rows = connection.Prepare("SELECT content FROM hierarchy WHERE version = ?1").Bind(1, wanted);
                if (!rows.Step())
                    return null;
                var hierarchy = HierarchyCodec.Decode(rows.Blob(0), wanted);
                rows.Reset();
                return hierarchy;
            },
            cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="LedgerFormatException">What is stored does not have this hash: it is damaged.</exception>
    public Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            hash,
            static (connection, wanted, _) =>
            {
                var rows = connection.Prepare("SELECT content FROM snapshot WHERE hash = ?1").Bind(1, wanted);
                if (!rows.Step())
                    return null;
                var snapshot = SnapshotCodec.Decode(rows.Blob(0), wanted);
                rows.Reset();
                return snapshot;
            },
            cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="LedgerFormatException">What is stored does not have its hash: it is damaged.</exception>
    public Task<MarketSnapshot?> ReadMarketAsync(NodeId market, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            market.Value,
            static (connection, wanted, _) =>
            {
                var rows = connection.Prepare("SELECT content, hash FROM market WHERE id = ?1").Bind(1, wanted);
                if (!rows.Step())
                    return null;
                var snapshot = SnapshotCodec.Decode(rows.Blob(0), rows.Text(1));
                rows.Reset();
                return snapshot;
            },
            cancellationToken);

    /// <summary>After it, reading as of a time that has come gives the same for ever: what the writer stamped with an earlier time is in the file, and
    /// what comes gets a later one.</summary>
    private async Task SettleAsync(long recordedAt, CancellationToken cancellationToken)
    {
        if (recordedAt <= Volatile.Read(ref _settled))
            return;
        var settled = await WriteAsync(recordedAt, static (session, wanted) => session.Clock.Settle(wanted), cancellationToken).ConfigureAwait(false);

        // Of several at a time the highest counts.
        long before;
        do
            before = Volatile.Read(ref _settled);
        while (before < settled && Interlocked.CompareExchange(ref _settled, settled, before) != before);
    }

    private static IReadOnlyDictionary<NodeId, long> Position(Connection connection)
    {
        var position = new Dictionary<NodeId, long>();
        var rows = connection.Prepare("SELECT id, sequence FROM book WHERE sequence > 0 ORDER BY id");
        while (rows.Step())
            position.Add(NodeId.Parse(rows.Text(0)), rows.Int64(1));
        return position;
    }

    private static (long Version, Hierarchy Hierarchy)? NewestHierarchy(Connection connection)
    {
        var rows = connection.Prepare("SELECT version, content FROM hierarchy ORDER BY version DESC LIMIT 1");
        if (!rows.Step())
            return null;
        var version = rows.Int64(0);
        var hierarchy = HierarchyCodec.Decode(rows.Blob(1), version);
        rows.Reset();
        return (version, hierarchy);
    }

    private static long Sequence(Connection connection, NodeId book)
    {
        var head = connection.Prepare("SELECT sequence FROM book WHERE id = ?1").Bind(1, book.Value);
        var sequence = head.Step() ? head.Int64(0) : 0;
        head.Reset();
        return sequence;
    }

    private static BookState ReadBookNow(Connection connection, NodeId book, CancellationToken cancellationToken) =>
        new(book, Sequence(connection, book), Trades(connection.Prepare(LiveTrades).Bind(1, book.Value), cancellationToken));

    private static BookState ReadBookAt(Connection connection, NodeId book, long sequence, CancellationToken cancellationToken)
    {
        var newest = Sequence(connection, book);
        ReadRules.CheckReached(book, sequence, newest);
        var rows = sequence == newest
            ? connection.Prepare(LiveTrades).Bind(1, book.Value)
            : connection.Prepare(newest - sequence < sequence ? TradesShortlyBefore : TradesAt).Bind(1, book.Value).Bind(2, sequence);
        return new BookState(book, sequence, Trades(rows, cancellationToken));
    }

    private static BookState ReadBookAsOf(Connection connection, NodeId book, AsOf asOf, CancellationToken cancellationToken)
    {
        var (recorded, valid) = (asOf.RecordedAt.ToUnixTimeTicks(), asOf.ValidAt.ToUnixTimeTicks());
        var head = connection.Prepare(SequenceAsOf).Bind(1, book.Value).Bind(2, recorded);
        var sequence = head.Step() && !head.IsNull(0) ? head.Int64(0) : 0;
        head.Reset();
        var rows = connection.Prepare(TradesAsOf).Bind(1, book.Value).Bind(2, recorded).Bind(3, valid);
        return new BookState(book, sequence, Trades(rows, cancellationToken));
    }

    private static List<Trade> Trades(Statement rows, CancellationToken cancellationToken)
    {
        var trades = new List<Trade>();
        while (rows.Step())
        {
            if (trades.Count % ReadRules.RowsPerCancellationCheck == 0)
                cancellationToken.ThrowIfCancellationRequested();
            trades.Add(EventRow.ReadTrade(rows));
        }

        return trades;
    }

    private static IReadOnlyList<TradeEvent> Events(Statement rows, CancellationToken cancellationToken)
    {
        var events = new List<TradeEvent>();
        while (rows.Step())
        {
            if (events.Count % ReadRules.RowsPerCancellationCheck == 0)
                cancellationToken.ThrowIfCancellationRequested();
            events.Add(EventRow.Read(rows));
        }

        return events;
    }
}
