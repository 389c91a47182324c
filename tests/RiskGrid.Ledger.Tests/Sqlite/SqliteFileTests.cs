using RiskGrid.Ledger.Sqlite;

namespace RiskGrid.Ledger.Tests.Sqlite;

/// <summary>Which files a ledger opens, and what it does to them.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("riskgrid-ledger-files-");
    private readonly ManualClock _clock = new();

    private string File => Path.Combine(_folder.FullName, "sub", "ledger.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_second_opening_is_refused_and_names_the_file_until_the_first_is_closed()
    {
        var first = await OpenAsync();
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(OpenAsync);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains(File + ".lock", refused.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_temporary_ledger_leaves_nothing_behind()
    {
        string path;
        await using (var ledger = await SqliteLedger.OpenAsync(SqliteLedger.Temporary, _clock, null, CancellationToken.None))
        {
            path = ledger.Path;
            Assert.Equal(1, await ledger.TakeEpochAsync("B1"));
            Assert.True(System.IO.File.Exists(path));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public async Task A_file_of_an_older_schema_is_brought_up_to_date_with_its_trades()
    {
        await using (var old = SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [SchemaMigrations.Embedded[0]]))
            await old.ApplyAsync("B1", await old.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1")));

        await using var ledger = await OpenAsync();
        Assert.Single((await ledger.ReadBookAsync("B1")).Trades);
        Assert.Null(await ledger.ReadHierarchyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_is_refused_and_left_alone()
    {
        var newer = new Migration(SchemaMigrations.Embedded.Count + 1, "9999_later", "CREATE TABLE later (id INTEGER)");
        await SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [.. SchemaMigrations.Embedded, newer]).DisposeAsync();

        var refused = await Assert.ThrowsAsync<LedgerFormatException>(OpenAsync);
        Assert.Contains("9999_later", refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer build", refused.Message, StringComparison.Ordinal);
        await SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [.. SchemaMigrations.Embedded, newer]).DisposeAsync();
    }

    [Fact]
    public async Task A_file_made_by_a_migration_that_was_changed_since_is_refused()
    {
        var original = SchemaMigrations.Embedded[0];
        var changed = original with { Sql = original.Sql + "\n-- one comment more\n" };
        await SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [new Migration(changed.Number, changed.Name, changed.Sql)]).DisposeAsync();

        var refused = await Assert.ThrowsAsync<LedgerFormatException>(OpenAsync);
        Assert.Contains(original.Name, refused.Message, StringComparison.Ordinal);
        Assert.Contains(original.Checksum, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "0001_trades", "5bb19fe3c3ee43d44413a7e5517f81552e09bee202b203c64d7f0124f2ee2dd2")]
    [InlineData(2, "0002_hierarchy_and_snapshots", "3aa921b76fa42ec11cc4c421eb151e888747d99dd75fdc5e7985ffb45f0f8564")]
    [InlineData(3, "0003_markets", "f9e240071baea81eba16e9af1052b27f9c25dd1feec2edb29b7c96c04fdb500e")]
    [InlineData(4, "0004_runs", "6fe9e953692e4b16510148cff7fe481adb3172f296fc9c0bb059e35d69f2cd46")]
    public void A_migration_that_was_published_never_changes(int number, string name, string checksum)
    {
        var migration = SchemaMigrations.Embedded[number - 1];
        Assert.Equal((number, name), (migration.Number, migration.Name));
        Assert.True(
            string.Equals(checksum, migration.Checksum, StringComparison.Ordinal),
            $"{name} was changed: files made before would be refused. Undo it and write a new migration. Its checksum is now {migration.Checksum}.");
    }

    [Fact]
    public void The_line_ends_of_a_checkout_do_not_change_a_migration()
    {
        var original = SchemaMigrations.Embedded[0];
        Assert.Equal(original.Checksum, new Migration(1, original.Name, original.Sql.ReplaceLineEndings("\r\n")).Checksum);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_before_it()
    {
        await (await OpenAsync()).DisposeAsync();
        var broken = new Migration(SchemaMigrations.Embedded.Count + 1, "0099_broken", "CREATE TABLE half (id INTEGER); CREATE TABLE book (id TEXT)");
        Assert.ThrowsAny<Exception>(() => SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [.. SchemaMigrations.Embedded, broken]));

        var mended = broken with { Sql = "CREATE TABLE half (id INTEGER)" };
        await SqliteLedger.Open(File, _clock, new SqliteLedgerOptions(), [.. SchemaMigrations.Embedded, mended]).DisposeAsync();
    }

    [Fact]
    public async Task Files_that_are_no_ledger_are_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        var text = string.Join('\n', Enumerable.Repeat("trade_id,book,quantity", 100));
        await System.IO.File.WriteAllTextAsync(File, text);
        var notOne = await Assert.ThrowsAsync<LedgerFormatException>(OpenAsync);
        Assert.Contains(File, notOne.Message, StringComparison.Ordinal);
        Assert.Equal(text, await System.IO.File.ReadAllTextAsync(File));

        System.IO.File.Delete(File);
        SqliteFile.Execute(File, "CREATE TABLE songs (title TEXT)");
        var another = await Assert.ThrowsAsync<LedgerFormatException>(OpenAsync);
        Assert.Contains("schema_version", another.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_can_t_hold_a_file_is_refused_by_name()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder.FullName, "sub"), "a file, not a folder");
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(OpenAsync);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trades_of_an_instrument_kind_that_this_build_does_not_know_are_refused_by_name()
    {
        await using var ledger = await OpenAsync();
        await ledger.ApplyAsync("B1", await ledger.TakeEpochAsync("B1"), Make.Booking("c1", "T1", Make.Terms("B1")));
        SqliteFile.Execute(File, "UPDATE trade_event SET payload = CAST(replace(CAST(payload AS TEXT), 'european_option', 'swap') AS BLOB)");

        var refused = await Assert.ThrowsAsync<LedgerFormatException>(() => ledger.ReadBookAsync("B1"));
        Assert.Contains("T1 version 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'swap'", refused.Message, StringComparison.Ordinal);
    }

    private Task<SqliteLedger> OpenAsync() => SqliteLedger.OpenAsync(File, _clock, null, CancellationToken.None);
}
