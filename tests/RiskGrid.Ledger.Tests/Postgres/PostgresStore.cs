using RiskGrid.Ledger.Postgres;

namespace RiskGrid.Ledger.Tests.Postgres;

public sealed class PostgresStore : LedgerStore
{
    private PostgresDatabase? _database;

    // A round trip costs more than a page of a file.
    public override int Histories => 200;

    public override async Task<ILedger> OpenAsync(TimeProvider clock)
    {
        _database ??= await PostgresDatabase.CreateAsync();
        return await PostgresLedger.OpenAsync(_database.Address, new PostgresLedgerOptions { Clock = clock }, CancellationToken.None);
    }

    public override Task SpoilDerivedTablesAsync() =>
        _database!.ExecuteAsync("DELETE FROM trade WHERE version % 2 = 1; UPDATE trade SET version = version + 7; UPDATE book SET sequence = 0");

    public override Task SpoilSnapshotAsync(string hash, Func<byte[], byte[]> spoil) => SpoilAsync("snapshot", "hash", hash, spoil);

    public override Task SpoilBlobAsync(string key, Func<byte[], byte[]> spoil) => SpoilAsync("blob", "key", key, spoil);

    public override async Task<long> RebuildAsync(ILedger ledger) =>
        (await ((PostgresLedger)ledger).RebuildAsync(CancellationToken.None)).Differences;

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    private async Task SpoilAsync(string table, string column, string key, Func<byte[], byte[]> spoil)
    {
        var content = await _database!.ReadAsync<byte[]>($"SELECT content FROM {table} WHERE {column} = $1", key);
        await _database.ExecuteAsync($"UPDATE {table} SET content = $2 WHERE {column} = $1", key, spoil(content));
    }
}
