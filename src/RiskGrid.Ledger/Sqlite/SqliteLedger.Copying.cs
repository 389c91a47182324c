using System.Runtime.CompilerServices;
using RiskGrid.Ledger.Copying;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <content>Whole ledgers, in and out.</content>
public sealed partial class SqliteLedger : ITableStore
{
    private const int RowsPerCommit = 20_000;
    private const long BytesPerCommit = 8 << 20;

    /// <summary>All rows of the ledger in a file that nobody else has open. Neither the rows nor the schema are changed.</summary>
    /// <exception cref="ValidationException">The file is empty (field <c>from</c>).</exception>
    /// <exception cref="LedgerUnavailableException">Another process has it open, or it can't be read.</exception>
    /// <exception cref="LedgerFormatException">It is no ledger of this build's schema.</exception>
    internal static ITableReader ReadTables(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var fileLock = LedgerFileLock.Take(path);
        Connection? connection = null;
        try
        {
            connection = Connection.Open(path, new SqliteLedgerOptions(), writer: false);
            SchemaMigrations.Require(connection, path, SchemaMigrations.Embedded);
            connection.Execute("BEGIN");
            return new TableReader(path, connection, fileLock);
        }
        catch (Exception failed)
        {
            connection?.Dispose();
            fileLock.Dispose();
            if (failed is SqliteFailure store)
                throw store.ToLedgerException(path);
            throw;
        }
    }

    async Task ITableStore.FillAsync(Func<LedgerTable, IAsyncEnumerable<object?[]>> rows, CancellationToken cancellationToken)
    {
        var isEmpty = await _readers.ReadAsync(
            0,
            static (connection, _, _) => LedgerTable.Compared.All(t => connection.Number($"SELECT EXISTS (SELECT 1 FROM {t.Name})") == 0),
            cancellationToken).ConfigureAwait(false);
        if (!isEmpty)
            throw new ValidationException("to", "the ledger is not empty");

        foreach (var table in LedgerTable.Copied)
        {
            var (waiting, bytes) = (new List<object?[]>(), 0L);
            await foreach (var row in rows(table).ConfigureAwait(false))
            {
                waiting.Add(row);
                bytes += row.Sum(value => value is byte[] content ? content.LongLength : 0);
                if (waiting.Count < RowsPerCommit && bytes < BytesPerCommit)
                    continue;
                await WriteAsync((table, waiting), Add, cancellationToken, bytes).ConfigureAwait(false);
                (waiting, bytes) = ([], 0);
            }

            await WriteAsync((table, waiting), Add, cancellationToken, bytes).ConfigureAwait(false);
        }

        await RebuildAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool Add(WriterSession session, (LedgerTable Table, List<object?[]> Rows) add)
    {
        var values = string.Join(", ", Enumerable.Range(1, add.Table.Columns.Count).Select(i => $"?{i}"));
        var insert = session.Connection.Prepare($"INSERT INTO {add.Table.Name} ({add.Table.ColumnNames}) VALUES ({values})");
        foreach (var row in add.Rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                _ = row[i] switch
                {
                    null => insert.BindNull(i + 1),
                    long number => insert.Bind(i + 1, number),
                    string text => insert.Bind(i + 1, text),
                    var bytes => insert.Bind(i + 1, ((byte[])bytes).AsSpan()),
                };
            }

            insert.Run();
        }

        return true;
    }

    private sealed class TableReader(string path, Connection connection, LedgerFileLock fileLock) : ITableReader
    {
        public async IAsyncEnumerable<object?[]> ReadAsync(LedgerTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var statement = connection.Prepare(table.SelectAll);
            while (Step(statement))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return [.. table.Columns.Select((column, i) => Value(statement, column.Kind, i))];
            }
        }

        public ValueTask DisposeAsync()
        {
            connection.Dispose();
            fileLock.Dispose();
            return ValueTask.CompletedTask;
        }

        private static object? Value(Statement row, ColumnKind kind, int column) =>
            row.IsNull(column) ? null : kind switch
            {
                ColumnKind.Int64 => row.Int64(column),
                ColumnKind.Text => row.Text(column),
                _ => row.Blob(column).ToArray(),
            };

        private bool Step(Statement statement)
        {
            try
            {
                return statement.Step();
            }
            catch (SqliteFailure failed)
            {
                throw failed.ToLedgerException(path);
            }
        }
    }
}
