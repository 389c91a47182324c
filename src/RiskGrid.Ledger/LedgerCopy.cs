using RiskGrid.Ledger.Copying;
using RiskGrid.Ledger.Postgres;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>One table of two ledgers.</summary>
/// <param name="Table">Its name.</param>
/// <param name="FromRows">Rows in the source.</param>
/// <param name="ToRows">Rows in the target.</param>
/// <param name="FromDigest">SHA-256 over the source's rows in order, every column of them.</param>
/// <param name="ToDigest">The same of the target.</param>
public sealed record TableComparison(string Table, long FromRows, long ToRows, string FromDigest, string ToDigest)
{
    /// <summary>Both hold the same.</summary>
    public bool IsSame => FromRows == ToRows && string.Equals(FromDigest, ToDigest, StringComparison.Ordinal);
}

/// <summary>Copies whole ledgers from store to store: every event, command with its reply, epoch, hierarchy, snapshot, market, run and blob, as it was
/// recorded and when it was.</summary>
public static class LedgerCopy
{
    private const int RowsPerProgress = 10_000;

    // Nobody else has any business with a file that is being made.
    private static readonly SqliteLedgerOptions ForCopying = new() { BusyTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>Copies a ledger as it is at one moment into an empty one, then reads both and compares them.</summary>
    /// <param name="from">The address of the source (<see cref="Ledgers"/>). What is written to it meanwhile is not copied.</param>
    /// <param name="to">The address of the target: a SQLite file that does not exist, or a PostgreSQL database without a ledger or with an empty one.
    /// It holds nothing when the copying did not end.</param>
    /// <param name="progress">Told the table and its rows so far.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <returns>Every table of both.</returns>
    /// <exception cref="ValidationException">An address is none, or there is no source (field <c>from</c>), or the target is not empty (field
    /// <c>to</c>).</exception>
    /// <exception cref="LedgerUnavailableException">A store failed.</exception>
    /// <exception cref="LedgerFormatException">A store holds something else.</exception>
    public static async Task<IReadOnlyList<TableComparison>> CopyAsync(
        string from, string to, Action<string, long>? progress, CancellationToken cancellationToken)
    {
        if (string.Equals(Ledgers.Describe(from), Ledgers.Describe(to), StringComparison.Ordinal))
            throw new ValidationException("to", "source and target are the same ledger");
        if (Ledgers.SqlitePath(from) is { } source && !File.Exists(source))
            throw new ValidationException("from", $"there is no ledger {source}");
        if (Ledgers.SqlitePath(to) is not { } file)
            return await CopyAsync(from, to, to, progress, cancellationToken).ConfigureAwait(false);

        // Under another name until it is whole and found the same.
        if (File.Exists(file))
            throw new ValidationException("to", $"{file} exists already; name a new file");
        var partial = $"{file}.copying";
        Remove(partial);
        try
        {
            var tables = await CopyAsync(from, partial, file, progress, cancellationToken).ConfigureAwait(false);
            if (tables.All(t => t.IsSame))
                File.Move(partial, file);
            return tables;
        }
        finally
        {
            Remove(partial);
        }
    }

    private static async Task<IReadOnlyList<TableComparison>> CopyAsync(
        string from, string to, string named, Action<string, long>? progress, CancellationToken cancellationToken)
    {
        var before = LedgerTable.Compared.ToDictionary(t => t.Name, _ => new TableDigest(), StringComparer.Ordinal);
        await using (var rows = await ReadAsync(from, cancellationToken).ConfigureAwait(false))
        {
            await using var target = await OpenAsync(to, cancellationToken).ConfigureAwait(false);
            try
            {
                await ((ITableStore)target).FillAsync(
                    table => Tell(table.Name, before[table.Name].TapAsync(rows.ReadAsync(table, cancellationToken), cancellationToken), progress),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (ValidationException refused) when (string.Equals(refused.Field, "to", StringComparison.Ordinal))
            {
                throw new ValidationException("to", $"{Ledgers.Describe(named)} is not empty; copy into a ledger without anything");
            }

            foreach (var table in LedgerTable.Compared.Skip(LedgerTable.Copied.Count))
                await HashAsync(rows, table, before[table.Name], cancellationToken).ConfigureAwait(false);
        }

        // Only what is read after the closing has been stored as it will be found.
        if (Ledgers.SqlitePath(to) is { } file)
            RequireWhole(file, named);
        var compared = new List<TableComparison>();
        await using var copy = await ReadAsync(to, cancellationToken).ConfigureAwait(false);
        foreach (var table in LedgerTable.Compared)
        {
            using var was = before[table.Name];
            using var after = new TableDigest();
            await HashAsync(copy, table, after, cancellationToken).ConfigureAwait(false);
            compared.Add(new TableComparison(table.Name, was.Rows, after.Rows, was.Digest, after.Digest));
        }

        return compared;
    }

    private static async Task<ILedger> OpenAsync(string address, CancellationToken cancellationToken) =>
        Ledgers.SqlitePath(address) is { } path
            ? await SqliteLedger.OpenAsync(path, TimeProvider.System, ForCopying, cancellationToken).ConfigureAwait(false)
            : await PostgresLedger.OpenAsync(address, PostgresLedgerOptions.ForCopying, cancellationToken).ConfigureAwait(false);

    private static async Task<ITableReader> ReadAsync(string address, CancellationToken cancellationToken) =>
        Ledgers.SqlitePath(address) is { } path
            ? SqliteLedger.ReadTables(path)
            : await PostgresLedger.ReadTablesAsync(address, cancellationToken).ConfigureAwait(false);

    // The closing carries the log into the file and removes it; what is still in it would not go with the file.
    private static void RequireWhole(string file, string named)
    {
        var log = new FileInfo($"{file}-wal");
        if (log.Exists && log.Length > 0)
        {
            throw new LedgerUnavailableException(
                $"The copy {named} could not be finished: its log can't be carried into the file. Free disk space, keep other programs off {file}, and retry.");
        }
    }

    private static async Task HashAsync(ITableReader reader, LedgerTable table, TableDigest digest, CancellationToken cancellationToken)
    {
        await foreach (var row in reader.ReadAsync(table, cancellationToken).ConfigureAwait(false))
            digest.Add(row);
    }

    private static async IAsyncEnumerable<object?[]> Tell(string table, IAsyncEnumerable<object?[]> rows, Action<string, long>? progress)
    {
        var count = 0L;
        await foreach (var row in rows.ConfigureAwait(false))
        {
            if (++count % RowsPerProgress == 0)
                progress?.Invoke(table, count);
            yield return row;
        }

        progress?.Invoke(table, count);
    }

    private static void Remove(string partial)
    {
        foreach (var ending in new[] { string.Empty, "-wal", "-shm", ".lock" })
            File.Delete(partial + ending);
    }
}
