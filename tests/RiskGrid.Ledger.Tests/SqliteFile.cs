using Microsoft.Data.Sqlite;

namespace RiskGrid.Ledger.Tests;

/// <summary>The ledger file behind the ledger's back.</summary>
internal static class SqliteFile
{
    public static void Execute(string path, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = Open(path);
        using var command = Command(connection, sql, parameters);
        command.ExecuteNonQuery();
    }

    public static byte[] Blob(string path, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = Open(path);
        using var command = Command(connection, sql, parameters);
        return (byte[])command.ExecuteScalar()!;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    /// <summary>A read that does not end: the file's log can't be carried into it meanwhile.</summary>
    public sealed class OpenRead : IDisposable
    {
        private readonly SqliteConnection _connection;

        public OpenRead(string path, string table)
        {
            _connection = Open(path);
            using var begin = Command(_connection, "BEGIN", []);
            begin.ExecuteNonQuery();
            using var count = Command(_connection, $"SELECT count(*) FROM {table}", []);
            Rows = (long)count.ExecuteScalar()!;
        }

        public long Rows { get; }

        public void Dispose() => _connection.Dispose();
    }
}
