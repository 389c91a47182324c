using Npgsql;

namespace RiskGrid.Ledger.Postgres;

/// <summary>Brings a database to this build's schema, and refuses databases of another.</summary>
internal static class PostgresMigrations
{
    private const string Begin = "BEGIN";

    // Held to the end of the transaction: of processes that start together one migrates and the others find it done.
    private const string Hold = "SELECT pg_advisory_xact_lock(8250761, 0)";

    private const string HasTables =
        "SELECT to_regclass('schema_version') IS NOT NULL, EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())";

    private const string MakeVersions = """
        CREATE TABLE schema_version (
            version bigint NOT NULL PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """;

    /// <summary>The migrations inside this assembly, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Migration.Embedded("Postgres");

    /// <summary>Applies what is missing, all in one transaction.</summary>
    /// <exception cref="LedgerFormatException">The database holds something else, is newer than this build, or was made by changed migrations.</exception>
    public static async Task<bool> ApplyAsync(
        WriteSession session, string ledger, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        var connection = session.Connection;
        await RunAsync(connection, Begin, cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, Hold, cancellationToken).ConfigureAwait(false);
        if (!await HasVersionsAsync(connection, ledger, cancellationToken).ConfigureAwait(false))
            await RunAsync(connection, MakeVersions, cancellationToken).ConfigureAwait(false);
        foreach (var migration in Migration.Missing(ledger, await AppliedAsync(connection, cancellationToken).ConfigureAwait(false), migrations))
        {
            await RunAsync(connection, migration.Sql, cancellationToken).ConfigureAwait(false);
            await using var note = new Pipeline(connection);
            await note.Add("INSERT INTO schema_version (version, name, checksum) VALUES ($1, $2, $3)")
                .Int64(migration.Number).Text(migration.Name).Text(migration.Checksum).RunAsync(cancellationToken).ConfigureAwait(false);
        }

        // Committing twice what is there already is no harm: a broken connection is tried again.
        await RunAsync(connection, Pipeline.Commit, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Refuses a database that is not of this build's schema and changes nothing.</summary>
    /// <exception cref="Model.ValidationException">It is empty (field <c>from</c>).</exception>
    /// <exception cref="LedgerFormatException">The database holds something else, is older or newer than this build, or was made by changed
    /// migrations.</exception>
    public static async Task<bool> RequireAsync(NpgsqlConnection connection, string ledger, CancellationToken cancellationToken)
    {
        if (!await HasVersionsAsync(connection, ledger, cancellationToken).ConfigureAwait(false))
            throw new Model.ValidationException("from", $"there is no ledger in {ledger}: the database is empty");
        Migration.RequireAll(ledger, await AppliedAsync(connection, cancellationToken).ConfigureAwait(false), Embedded);
        return true;
    }

    private static async Task<bool> HasVersionsAsync(NpgsqlConnection connection, string ledger, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HasTables, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!reader.GetBoolean(0) && reader.GetBoolean(1))
            throw new LedgerFormatException($"The database {ledger} holds tables, but no ledger: it has no table schema_version. Give the ledger a database of its own.");
        return reader.GetBoolean(0);
    }

    private static async Task<List<AppliedMigration>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new List<AppliedMigration>();
        await using var command = new NpgsqlCommand("SELECT version, name, checksum FROM schema_version ORDER BY version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            applied.Add(new AppliedMigration(reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
