using Npgsql;
using RiskGrid.Ledger.Codecs;
using RiskGrid.Ledger.Rows;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <content>The reads. Each sees one moment.</content>
public sealed partial class PostgresLedger
{
    /// <inheritdoc/>
    public async Task<BookState> ReadBookAsync(NodeId book, AsOf? asOf, CancellationToken cancellationToken)
    {
        if (asOf is not { } point)
        {
            return await ReadAsync(
                book,
                static (p, id) => p.Add(ReadStatements.Sequence).Text(id.Value).Add(ReadStatements.LiveTrades).Text(id.Value),
                static async (reader, id, token) => await StateAsync(reader, id, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }

        await SettleAsync(point.RecordedAt.ToUnixTimeTicks(), cancellationToken).ConfigureAwait(false);
        return await ReadAsync(
            (book, Recorded: point.RecordedAt.ToUnixTimeTicks(), Valid: point.ValidAt.ToUnixTimeTicks()),
            static (p, what) => p
                .Add(ReadStatements.SequenceAsOf).Text(what.book.Value).Int64(what.Recorded)
                .Add(ReadStatements.TradesAsOf).Text(what.book.Value).Int64(what.Recorded).Int64(what.Valid),
            static async (reader, what, token) => await StateAsync(reader, what.book, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<BookState> ReadBookAtAsync(NodeId book, long sequence, CancellationToken cancellationToken)
    {
        ReadRules.CheckSequence(sequence);
        return _pool.ReadAsync(
            (book, sequence),
            static (connection, what, token) => ReadBookAtAsync(connection, what.book, what.sequence, token),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(NodeId book, long afterSequence, CancellationToken cancellationToken) =>
        ReadAsync(
            (book, afterSequence),
            static (p, what) => p.Add(ReadStatements.BookEvents).Text(what.book.Value).Int64(what.afterSequence),
            static (reader, _, token) => ListAsync(reader, EventRow.Read, token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(TradeId trade, CancellationToken cancellationToken) =>
        ReadAsync(
            trade,
            static (p, id) => p.Add(ReadStatements.TradeEvents).Text(id.Value),
            static (reader, _, token) => ListAsync(reader, EventRow.Read, token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<NodeId, long>> ReadPositionAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            0, static (p, _) => p.Add(ReadStatements.Position), static (reader, _, token) => PositionAsync(reader, token), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPosition> ReadPositionAndHierarchyAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            0,
            static (p, _) => p.Add(ReadStatements.Position).Add(ReadStatements.NewestHierarchy),
            static async (reader, _, token) =>
            {
                var position = await PositionAsync(reader, token).ConfigureAwait(false);
                await reader.NextResultAsync(token).ConfigureAwait(false);
                var newest = await NewestHierarchyAsync(reader, token).ConfigureAwait(false);
                return new LedgerPosition(position, newest?.Version ?? 0, newest?.Hierarchy);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<(long Version, Hierarchy Hierarchy)?> ReadHierarchyAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            0,
            static (p, _) => p.Add(ReadStatements.NewestHierarchy),
            static (reader, _, token) => NewestHierarchyAsync(reader, token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<Hierarchy?> ReadHierarchyAsync(long version, CancellationToken cancellationToken) =>
        ReadAsync(
            version,
            static (p, wanted) => p.Add("SELECT content FROM hierarchy WHERE version = $1").Int64(wanted),
            static (reader, wanted, token) => FirstAsync(reader, row => HierarchyCodec.Decode(row.Blob(0), wanted), token),
            cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="LedgerFormatException">What is stored does not have this hash: it is damaged.</exception>
    public Task<MarketSnapshot?> ReadSnapshotAsync(string hash, CancellationToken cancellationToken) =>
        ReadAsync(
            hash,
            static (p, wanted) => p.Add("SELECT content FROM snapshot WHERE hash = $1").Text(wanted),
            static (reader, wanted, token) => FirstAsync(reader, row => SnapshotCodec.Decode(row.Blob(0), wanted), token),
            cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="LedgerFormatException">What is stored does not have its hash: it is damaged.</exception>
    public Task<MarketSnapshot?> ReadMarketAsync(NodeId market, CancellationToken cancellationToken) =>
        ReadAsync(
            market,
            static (p, wanted) => p.Add("SELECT content, hash FROM market WHERE id = $1").Text(wanted.Value),
            static (reader, _, token) => FirstAsync(reader, row => SnapshotCodec.Decode(row.Blob(0), row.Text(1)), token),
            cancellationToken);

    /// <summary>Reads in one round trip and one read transaction.</summary>
    private Task<T> ReadAsync<TArgument, T>(
        TArgument argument, Func<Pipeline, TArgument, Pipeline> ask, Func<NpgsqlDataReader, TArgument, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken) =>
        _pool.ReadAsync(
            (argument, ask, read),
            static async (connection, what, token) =>
            {
                await using var pipeline = new Pipeline(connection);
                await using var reader = await what.ask(pipeline.Add(Pipeline.BeginRead), what.argument).Add(Pipeline.Commit).ReadAsync(token)
                    .ConfigureAwait(false);
                return await what.read(reader, what.argument, token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>After it, reading as of a time that has come gives the same for ever.</summary>
    private async Task SettleAsync(long recordedAt, CancellationToken cancellationToken)
    {
        if (recordedAt <= Volatile.Read(ref _settled))
            return;
        var settled = await _pool.ReadAsync(
            (recordedAt, StatedTime()),
            static async (connection, what, token) =>
            {
                await using var pipeline = new Pipeline(connection);
                await using var reader = await pipeline.Add("SELECT ledger_settle($1, $2)").Int64(what.recordedAt).Int64(what.Item2).ReadAsync(token)
                    .ConfigureAwait(false);
                await reader.ReadAsync(token).ConfigureAwait(false);
                return reader.GetInt64(0);
            },
            cancellationToken).ConfigureAwait(false);

        // Of several at a time the highest counts.
        long before;
        do
            before = Volatile.Read(ref _settled);
        while (before < settled && Interlocked.CompareExchange(ref _settled, settled, before) != before);
    }

    private static async Task<BookState> ReadBookAtAsync(NpgsqlConnection connection, NodeId book, long sequence, CancellationToken cancellationToken)
    {
        await using var begin = new Pipeline(connection);
        begin.Add(Pipeline.BeginRead).Add(ReadStatements.Sequence).Text(book.Value);
        long newest;
        await using (var head = await begin.ReadAsync(cancellationToken).ConfigureAwait(false))
            newest = await head.ReadAsync(cancellationToken).ConfigureAwait(false) ? head.GetInt64(0) : 0;

        // The pool ends the transaction of a refusal.
        ReadRules.CheckReached(book, sequence, newest);
        await using var rest = new Pipeline(connection);
        if (sequence == newest)
            rest.Add(ReadStatements.LiveTrades).Text(book.Value);
        else
            rest.Add(newest - sequence < sequence ? ReadStatements.TradesShortlyBefore : ReadStatements.TradesAt).Text(book.Value).Int64(sequence);
        await using var reader = await rest.Add(Pipeline.Commit).ReadAsync(cancellationToken).ConfigureAwait(false);
        return new BookState(book, sequence, await ListAsync(reader, EventRow.ReadTrade, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<BookState> StateAsync(NpgsqlDataReader reader, NodeId book, CancellationToken cancellationToken)
    {
        var sequence = await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return new BookState(book, sequence, await ListAsync(reader, EventRow.ReadTrade, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<IReadOnlyDictionary<NodeId, long>> PositionAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var position = new Dictionary<NodeId, long>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            position.Add(NodeId.Parse(reader.GetString(0)), reader.GetInt64(1));
        return position;
    }

    private static async Task<(long Version, Hierarchy Hierarchy)?> NewestHierarchyAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            return null;
        var row = new PostgresRow(reader);
        return (row.Int64(0), HierarchyCodec.Decode(row.Blob(1), row.Int64(0)));
    }

    private static async Task<T?> FirstAsync<T>(NpgsqlDataReader reader, Func<PostgresRow, T> read, CancellationToken cancellationToken)
        where T : class =>
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? read(new PostgresRow(reader)) : null;

    private static async Task<IReadOnlyList<T>> ListAsync<T>(NpgsqlDataReader reader, Func<PostgresRow, T> read, CancellationToken cancellationToken)
    {
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            list.Add(read(new PostgresRow(reader)));
        return list;
    }
}
