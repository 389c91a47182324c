using Npgsql;
using RiskGrid.Ledger.Rows;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <content>Runs.</content>
public sealed partial class PostgresLedger
{
    private const string FindRun = $"SELECT {RunRow.Columns} FROM run WHERE id = $1";

    private const string AddRun = """
        INSERT INTO run (id, spec, manifest, item_count, state, created_at, deadline) VALUES ($1, $2, $3, $4, 1, ledger_stamp($6), $5)
        ON CONFLICT (id) DO NOTHING
        """;

    // Held against the run's ending, and not against other items.
    private const string HoldRunning = "SELECT state FROM run WHERE id = $1 FOR SHARE";

    private const string AddItem = """
        INSERT INTO run_item (run, leg, block, payload) SELECT number, $2, $3, $4 FROM run WHERE id = $1 AND state = 1
        ON CONFLICT (run, leg, block) DO NOTHING
        """;

    private const string CompareItem = """
        SELECT i.payload = $4, encode(sha256(i.payload), 'hex') FROM run r JOIN run_item i ON i.run = r.number
        WHERE r.id = $1 AND i.leg = $2 AND i.block = $3
        """;

    private const string HoldToEnd = "SELECT number, state FROM run WHERE id = $1 FOR NO KEY UPDATE";

    // A clock that was set back since must not end a run before it began.
    private const string EndRun = """
        UPDATE run SET state = $2, ended_at = greatest(ledger_stamp($6), created_at), result = $3, result_hash = $4, error = $5 WHERE number = $1
        """;

    private const string AddVectors = """
        INSERT INTO run_vector (run, leg, node, scenario_set_hash, content)
        SELECT $1, u.leg, u.node, u.hash, u.content FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[]) AS u (leg, node, hash, content)
        """;

    private const string Runs = $"SELECT {RunRow.SummaryColumns} FROM run WHERE number < $1";

