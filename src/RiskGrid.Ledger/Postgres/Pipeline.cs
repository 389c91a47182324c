using Npgsql;
using NpgsqlTypes;

namespace RiskGrid.Ledger.Postgres;

/// <summary>Statements that go to the server together and are answered together, in one round trip. Parameters are <c>$1</c>, <c>$2</c> … in the
/// order in which they are added to the last statement.</summary>
internal sealed class Pipeline(NpgsqlConnection connection) : IAsyncDisposable
{
    /// <summary>Each statement sees what was committed before it; rows that it waited for are seen as they are after the wait.</summary>
    public const string BeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    /// <summary>All statements see one moment.</summary>
    public const string BeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public const string Commit = "COMMIT";

    private readonly NpgsqlBatch _batch = connection.CreateBatch();

    public Pipeline Add(string sql)
    {
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        return this;
    }

    public Pipeline Text(string? value) => With(value, NpgsqlDbType.Text);

    public Pipeline Int64(long value) => With(value, NpgsqlDbType.Bigint);

    public Pipeline Int64(long? value) => value is { } number ? Int64(number) : Null(NpgsqlDbType.Bigint);

    public Pipeline Bytes(byte[]? value) => With(value, NpgsqlDbType.Bytea);

    public Pipeline Bytes(ReadOnlyMemory<byte> value) => With(value, NpgsqlDbType.Bytea);

    public Pipeline Texts(IReadOnlyCollection<string?> values) => With(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    public Pipeline Int64s(IReadOnlyCollection<long> values) => With(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public Pipeline Int64s(IReadOnlyCollection<long?> values) => With(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public Pipeline Bools(IReadOnlyCollection<bool> values) => With(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Boolean);

    public Pipeline Bytes(IReadOnlyCollection<ReadOnlyMemory<byte>> values) => With(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    public Task<NpgsqlDataReader> ReadAsync(CancellationToken cancellationToken) => _batch.ExecuteReaderAsync(cancellationToken);

    public Task RunAsync(CancellationToken cancellationToken) => _batch.ExecuteNonQueryAsync(cancellationToken);

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private Pipeline With<T>(T value, NpgsqlDbType type)
    {
        if (value is null)
            return Null(type);
        _batch.BatchCommands[^1].Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return this;
    }

    private Pipeline Null(NpgsqlDbType type)
    {
        _batch.BatchCommands[^1].Parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type });
        return this;
    }
}
