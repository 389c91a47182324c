using Npgsql;
using NpgsqlTypes;

namespace RiskGrid.Ledger.Postgres;

/// <summary>Writes what a batch adds.</summary>
internal static class BatchRows
{
    /// <summary>From this many events on, COPY pays for its own round trips.</summary>
    private const int Bulk = 200;

    private const string EventColumns = """
        trade_id, version, book, book_sequence, from_book, from_book_sequence, epoch, command_id, kind, valid_at, recorded_at, payload, author
        """;

    private const string AddEvents = $"""
        INSERT INTO trade_event ({EventColumns})
        SELECT u.trade_id, u.version, u.book, u.book_sequence, u.from_book, u.from_book_sequence, $1, u.command_id, u.kind, u.valid_at, $2, u.payload, $3
        FROM unnest($4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::bytea[])
            AS u (trade_id, version, book, book_sequence, from_book, from_book_sequence, command_id, kind, valid_at, payload)
        """;

    private const string AddCommands = """
        INSERT INTO command (command_id, request_hash, reply, recorded_at)
        SELECT u.command_id, u.request_hash, u.reply, $1 FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS u (command_id, request_hash, reply)
        """;

    private const string RemoveTrades =
        "DELETE FROM trade t USING unnest($1::text[], $2::text[]) AS u (book, trade_id) WHERE t.book = u.book AND t.trade_id = u.trade_id";

    private const string PutTrades = """
        INSERT INTO trade (book, trade_id, version) SELECT u.book, u.trade_id, u.version
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u (book, trade_id, version)
        ON CONFLICT (book, trade_id) DO UPDATE SET version = excluded.version
        """;

    private const string SetSequences =
        "UPDATE book SET sequence = u.sequence FROM unnest($1::text[], $2::bigint[]) AS u (id, sequence) WHERE book.id = u.id";

    /// <summary>Writes and commits. Durable when it returns.</summary>
    public static async Task CommitAsync(WriteSession session, BatchView view)
    {
        var inBulk = view.Events.Count >= Bulk;
        if (inBulk)
        {
            await CopyEventsAsync(session.Connection, view).ConfigureAwait(false);
            await CopyCommandsAsync(session.Connection, view).ConfigureAwait(false);
        }

        await using var pipeline = new Pipeline(session.Connection);
        if (!inBulk)
            AddRows(pipeline, view);
        var gone = view.Gone().ToList();
        if (gone.Count > 0)
            pipeline.Add(RemoveTrades).Texts([.. gone.Select(t => t.Book.Value)]).Texts([.. gone.Select(t => t.Trade.Value)]);
        var live = view.Live().ToList();
        if (live.Count > 0)
        {
            pipeline.Add(PutTrades).Texts([.. live.Select(t => t.Book.Value)]).Texts([.. live.Select(t => t.Trade.Value)])
                .Int64s([.. live.Select(t => t.Version)]);
        }

        if (view.Events.Count > 0)
            pipeline.Add(SetSequences).Texts([.. view.Sequences.Keys.Select(b => b.Value)]).Int64s([.. view.Sequences.Values]);
        pipeline.Add(Pipeline.Commit);
        session.IsCommitting = true;
        await pipeline.RunAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static void AddRows(Pipeline pipeline, BatchView view)
    {
        if (view.Events.Count > 0)
        {
            var events = view.Events;
            var first = events[0].Event;
            pipeline.Add(AddEvents).Int64(first.Epoch).Int64(first.RecordedAt.ToUnixTimeTicks()).Text(first.Author)
                .Texts([.. events.Select(e => e.Event.Trade.Id.Value)]).Int64s([.. events.Select(e => e.Event.Trade.Version)])
                .Texts([.. events.Select(e => e.Event.Book.Value)]).Int64s([.. events.Select(e => e.Event.BookSequence)])
                .Texts([.. events.Select(e => e.Event.FromBook?.Value)]).Int64s([.. events.Select(e => e.Event.FromBookSequence)])
                .Texts([.. events.Select(e => e.Event.CommandId.Value)]).Int64s([.. events.Select(e => (long)e.Event.Kind)])
                .Int64s([.. events.Select(e => e.Event.ValidAt.ToUnixTimeTicks())]).Bytes([.. events.Select(e => e.Payload)]);
        }

        if (view.Replies.Count > 0)
        {
            pipeline.Add(AddCommands).Int64(view.RecordedAt.ToUnixTimeTicks()).Texts([.. view.Replies.Select(r => r.Id.Value)])
                .Bytes([.. view.Replies.Select(r => (ReadOnlyMemory<byte>)r.RequestHash)])
                .Bytes([.. view.Replies.Select(r => (ReadOnlyMemory<byte>)r.Reply)]);
        }
    }

    private static async Task CopyEventsAsync(NpgsqlConnection connection, BatchView view)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY trade_event ({EventColumns}) FROM STDIN (FORMAT BINARY)")
            .ConfigureAwait(false);
        foreach (var (added, payload) in view.Events)
        {
            await copy.StartRowAsync().ConfigureAwait(false);
            await copy.WriteAsync(added.Trade.Id.Value, NpgsqlDbType.Text).ConfigureAwait(false);
            await copy.WriteAsync(added.Trade.Version, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(added.Book.Value, NpgsqlDbType.Text).ConfigureAwait(false);
            await copy.WriteAsync(added.BookSequence, NpgsqlDbType.Bigint).ConfigureAwait(false);
            if (added.FromBook is { } from)
            {
                await copy.WriteAsync(from.Value, NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(added.FromBookSequence!.Value, NpgsqlDbType.Bigint).ConfigureAwait(false);
            }
            else
            {
                await copy.WriteNullAsync().ConfigureAwait(false);
                await copy.WriteNullAsync().ConfigureAwait(false);
            }

            await copy.WriteAsync(added.Epoch, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(added.CommandId.Value, NpgsqlDbType.Text).ConfigureAwait(false);
            await copy.WriteAsync((long)added.Kind, NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(added.ValidAt.ToUnixTimeTicks(), NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(added.RecordedAt.ToUnixTimeTicks(), NpgsqlDbType.Bigint).ConfigureAwait(false);
            await copy.WriteAsync(payload, NpgsqlDbType.Bytea).ConfigureAwait(false);
            await copy.WriteAsync(added.Author, NpgsqlDbType.Text).ConfigureAwait(false);
        }

        await copy.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task CopyCommandsAsync(NpgsqlConnection connection, BatchView view)
    {
        await using var copy = await connection
            .BeginBinaryImportAsync("COPY command (command_id, request_hash, reply, recorded_at) FROM STDIN (FORMAT BINARY)").ConfigureAwait(false);
        foreach (var (id, requestHash, reply) in view.Replies)
        {
            await copy.StartRowAsync().ConfigureAwait(false);
            await copy.WriteAsync(id.Value, NpgsqlDbType.Text).ConfigureAwait(false);
            await copy.WriteAsync(requestHash, NpgsqlDbType.Bytea).ConfigureAwait(false);
            await copy.WriteAsync(reply, NpgsqlDbType.Bytea).ConfigureAwait(false);
            await copy.WriteAsync(view.RecordedAt.ToUnixTimeTicks(), NpgsqlDbType.Bigint).ConfigureAwait(false);
        }

        await copy.CompleteAsync().ConfigureAwait(false);
    }
}
