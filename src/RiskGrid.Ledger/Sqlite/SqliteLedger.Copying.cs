using System.Runtime.CompilerServices;
using RiskGrid.Ledger.Copying;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Sqlite;

/// <content>Whole ledgers, in and out.</content>
public sealed partial class SqliteLedger : ITableStore
{
    private const int RowsPerCommit = 20_000;
    private const long BytesPerCommit = 8 << 20;

    Task<ITableReader> ITableStore.BeginReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ITableReader>(new TableReader(Path));

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

    private sealed class TableReader : ITableReader
    {
        private readonly Connection _connection;
        private readonly string _path;

        public TableReader(string path)
        {
            _path = path;
            try
            {
                _connection = Connection.Open(path, new SqliteLedgerOptions(), writer: false);
                _connection.Execute("BEGIN");
            }
            catch (SqliteFailure failed)
            {
                _connection?.Dispose();
                throw failed.ToLedgerException(path);
            }
        }

        public async IAsyncEnumerable<object?[]> ReadAsync(LedgerTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var statement = _connection.Prepare(table.SelectAll);
            while (Step(statement))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return [.. table.Columns.Select((column, i) => Value(statement, column.Kind, i))];
            }
        }

        public ValueTask DisposeAsync()
        {
            _connection.Dispose();
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
                throw failed.ToLedgerException(_path);
            }
        }
    }
}