    /// <inheritdoc/>
    public async Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken)
    {
        RunRules.Check(run);
        var stored = await _pool.WriteAsync(
            (run, Now: StatedTime()),
            static (session, create, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add(AddRun).Text(create.run.Id.Value).Text(create.run.SpecJson).Text(create.run.ManifestJson).Int64(create.run.ItemCount)
                .Int64(create.run.Deadline?.ToUnixTimeTicks()).Int64(create.Now)
                .Add(FindRun).Text(create.run.Id.Value), ReadRunAsync),
            cancellationToken).ConfigureAwait(false);
        RunRules.CheckSame(stored, run);
        return stored;
    }

    /// <inheritdoc/>
    public async Task<bool> PutRunItemAsync(RunId run, int leg, int block, byte[] payload, CancellationToken cancellationToken)
    {
        RunRules.CheckItem(run, leg, block, payload);
        var (state, isSame, storedHash) = await _pool.WriteAsync(
            (run, leg, block, payload),
            static (session, put, _) => CommitAsync(session, p => p.Add(Pipeline.BeginWrite)
                .Add(HoldRunning).Text(put.run.Value)
                .Add(AddItem).Text(put.run.Value).Int64(put.leg).Int64(put.block).Bytes(put.payload)
                .Add(CompareItem).Text(put.run.Value).Int64(put.leg).Int64(put.block).Bytes(put.payload), ReadPutAsync),
            cancellationToken).ConfigureAwait(false);
        if (state == default)
            throw RunRules.NoSuchRun(run);
        if (state != RunState.Running)
            return false;
        return isSame ? true : throw new RunItemConflictException(run, leg, block, storedHash, RunRules.Hash(payload));
    }

    /// <inheritdoc/>
    public Task<RunRecord> FinishRunAsync(RunId run, RunOutcome outcome, CancellationToken cancellationToken)
    {
        RunRules.Check(run, outcome);
        return _pool.WriteAsync((run, outcome), FinishRunAsync, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RunRecord?> ReadRunAsync(RunId run, CancellationToken cancellationToken) =>
        ReadAsync(
            run,
            static (p, wanted) => p.Add(FindRun).Text(wanted.Value),
            static (reader, _, token) => FirstAsync(reader, RunRow.Read, token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunItem>> ReadRunItemsAsync(RunId run, CancellationToken cancellationToken) =>
        ReadAsync(
            run,
            static (p, wanted) => p.Add("""
                SELECT i.leg, i.block, i.payload FROM run r JOIN run_item i ON i.run = r.number WHERE r.id = $1 ORDER BY i.leg, i.block
                """).Text(wanted.Value),
            static (reader, _, token) => ListAsync(reader, row => new RunItem((int)row.Int64(0), (int)row.Int64(1), row.Bytes(2)), token),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunState? state, int limit, RunId? before, CancellationToken cancellationToken)
    {
        RunRules.CheckLimit(limit);
        var number = long.MaxValue;
        if (before is { } last)
        {
            // A run keeps its number: the page may be read in another moment.
            var found = await ReadAsync(
                last,
                static (p, wanted) => p.Add("SELECT number FROM run WHERE id = $1").Text(wanted.Value),
                static (reader, _, token) => ListAsync(reader, row => row.Int64(0), token),
                cancellationToken).ConfigureAwait(false);
            number = found.Count > 0 ? found[0] : throw RunRules.NoSuchPage(last);
        }

        return await ReadAsync(
            (state, limit, number),
            static (p, what) => what.state is { } wanted
                ? p.Add($"{Runs} AND state = $3 ORDER BY number DESC LIMIT $2").Int64(what.number).Int64(what.limit).Int64((long)wanted)
                : p.Add($"{Runs} ORDER BY number DESC LIMIT $2").Int64(what.number).Int64(what.limit),
            static (reader, _, token) => ListAsync(reader, RunRow.ReadSummary, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ReadUnfinishedRunsAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            0,
            static (p, _) => p.Add($"SELECT {RunRow.SummaryColumns} FROM run WHERE state = 1 ORDER BY number"),
            static (reader, _, token) => ListAsync(reader, RunRow.ReadSummary, token),
            cancellationToken);

    /// <inheritdoc/>
    public Task<RunVector?> ReadRunVectorAsync(RunId run, int leg, NodeId node, CancellationToken cancellationToken) =>
        ReadAsync(
            (run, leg, node),
            static (p, what) => p.Add("""
                SELECT v.scenario_set_hash, v.content FROM run r JOIN run_vector v ON v.run = r.number
                WHERE r.id = $1 AND v.leg = $2 AND v.node = $3
                """).Text(what.run.Value).Int64(what.leg).Text(what.node.Value),
            static (reader, what, token) => FirstAsync(reader, row => new RunVector(what.leg, what.node, row.Text(0), row.Bytes(1)), token),
            cancellationToken);

    private async Task<RunRecord> FinishRunAsync(WriteSession session, (RunId Run, RunOutcome Outcome) finish, CancellationToken cancellationToken)
    {
        var (number, state) = await HoldAsync(session, finish.Run, cancellationToken).ConfigureAwait(false);
        return await CommitAsync(
            session,
            pipeline =>
            {
                if (state == RunState.Running)
                    AddEnding(pipeline, number, finish.Outcome);
                pipeline.Add(FindRun).Text(finish.Run.Value);
            },
            ReadRunAsync).ConfigureAwait(false);
    }

    private void AddEnding(Pipeline pipeline, long number, RunOutcome outcome)
    {
        pipeline.Add(EndRun).Int64(number).Int64((long)outcome.State).Bytes(outcome.Result).Text(outcome.ResultHash).Text(outcome.Error)
            .Int64(StatedTime());
        if (outcome.Vectors.Count > 0)
        {
            pipeline.Add(AddVectors).Int64(number).Int64s([.. outcome.Vectors.Select(v => (long)v.Leg)])
                .Texts([.. outcome.Vectors.Select(v => v.Node.Value)]).Texts([.. outcome.Vectors.Select(v => v.ScenarioSetHash)])
                .Bytes([.. outcome.Vectors.Select(v => (ReadOnlyMemory<byte>)v.Content)]);
        }

        pipeline.Add("DELETE FROM run_item WHERE run = $1").Int64(number);
    }

    private static async Task<RunRecord> ReadRunAsync(NpgsqlDataReader reader) =>
        (await FirstAsync(reader, RunRow.Read, CancellationToken.None).ConfigureAwait(false))!;

    /// <summary>The run's state, and whether the item stored is the one that came, with its hash.</summary>
    private static async Task<(RunState State, bool IsSame, string StoredHash)> ReadPutAsync(NpgsqlDataReader reader)
    {
        var state = (RunState)await ReadNumberAsync(reader).ConfigureAwait(false);
        await reader.NextResultAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false) ? (state, reader.GetBoolean(0), reader.GetString(1)) : (state, true, string.Empty);
    }

    private static async Task<(long Number, RunState State)> HoldAsync(WriteSession session, RunId run, CancellationToken cancellationToken)
    {
        await using var pipeline = new Pipeline(session.Connection);
        await using var reader = await pipeline.Add(Pipeline.BeginWrite).Add(HoldToEnd).Text(run.Value).ReadAsync(cancellationToken)
            .ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (reader.GetInt64(0), (RunState)reader.GetInt64(1))
            : throw RunRules.NoSuchRun(run);
    }
}
