using System.Globalization;
using Npgsql;
using RiskGrid.Ledger.Postgres;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests.Postgres;

/// <summary>A database of its own, with the schema or empty, in the server that all tests of this process share.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const string Template = "ledger_template";

    // The server ends with this process.
    private static readonly Lazy<Task<TestServer>> Shared = new(StartAsync);
    private static int _count;

    private readonly TestServer _server;
    private readonly string _name;

    private PostgresDatabase(TestServer server, string name)
    {
        _server = server;
        _name = name;
    }

    public string Address => AddressOf(_server, _name);

    /// <summary>A database with the newest schema.</summary>
    public static Task<PostgresDatabase> CreateAsync() => CreateAsync(Template);

    /// <summary>A database without anything.</summary>
    public static Task<PostgresDatabase> CreateEmptyAsync() => CreateAsync("template0");

    /// <summary>Runs statements behind the ledger's back.</summary>
    public Task ExecuteAsync(string sql, params object[] parameters) => ExecuteAsync(_server, _name, sql, parameters);

    public async Task<T> ReadAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, sql, parameters);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A connection beside the ledger's.</summary>
    public Task<NpgsqlConnection> OpenAsync() => OpenAsync(_server, _name);

    public async ValueTask DisposeAsync() => await ExecuteAsync(_server, "postgres", $"DROP DATABASE {_name} WITH (FORCE)");

    internal static string AddressOf(TestServer server, string database) =>
        string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@127.0.0.1:{server.Port}/{database}");

    private static async Task<PostgresDatabase> CreateAsync(string template)
    {
        var server = await Shared.Value;
        var name = $"ledger_{Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture)}";
        await ExecuteAsync(server, "postgres", $"CREATE DATABASE {name} TEMPLATE {template}");
        return new PostgresDatabase(server, name);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServers.PostgresAsync();
        await ExecuteAsync(server, "postgres", $"CREATE DATABASE {Template}");
        await (await PostgresLedger.OpenAsync(AddressOf(server, Template), null, CancellationToken.None)).DisposeAsync();
        return server;
    }

    private static async Task ExecuteAsync(TestServer server, string database, string sql, params object[] parameters)
    {
        await using var connection = await OpenAsync(server, database);
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(TestServer server, string database)
    {
        var connection = PostgresAddress.Parse(AddressOf(server, database)).Connection;
        connection.Pooling = false;
        var opened = new NpgsqlConnection(connection.ConnectionString);
        await opened.OpenAsync();
        return opened;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
