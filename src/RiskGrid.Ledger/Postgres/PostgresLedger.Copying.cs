using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using RiskGrid.Ledger.Copying;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <content>Whole ledgers, in and out.</content>
public sealed partial class PostgresLedger : ITableStore
{
    /// <summary>All rows of the ledger in a database as they are now. Nothing is written, the schema included.</summary>
    /// <exception cref="ValidationException">The database is empty (field <c>from</c>).</exception>
    /// <exception cref="LedgerUnavailableException">The server can't be reached or refuses.</exception>
    /// <exception cref="LedgerFormatException">It holds no ledger of this build's schema.</exception>
    internal static async Task<ITableReader> ReadTablesAsync(string address, CancellationToken cancellationToken)
    {
        var pool = new ConnectionPool(PostgresAddress.Parse(address), PostgresLedgerOptions.ForCopying);
        try
        {
            await pool.ReadAsync(
                pool.Ledger, static (connection, ledger, token) => PostgresMigrations.RequireAsync(connection, ledger, token), cancellationToken)
                .ConfigureAwait(false);
            var connection = await pool.OpenAsync(cancellationToken).ConfigureAwait(false);
            await RunAsync(connection, Pipeline.BeginRead, cancellationToken).ConfigureAwait(false);
            return new TableReader(connection, pool);
        }
        catch
        {
            await pool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    Task ITableStore.FillAsync(Func<LedgerTable, IAsyncEnumerable<object?[]>> rows, CancellationToken cancellationToken) =>
        _pool.WriteAsync(rows, FillAsync, cancellationToken);

    private static async Task<bool> FillAsync(
        WriteSession session, Func<LedgerTable, IAsyncEnumerable<object?[]>> rows, CancellationToken cancellationToken)
    {
        // The rows come once.
        session.IsCommitting = true;
        var connection = session.Connection;
        await RunAsync(connection, Pipeline.BeginWrite, cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, $"LOCK TABLE {string.Join(", ", LedgerTable.Compared.Select(t => t.Name))} IN EXCLUSIVE MODE", cancellationToken)
            .ConfigureAwait(false);
        var filled = string.Join(" + ", LedgerTable.Compared.Select(t => $"(SELECT count(*) FROM (SELECT FROM {t.Name} LIMIT 1) t)"));
        if (await NumberAsync(connection, $"SELECT {filled}", cancellationToken).ConfigureAwait(false) != 0)
            throw new ValidationException("to", "the ledger is not empty");

        foreach (var table in LedgerTable.Copied)
            await CopyInAsync(connection, table, rows(table), cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, PostgresDerivedTables.FillTrades, cancellationToken).ConfigureAwait(false);

        // Goes on after the newest time and the newest run.
        var times = string.Join(", ", LedgerTable.Copied.Where(t => t.Columns.Any(c => c.Name is "recorded_at")).Select(t => $"(SELECT max(recorded_at) FROM {t.Name})"));
        await RunAsync(
            connection, $"SELECT setval('ledger_clock', greatest(last_value, {times}, (SELECT max(greatest(created_at, ended_at)) FROM run))) FROM ledger_clock",
            cancellationToken).ConfigureAwait(false);
        await RunAsync(
            connection, "SELECT setval(pg_get_serial_sequence('run', 'number'), coalesce(max(number), 0) + 1, false) FROM run", cancellationToken)
            .ConfigureAwait(false);
        await RunAsync(connection, Pipeline.Commit, cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, "ANALYZE", cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static async Task CopyInAsync(
        NpgsqlConnection connection, LedgerTable table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {table.Name} ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await foreach (var row in rows.ConfigureAwait(false))
        {
            await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
            foreach (var value in row)
            {
                await (value switch
                {
                    null => copy.WriteNullAsync(cancellationToken),
                    long number => copy.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
                    string text => copy.WriteAsync(text, NpgsqlDbType.Text, cancellationToken),
                    _ => copy.WriteAsync((byte[])value, NpgsqlDbType.Bytea, cancellationToken),
                }).ConfigureAwait(false);
            }
        }

        await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class TableReader(NpgsqlConnection connection, ConnectionPool pool) : ITableReader
    {
        public async IAsyncEnumerable<object?[]> ReadAsync(LedgerTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand(table.SelectAll, connection);
            await using var reader = await TryAsync(() => command.ExecuteReaderAsync(cancellationToken)).ConfigureAwait(false);
            while (await TryAsync(() => reader.ReadAsync(cancellationToken)).ConfigureAwait(false))
                yield return [.. table.Columns.Select((column, i) => Value(reader, column.Kind, i))];
        }

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            await pool.DisposeAsync().ConfigureAwait(false);
        }

        private static object? Value(NpgsqlDataReader row, ColumnKind kind, int column) =>
            row.IsDBNull(column) ? null : kind switch
            {
                ColumnKind.Int64 => row.GetInt64(column),
                ColumnKind.Text => row.GetString(column),
                _ => row.GetFieldValue<byte[]>(column),
            };

        private async Task<T> TryAsync<T>(Func<Task<T>> read)
        {
            try
            {
                return await read().ConfigureAwait(false);
            }
            catch (Exception failed) when (PostgresFailure.IsOfTheStore(failed))
            {
                throw PostgresFailure.ToLedgerException(failed, pool.Ledger);
            }
        }
    }
}
