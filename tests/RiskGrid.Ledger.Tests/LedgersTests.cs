using RiskGrid.Ledger.Postgres;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests;

public sealed class LedgersTests
{
    private const string Secret = "s3cr3t/p@ss";

    [Theory]
    [InlineData("risk.db", "risk.db")]
    [InlineData("/var/lib/risk.db", "/var/lib/risk.db")]
    [InlineData("sqlite:/var/lib/risk.db", "/var/lib/risk.db")]
    [InlineData("sqlite:postgres.db", "postgres.db")]
    [InlineData("postgres://rg@db.example/risk", "postgres://rg@db.example:5432/risk")]
    [InlineData("postgresql://rg:s3cr3t%2Fp%40ss@[::1]:5433/risk?sslmode=verify-full", "postgres://rg@::1:5433/risk")]
    public void An_address_is_described_without_its_password(string address, string description) =>
        Assert.Equal(description, Ledgers.Describe(address));

    [Theory]
    [InlineData("")]
    [InlineData("mysql://rg:s3cr3t@host/risk")]
    [InlineData("sqlite:")]
    [InlineData("sqlite://host/risk.db")]
    [InlineData("postgres://rg:s3cr3t@host:port/risk")]
    [InlineData("postgres://rg:s3cr3t@host/")]
    [InlineData("postgres://rg:s3cr3t@host/a/b")]
    [InlineData("postgres://host/risk")]
    [InlineData("postgres://rg:s3cr3t@host/risk?password=s3cr3t")]
    [InlineData("postgres://rg:s3cr3t@host/risk?sslmode=s3cr3t")]
    public async Task What_is_no_address_is_refused_without_repeating_its_password(string address)
    {
        var refused = await Assert.ThrowsAsync<ValidationException>(() => Ledgers.OpenAsync(address, TimeProvider.System, CancellationToken.None));
        Assert.Equal("ledger", refused.Field);
        Assert.DoesNotContain("s3cr3t", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_of_an_address_are_unescaped()
    {
        var connection = PostgresAddress.Parse("postgresql://r%40g:s3cr3t%2Fp%40ss@[::1]:5433/ri%20sk?sslmode=verify-full").Connection;
        Assert.Equal(("r@g", Secret, "::1", 5433, "ri sk"), (connection.Username, connection.Password, connection.Host, connection.Port, connection.Database));
        Assert.Equal(Npgsql.SslMode.VerifyFull, connection.SslMode);
    }

    [Fact]
    public async Task A_path_opens_a_file_and_an_address_a_database()
    {
        await using var file = await Ledgers.OpenAsync(SqliteLedger.Temporary, TimeProvider.System, CancellationToken.None);
        Assert.IsType<SqliteLedger>(file);
        await using var database = await Tests.Postgres.PostgresDatabase.CreateEmptyAsync();
        await using var ledger = await Ledgers.OpenAsync(database.Address, TimeProvider.System, CancellationToken.None);
        Assert.IsType<PostgresLedger>(ledger);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_and_its_password_stays_secret()
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(
            () => Ledgers.OpenAsync("postgres://rg:s3cr3t%2Fp%40ss@127.0.0.1:1/risk", TimeProvider.System, CancellationToken.None));
        Assert.Contains("postgres://rg@127.0.0.1:1/risk", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", refused.ToString(), StringComparison.Ordinal);
    }
}
