using System.Globalization;
using Npgsql;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Postgres;

/// <summary>Where a ledger's database is: <c>postgres://user:password@host:port/database?sslmode=require</c>.</summary>
/// <param name="connection">The connection settings that it states.</param>
internal sealed class PostgresAddress(NpgsqlConnectionStringBuilder connection)
{
    /// <summary>What an address may look like, for messages.</summary>
    public const string Form = "postgres://user:password@host:port/database";

    private const int DefaultPort = 5432;

    // Those that say how to reach a server. What a ledger needs of its sessions it sets itself.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["passfile"] = "Passfile",
    };

    /// <summary>The address without its password, for people and logs.</summary>
    public string Description { get; } = string.Create(
        CultureInfo.InvariantCulture, $"postgres://{connection.Username}@{connection.Host}:{connection.Port}/{connection.Database}");

    /// <summary>The settings to connect by; a fresh copy.</summary>
    public NpgsqlConnectionStringBuilder Connection => new(connection.ConnectionString);

    public static bool IsOne(string address) =>
        address.StartsWith("postgres://", StringComparison.Ordinal) || address.StartsWith("postgresql://", StringComparison.Ordinal);

    /// <exception cref="ValidationException">It is no such address; the message never holds the password.</exception>
    public static PostgresAddress Parse(string address)
    {
        if (!IsOne(address) || !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw Wrong("it is not of that form");
        var user = uri.UserInfo.Split(':', 2);
        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (user[0].Length == 0)
            throw Wrong("it names no user");
        if (database.Length == 0 || database.Contains('/', StringComparison.Ordinal))
            throw Wrong("it names no database");

        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = uri.IdnHost.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : DefaultPort,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = database,
        };
        foreach (var setting in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            Set(connection, setting.Split('=', 2));
        return new PostgresAddress(connection);
    }

    private static void Set(NpgsqlConnectionStringBuilder connection, string[] setting)
    {
        if (!Settings.TryGetValue(setting[0], out var name) || setting.Length < 2)
            throw Wrong($"'{setting[0]}' is none of its settings: {string.Join(", ", Settings.Keys)}");
        try
        {
            var value = Uri.UnescapeDataString(setting[1]);

            // verify-full in PostgreSQL's own tools, VerifyFull here.
            connection[name] = string.Equals(setting[0], "sslmode", StringComparison.Ordinal)
                ? value.Replace("-", string.Empty, StringComparison.Ordinal)
                : value;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidCastException)
        {
            throw Wrong($"its {setting[0]} is not one that there is");
        }
    }

    private static ValidationException Wrong(string why) => new("ledger", $"an address in PostgreSQL is {Form}?sslmode=…, and this one is wrong: {why}");
}
