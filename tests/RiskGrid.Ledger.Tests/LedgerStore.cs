using RiskGrid.Ledger.Sqlite;

namespace RiskGrid.Ledger.Tests;

/// <summary>One place that holds a ledger and outlives its closing; one class per kind of store. Every contract test runs on each.</summary>
public abstract class LedgerStore : IAsyncDisposable
{
    /// <summary>How many random histories are few enough for a test.</summary>
    public virtual int Histories => 1000;

    public abstract Task<ILedger> OpenAsync(TimeProvider clock);

    /// <summary>Spoils or empties what can be made again from the events.</summary>
    public abstract Task SpoilDerivedTablesAsync();

    /// <summary>Overwrites stored snapshot content.</summary>
    public abstract Task SpoilSnapshotAsync(string hash, Func<byte[], byte[]> spoil);

    /// <summary>Overwrites stored bytes.</summary>
    public abstract Task SpoilBlobAsync(string key, Func<byte[], byte[]> spoil);

    public abstract Task<long> RebuildAsync(ILedger ledger);

    public abstract ValueTask DisposeAsync();
}

public sealed class SqliteStore : LedgerStore
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("riskgrid-ledger-tests-");

    public string File => Path.Combine(_folder.FullName, "ledger.db");

    public override async Task<ILedger> OpenAsync(TimeProvider clock) =>
        await SqliteLedger.OpenAsync(File, clock, null, CancellationToken.None);

    public override Task SpoilDerivedTablesAsync()
    {
        SqliteFile.Execute(File, "DELETE FROM trade WHERE version % 2 = 1; UPDATE trade SET version = version + 7; UPDATE book SET sequence = 0");
        return Task.CompletedTask;
    }

    public override Task SpoilSnapshotAsync(string hash, Func<byte[], byte[]> spoil) => SpoilAsync("snapshot", "hash", hash, spoil);

    public override Task SpoilBlobAsync(string key, Func<byte[], byte[]> spoil) => SpoilAsync("blob", "key", key, spoil);

    public override async Task<long> RebuildAsync(ILedger ledger) =>
        (await ((SqliteLedger)ledger).RebuildAsync(CancellationToken.None)).Differences;

    public override ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private Task SpoilAsync(string table, string column, string key, Func<byte[], byte[]> spoil)
    {
        var content = SqliteFile.Blob(File, $"SELECT content FROM {table} WHERE {column} = $key", ("$key", key));
        SqliteFile.Execute(File, $"UPDATE {table} SET content = $content WHERE {column} = $key", ("$content", spoil(content)), ("$key", key));
        return Task.CompletedTask;
    }
}
