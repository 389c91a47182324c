using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>A row of <c>run</c> and the run it stands for.</summary>
internal static class RunRow
{
    /// <summary>The columns that <see cref="ReadSummary"/> takes.</summary>
    public const string SummaryColumns = "id, spec, item_count, state, created_at, deadline, ended_at, result_hash, error";

    private const string ById = $"SELECT {SummaryColumns}, manifest, result FROM run WHERE id = ?1";

    public static RunSummary ReadSummary(Statement row) =>
        new(
            RunId.Parse(row.Text(0)), row.Text(1), (int)row.Int64(2), (RunState)row.Int64(3), Instant.FromUnixTimeTicks(row.Int64(4)), Time(row, 5),
            Time(row, 6), row.IsNull(7) ? null : row.Text(7), row.IsNull(8) ? null : row.Text(8));

    /// <summary>The whole run, or null.</summary>
    public static RunRecord? Find(Connection connection, RunId run)
    {
        var row = connection.Prepare(ById).Bind(1, run.Value);
        if (!row.Step())
            return null;
        var record = new RunRecord(ReadSummary(row), row.Text(9), row.IsNull(10) ? null : row.Blob(10).ToArray());
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

    private static Instant? Time(Statement row, int column) => row.IsNull(column) ? null : Instant.FromUnixTimeTicks(row.Int64(column));
}
