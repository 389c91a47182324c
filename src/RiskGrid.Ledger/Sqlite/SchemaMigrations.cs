namespace RiskGrid.Ledger.Sqlite;

/// <summary>Brings a ledger file to this build's schema, and refuses files of another.</summary>
internal static class SchemaMigrations
{
    /// <summary>The migrations inside this assembly, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Migration.Embedded("Sqlite");

    /// <summary>Applies what is missing, each migration in a transaction of its own.</summary>
    /// <exception cref="LedgerFormatException">The file is no ledger, is newer than this build, or was made by changed migrations.</exception>
    public static void Apply(Connection connection, string path, IReadOnlyList<Migration> migrations, long nowTicks)
    {
        if (!HasSchema(connection, path))
        {
            connection.ExecuteScript(
                "CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
                + "applied_at INTEGER NOT NULL) STRICT");
        }

        foreach (var migration in Migration.Missing(path, Applied(connection), migrations))
            Apply(connection, migration, nowTicks);
    }

    /// <summary>Refuses a file that is not of this build's schema and changes nothing.</summary>
    /// <exception cref="Model.ValidationException">It is empty (field <c>from</c>).</exception>
    /// <exception cref="LedgerFormatException">The file is no ledger, is older or newer than this build, or was made by changed migrations.</exception>
    public static void Require(Connection connection, string path, IReadOnlyList<Migration> migrations)
    {
        if (!HasSchema(connection, path))
            throw new Model.ValidationException("from", $"there is no ledger in {path}: it is empty");
        Migration.RequireAll(path, Applied(connection), migrations);
    }

    private static bool HasSchema(Connection connection, string path)
    {
        var hasSchema = connection.Number("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'") == 1;
        if (!hasSchema && connection.Number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'") > 0)
            throw new LedgerFormatException($"{path} is a SQLite database, but not a ledger: it has no table schema_version.");
        return hasSchema;
    }

    private static void Apply(Connection connection, Migration migration, long nowTicks)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            connection.ExecuteScript(migration.Sql);
            connection.Prepare("INSERT INTO schema_version (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, migration.Number).Bind(2, migration.Name).Bind(3, migration.Checksum).Bind(4, nowTicks).Run();
            connection.Execute("COMMIT");
        }
        catch
        {
            if (connection.InTransaction)
                connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static List<AppliedMigration> Applied(Connection connection)
    {
        var applied = new List<AppliedMigration>();
        var rows = connection.Prepare("SELECT version, name, checksum FROM schema_version ORDER BY version");
        while (rows.Step())
            applied.Add(new AppliedMigration(rows.Int64(0), rows.Text(1), rows.Text(2)));
        return applied;
    }
}
