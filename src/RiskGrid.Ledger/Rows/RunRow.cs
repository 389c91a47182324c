using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Rows;

/// <summary>A row of <c>run</c> and the run it stands for.</summary>
internal static class RunRow
{
    /// <summary>The columns that <see cref="ReadSummary"/> takes.</summary>
    public const string SummaryColumns = "id, spec, item_count, state, created_at, deadline, ended_at, result_hash, error";

    /// <summary>The columns that <see cref="Read"/> takes.</summary>
    public const string Columns = $"{SummaryColumns}, manifest, result";

    public static RunSummary ReadSummary<TRow>(TRow row)
        where TRow : IStoredRow =>
        new(
            RunId.Parse(row.Text(0)), row.Text(1), (int)row.Int64(2), (RunState)row.Int64(3), Instant.FromUnixTimeTicks(row.Int64(4)), Time(row, 5),
            Time(row, 6), row.IsNull(7) ? null : row.Text(7), row.IsNull(8) ? null : row.Text(8));

    /// <summary>The whole run.</summary>
    public static RunRecord Read<TRow>(TRow row)
        where TRow : IStoredRow =>
        new(ReadSummary(row), row.Text(9), row.IsNull(10) ? null : row.Blob(10).ToArray());

    private static Instant? Time<TRow>(TRow row, int column)
        where TRow : IStoredRow =>
        row.IsNull(column) ? null : Instant.FromUnixTimeTicks(row.Int64(column));
}
