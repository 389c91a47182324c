using RiskGrid.Ledger.Postgres;

namespace RiskGrid.Ledger.Tests.Postgres;

/// <summary>Databases of other builds, and builds that start together.</summary>
public sealed class PostgresSchemaTests : IAsyncLifetime
{
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresDatabase.CreateEmptyAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Processes_that_start_together_on_an_empty_database_all_open_it()
    {
        var ledgers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => OpenAsync(PostgresMigrations.Embedded))));
        var epochs = await Task.WhenAll(ledgers.Select(l => l.TakeEpochAsync("B1")));
        Assert.Equal([1, 2, 3, 4, 5, 6], epochs.Order());
        Assert.Equal(PostgresMigrations.Embedded.Count, await _database.ReadAsync<long>("SELECT count(*) FROM schema_version"));
        foreach (var ledger in ledgers)
            await ledger.DisposeAsync();
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        Migration[] newer = [.. PostgresMigrations.Embedded, new(PostgresMigrations.Embedded.Count + 1, "9999_later", "CREATE TABLE later (id bigint)")];
        await (await OpenAsync(newer)).DisposeAsync();
        var refused = await Assert.ThrowsAsync<LedgerFormatException>(() => OpenAsync(PostgresMigrations.Embedded));
        Assert.Contains("9999_later", refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer build", refused.Message, StringComparison.Ordinal);
        await (await OpenAsync(newer)).DisposeAsync();
    }

    [Fact]
    public async Task A_schema_made_by_a_migration_that_was_changed_since_is_refused()
    {
        var original = PostgresMigrations.Embedded[0];
        await (await OpenAsync([new Migration(1, original.Name, original.Sql + "\n-- one comment more\n")])).DisposeAsync();
        var refused = await Assert.ThrowsAsync<LedgerFormatException>(() => OpenAsync(PostgresMigrations.Embedded));
        Assert.Contains(original.Checksum, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_before_it()
    {
        await (await OpenAsync(PostgresMigrations.Embedded)).DisposeAsync();
        var broken = new Migration(PostgresMigrations.Embedded.Count + 1, "0099_broken", "CREATE TABLE half (id bigint); CREATE TABLE book (id text)");
        await Assert.ThrowsAsync<LedgerFormatException>(() => OpenAsync([.. PostgresMigrations.Embedded, broken]));
        var mended = new Migration(broken.Number, broken.Name, "CREATE TABLE half (id bigint)");
        await (await OpenAsync([.. PostgresMigrations.Embedded, mended])).DisposeAsync();
    }

    [Fact]
    public async Task A_database_of_something_else_is_refused_and_left_alone()
    {
        await _database.ExecuteAsync("CREATE TABLE songs (title text)");
        var refused = await Assert.ThrowsAsync<LedgerFormatException>(() => OpenAsync(PostgresMigrations.Embedded));
        Assert.Contains("schema_version", refused.Message, StringComparison.Ordinal);
        Assert.False(await _database.ReadAsync<bool>("SELECT to_regclass('book') IS NOT NULL"));
    }

    [Theory]
    [InlineData(1, "0001_ledger", "d9349049d7d3678ed01f01ea435eda3929ac0496d97112e143559e1a0d86af07")]
    public void A_migration_that_was_published_never_changes(int number, string name, string checksum)
    {
        var migration = PostgresMigrations.Embedded[number - 1];
        Assert.Equal((number, name), (migration.Number, migration.Name));
        Assert.True(
            string.Equals(checksum, migration.Checksum, StringComparison.Ordinal),
            $"{name} was changed: databases made before would be refused. Undo it and write a new migration. Its checksum is now {migration.Checksum}.");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_refused_with_the_way_to_make_it()
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(
            () => PostgresLedger.OpenAsync($"{_database.Address}_no", null, CancellationToken.None));
        Assert.Contains("CREATE DATABASE", refused.Message, StringComparison.Ordinal);
    }

    private Task<PostgresLedger> OpenAsync(IReadOnlyList<Migration> migrations) =>
        PostgresLedger.OpenAsync(_database.Address, null, migrations, CancellationToken.None);
}
