using RiskGrid.Ledger.Rows;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>What the writer does to runs, inside its transaction. Every refusal comes before the first write.</summary>
internal static class RunWrites
{
    public static RunRecord Create(WriterSession session, NewRun run)
    {
        var connection = session.Connection;
        if (Find(connection, run.Id) is { } stored)
        {
            RunRules.CheckSame(stored, run);
            return stored;
        }

        connection.Prepare(
            "INSERT INTO run (id, spec, manifest, item_count, state, created_at, deadline) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)")
            .Bind(1, run.Id.Value).Bind(2, run.SpecJson).Bind(3, run.ManifestJson).Bind(4, run.ItemCount)
            .Bind(5, session.NextRecordingTime()).Bind(6, run.Deadline?.ToUnixTimeTicks()).Run();
        return Find(connection, run.Id)!;
    }

    /// <summary>False when the run has ended.</summary>
    public static bool PutItem(WriterSession session, (RunId Run, RunItem Item) put)
    {
        var connection = session.Connection;
        var (number, state) = FindHead(connection, put.Run) ?? throw RunRules.NoSuchRun(put.Run);
        if (state != RunState.Running)
            return false;

        var (leg, block, payload) = put.Item;
        var stored = connection.Prepare("SELECT payload FROM run_item WHERE run = ?1 AND leg = ?2 AND block = ?3")
            .Bind(1, number).Bind(2, leg).Bind(3, block);
        if (stored.Step())
        {
            var isSame = stored.Blob(0).SequenceEqual(payload);
            var storedHash = isSame ? string.Empty : RunRules.Hash(stored.Blob(0));
            stored.Reset();
            return isSame ? true : throw new RunItemConflictException(put.Run, leg, block, storedHash, RunRules.Hash(payload));
        }

        connection.Prepare("INSERT INTO run_item (run, leg, block, payload) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, number).Bind(2, leg).Bind(3, block).Bind(4, payload.AsSpan()).Run();
        return true;
    }

    public static RunRecord Finish(WriterSession session, (RunId Run, RunOutcome Outcome) finish)
    {
        var connection = session.Connection;
        var (number, state) = FindHead(connection, finish.Run) ?? throw RunRules.NoSuchRun(finish.Run);
        if (state == RunState.Running)
        {
            End(session, number, finish.Outcome);
            foreach (var vector in finish.Outcome.Vectors)
            {
                connection.Prepare("INSERT INTO run_vector (run, leg, node, scenario_set_hash, content) VALUES (?1, ?2, ?3, ?4, ?5)")
                    .Bind(1, number).Bind(2, vector.Leg).Bind(3, vector.Node.Value).Bind(4, vector.ScenarioSetHash)
                    .Bind(5, vector.Content.AsSpan()).Run();
            }

            connection.Prepare("DELETE FROM run_item WHERE run = ?1").Bind(1, number).Run();
        }

        return Find(connection, finish.Run)!;
    }

    private static void End(WriterSession session, long number, RunOutcome outcome)
    {
        // A clock that was set back since a restart must not end a run before it began.
        var update = session.Connection.Prepare(
            "UPDATE run SET state = ?2, ended_at = max(?3, created_at), result = ?4, result_hash = ?5, error = ?6 WHERE number = ?1")
            .Bind(1, number).Bind(2, (long)outcome.State).Bind(3, session.NextRecordingTime())
            .Bind(5, outcome.ResultHash).Bind(6, outcome.Error);
        _ = outcome.Result is { } result ? update.Bind(4, result.AsSpan()) : update.BindNull(4);
        update.Run();
    }

    /// <summary>The whole run, or null.</summary>
    public static RunRecord? Find(Connection connection, RunId run)
    {
        var row = connection.Prepare($"SELECT {RunRow.Columns} FROM run WHERE id = ?1").Bind(1, run.Value);
        if (!row.Step())
            return null;
        var record = RunRow.Read(row);
        row.Reset();
        return record;
    }

    /// <summary>A run's number and state, or null.</summary>
    public static (long Number, RunState State)? FindHead(Connection connection, RunId run)
    {
        var row = connection.Prepare("SELECT number, state FROM run WHERE id = ?1").Bind(1, run.Value);
        if (!row.Step())
            return null;
        var head = (row.Int64(0), (RunState)row.Int64(1));
        row.Reset();
        return head;
    }
}
