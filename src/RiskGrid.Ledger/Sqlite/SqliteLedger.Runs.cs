using RiskGrid.Ledger.Rows;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <content>Runs. Their writes go through the group-commit writer, like all others: items that wait together share a flush.</content>
public sealed partial class SqliteLedger
{
    private const string AllRuns = $"SELECT {RunRow.SummaryColumns} FROM run WHERE number < ?1 ORDER BY number DESC LIMIT ?2";

    private const string RunsInState =
        $"SELECT {RunRow.SummaryColumns} FROM run WHERE number < ?1 AND state = ?3 ORDER BY number DESC LIMIT ?2";

    private const string UnfinishedRuns = $"SELECT {RunRow.SummaryColumns} FROM run WHERE state = 1 ORDER BY number";

    private const string RunItems = """
        SELECT i.leg, i.block, i.payload FROM run r JOIN run_item i ON i.run = r.number
        WHERE r.id = ?1 ORDER BY i.leg, i.block
        """;

    private const string OneVector = """
        SELECT v.scenario_set_hash, v.content FROM run r JOIN run_vector v ON v.run = r.number
        WHERE r.id = ?1 AND v.leg = ?2 AND v.node = ?3
        """;

    /// <inheritdoc/>
    public Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken)
    {
        RunRules.Check(run);
        return WriteAsync(run, RunWrites.Create, cancellationToken, run.SpecJson.Length + (long)run.ManifestJson.Length);
    }

    /// <inheritdoc/>
    public Task<bool> PutRunItemAsync(RunId run, int leg, int block, byte[] payload, CancellationToken cancellationToken)
    {
        RunRules.CheckItem(run, leg, block, payload);
        return WriteAsync((run, new RunItem(leg, block, payload)), RunWrites.PutItem, cancellationToken, payload.Length);
    }

    /// <inheritdoc/>
    public Task<RunRecord> FinishRunAsync(RunId run, RunOutcome outcome, CancellationToken cancellationToken)
    {
        RunRules.Check(run, outcome);
        var bytes = (outcome.Result?.LongLength ?? 0) + outcome.Vectors.Sum(v => v.Content.LongLength);
        return WriteAsync((run, outcome), RunWrites.Finish, cancellationToken, bytes);
    }

    /// <inheritdoc/>
    public Task<RunRecord?> ReadRunAsync(RunId run, CancellationToken cancellationToken) =>
        _readers.ReadAsync(run, static (connection, wanted, _) => RunWrites.Find(connection, wanted), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunItem>> ReadRunItemsAsync(RunId run, CancellationToken cancellationToken) =>
        _readers.ReadAsync<RunId, IReadOnlyList<RunItem>>(
            run,
            static (connection, wanted, token) =>
            {
                var items = new List<RunItem>();
                var rows = connection.Prepare(RunItems).Bind(1, wanted.Value);
                while (rows.Step())
                {
                    token.ThrowIfCancellationRequested();
                    items.Add(new RunItem((int)rows.Int64(0), (int)rows.Int64(1), rows.Blob(2).ToArray()));
                }

                return items;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunState? state, int limit, RunId? before, CancellationToken cancellationToken)
    {
        RunRules.CheckLimit(limit);
        return _readers.ReadAsync(
            (state, limit, before),
            static (connection, what, _) =>
            {
                var number = long.MaxValue;
                if (what.before is { } last)
                {
                    number = RunWrites.FindHead(connection, last)?.Number
                        ?? throw RunRules.NoSuchPage(last);
                }

                var rows = connection.Prepare(what.state is null ? AllRuns : RunsInState).Bind(1, number).Bind(2, what.limit);
                if (what.state is { } wanted)
                    rows.Bind(3, (long)wanted);
                return Summaries(rows);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ReadUnfinishedRunsAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(0, static (connection, _, _) => Summaries(connection.Prepare(UnfinishedRuns)), cancellationToken);

    /// <inheritdoc/>
    public Task<RunVector?> ReadRunVectorAsync(RunId run, int leg, NodeId node, CancellationToken cancellationToken) =>
        _readers.ReadAsync(
            (run, leg, node),
            static (connection, what, _) =>
            {
                var rows = connection.Prepare(OneVector).Bind(1, what.run.Value).Bind(2, what.leg).Bind(3, what.node.Value);
                if (!rows.Step())
                    return null;
                var vector = new RunVector(what.leg, what.node, rows.Text(0), rows.Blob(1).ToArray());
                rows.Reset();
                return vector;
            },
            cancellationToken);

    private static IReadOnlyList<RunSummary> Summaries(Statement rows)
    {
        var runs = new List<RunSummary>();
        while (rows.Step())
            runs.Add(RunRow.ReadSummary(rows));
        return runs;
    }
}
