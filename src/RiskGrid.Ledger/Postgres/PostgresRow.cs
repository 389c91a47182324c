using Npgsql;
using RiskGrid.Ledger.Rows;

namespace RiskGrid.Ledger.Postgres;

/// <summary>The row on which a reader stands.</summary>
internal readonly struct PostgresRow(NpgsqlDataReader reader) : IStoredRow
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public long Int64(int column) => reader.GetInt64(column);

    public string Text(int column) => reader.GetString(column);

    public ReadOnlySpan<byte> Blob(int column) => Bytes(column);

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);
}
