using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>One numbered step of the schema.</summary>
/// <param name="Number">1, 2, 3 …, without gaps.</param>
/// <param name="Name">The file's name without its extension: <c>0001_trades</c>.</param>
/// <param name="Sql">What it runs.</param>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with Unix line ends, so that a checkout's line ends do not matter.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>Brings a ledger file to this build's schema, and refuses files of another.</summary>
internal static class SchemaMigrations
{
    private const string Prefix = "RiskGrid.Ledger.Sqlite.Migrations.";

    /// <summary>The migrations inside this assembly, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Load(typeof(SchemaMigrations).Assembly);

    /// <summary>Applies what is missing, each migration in a transaction of its own.</summary>
    /// <exception cref="LedgerFormatException">The file is no ledger, is newer than this build, or was made by changed migrations.</exception>
    public static void Apply(Connection connection, string path, IReadOnlyList<Migration> migrations, long nowTicks)
    {
        var hasSchema = connection.Number("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'") == 1;
        if (!hasSchema && connection.Number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'") > 0)
            throw new LedgerFormatException($"{path} is a SQLite database, but not a ledger: it has no table schema_version.");
        if (!hasSchema)
        {
            connection.ExecuteScript(
                "CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
                + "applied_at INTEGER NOT NULL) STRICT");
        }

        var applied = Applied(connection);
        for (var i = 0; i < applied.Count; i++)
            Check(path, applied[i], i < migrations.Count ? migrations[i] : null, migrations.Count);
        foreach (var migration in migrations.Skip(applied.Count))
            Apply(connection, migration, nowTicks);
    }

    private static void Check(string path, (long Version, string Name, string Checksum) applied, Migration? known, int newest)
    {
        if (known is null)
        {
            throw new LedgerFormatException(
                $"The ledger {path} has schema {applied.Version} ({applied.Name}); this build knows schemas up to {newest}. Use a newer build.");
        }

        if (applied.Version != known.Number || !string.Equals(applied.Checksum, known.Checksum, StringComparison.Ordinal))
        {
            throw new LedgerFormatException(
                $"The ledger {path} was made by another migration {applied.Version} ({applied.Name}) than this build's {known.Name}: "
                + $"checksum {applied.Checksum}, expected {known.Checksum}. An applied migration must not be changed; use the build that made the file.");
        }
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

    private static List<(long Version, string Name, string Checksum)> Applied(Connection connection)
    {
        var applied = new List<(long, string, string)>();
        var rows = connection.Prepare("SELECT version, name, checksum FROM schema_version ORDER BY version");
        while (rows.Step())
            applied.Add((rows.Int64(0), rows.Text(1), rows.Text(2)));
        return applied;
    }

    private static List<Migration> Load(Assembly assembly)
    {
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var name = Path.GetFileNameWithoutExtension(resource[Prefix.Length..]);
            migrations.Add(new Migration(int.Parse(name.AsSpan(0, 4)), name, reader.ReadToEnd()));
        }

        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
                throw new InvalidOperationException($"Migration {migrations[i].Name} is number {i + 1} in order; the numbers must have no gap.");
        }

        return migrations;
    }
}
