using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <content>Batches: one transaction of two round trips, a few more in bulk.</content>
public sealed partial class PostgresLedger
{
    // In id order, here and below: transactions that move trades between the same books wait for each other and never around each other.
    private const string EnsureBooks = "INSERT INTO book (id) SELECT u.id FROM unnest($1::text[]) AS u (id) ORDER BY u.id COLLATE \"C\" ON CONFLICT DO NOTHING";

    // Not FOR UPDATE: the keys stay as they are.
    private const string HoldBooks = "SELECT id, epoch, sequence FROM book WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE";

    private const string FindCommands = "SELECT command_id, request_hash, reply FROM command WHERE command_id = ANY ($1::text[])";

    private const string FindHeads = """
        SELECT u.id, e.version, e.kind, e.book, CASE WHEN u.cancels THEN e.payload END
        FROM unnest($1::text[], $2::boolean[]) AS u (id, cancels)
        CROSS JOIN LATERAL (
            SELECT version, kind, book, payload FROM trade_event WHERE trade_id = u.id ORDER BY version DESC LIMIT 1) e
        """;

    private const string Stamp = "SELECT ledger_stamp($1)";

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReadRules.CheckBook(batch.Book);
        return _pool.WriteAsync((batch, new BatchApplication(batch)), AppendAsync, cancellationToken);
    }

    private async Task<IReadOnlyList<AppendResult>> AppendAsync(
        WriteSession session, (AppendBatch Batch, BatchApplication Application) append, CancellationToken cancellationToken)
    {
        // The token is looked at until the rows are sent: all that may take long before is the wait for the book.
        var view = new BatchView();
        var recordedAt = await LoadAsync(session, append.Batch, append.Application, view, cancellationToken).ConfigureAwait(false);
        var sequence = view.Sequences[append.Batch.Book];
        var results = append.Application.Apply(view, recordedAt, ref sequence);
        view.Sequences[append.Batch.Book] = sequence;
        await BatchRows.CommitAsync(session, view).ConfigureAwait(false);
        return results;
    }

    /// <summary>Holds the books, checks the epoch, and reads what the commands are judged by.</summary>
    private async Task<Instant> LoadAsync(
        WriteSession session, AppendBatch batch, BatchApplication application, BatchView view, CancellationToken cancellationToken)
    {
        var targets = batch.Commands.Select(c => c.Command).OfType<AmendCommand>().Select(a => a.Terms.Book).Where(b => b != batch.Book)
            .Distinct().Select(b => b.Value).ToList();
        var trades = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (command, _, _) in batch.Commands)
            trades[command.TradeId.Value] = command is CancelCommand || trades.GetValueOrDefault(command.TradeId.Value);

        await using var pipeline = new Pipeline(session.Connection);
        pipeline.Add(Pipeline.BeginWrite);
        if (targets.Count > 0)
            pipeline.Add(EnsureBooks).Texts(targets);
        pipeline.Add(HoldBooks).Texts([.. targets, batch.Book.Value])
            .Add(FindCommands).Texts([.. batch.Commands.Select(c => c.Command.CommandId.Value).Distinct(StringComparer.Ordinal)])
            .Add(FindHeads).Texts(trades.Keys).Bools(trades.Values)
            .Add(Stamp).Int64(StatedTime());
        await using var reader = await pipeline.ReadAsync(cancellationToken).ConfigureAwait(false);
        var row = new PostgresRow(reader);

        var epoch = 0L;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var book = NodeId.Parse(row.Text(0));
            view.Sequences.Add(book, row.Int64(2));
            if (book == batch.Book)
                epoch = row.Int64(1);
        }

        application.CheckEpoch(epoch);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            view.Load(CommandId.Parse(row.Text(0)), row.Bytes(1), row.Bytes(2));
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            view.Load(
                TradeId.Parse(row.Text(0)), new TradeHead(row.Int64(1), (TradeEventKind)row.Int64(2), NodeId.Parse(row.Text(3))),
                row.IsNull(4) ? null : row.Bytes(4));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Instant.FromUnixTimeTicks(row.Int64(0));
    }
}
