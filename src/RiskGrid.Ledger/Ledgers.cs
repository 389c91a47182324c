using RiskGrid.Ledger.Postgres;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>Ledgers by their address.</summary>
/// <remarks>
/// <code>
/// risk.db                                          a SQLite file
/// sqlite:/var/lib/riskgrid/risk.db                 the same, whatever its name looks like
/// :memory:                                         SQLite in a file of its own that is deleted on closing
/// postgres://user:password@host:5432/riskgrid      a PostgreSQL database, also as postgresql://; ?sslmode=verify-full&amp;sslrootcert=/ca.pem
/// </code>
/// </remarks>
public static class Ledgers
{
    private const string SqlitePrefix = "sqlite:";

    /// <summary>Opens the ledger at an address, makes it where there is none, and brings its schema up to date.</summary>
    /// <param name="address">A path or an address, as above.</param>
    /// <param name="time">The clock that stamps what an embedded ledger stores. PostgreSQL stamps by its own, so that silos agree.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ValidationException">It is no address (field <c>ledger</c>); the message holds no password.</exception>
    /// <exception cref="LedgerUnavailableException">The store can't be reached, or another process holds it.</exception>
    /// <exception cref="LedgerFormatException">It holds something else, is newer than this build, or is damaged.</exception>
    public static async Task<ILedger> OpenAsync(string address, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        return SqlitePath(address) is { } path
            ? await SqliteLedger.OpenAsync(path, time, null, cancellationToken).ConfigureAwait(false)
            : await PostgresLedger.OpenAsync(address, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An address for people and logs: without a password.</summary>
    /// <exception cref="ValidationException">It is no address (field <c>ledger</c>); the message holds no password.</exception>
    public static string Describe(string address) => SqlitePath(address) ?? PostgresAddress.Parse(address).Description;

    /// <summary>True when several processes may have the ledger at this address open at the same time.</summary>
    /// <exception cref="ValidationException">It is no address (field <c>ledger</c>).</exception>
    public static bool IsShared(string address) => SqlitePath(address) is null;

    /// <summary>The file of an embedded ledger; null for a PostgreSQL address.</summary>
    internal static string? SqlitePath(string address)
    {
        if (string.IsNullOrWhiteSpace(address))
            throw Wrong("the ledger's address is missing");
        if (address.StartsWith(SqlitePrefix, StringComparison.Ordinal))
        {
            var path = address[SqlitePrefix.Length..];
            return path.Length > 0 && !path.StartsWith("//", StringComparison.Ordinal)
                ? path
                : throw Wrong("sqlite: is followed by the path of a file, such as sqlite:/var/lib/riskgrid/risk.db");
        }

        if (PostgresAddress.IsOne(address))
            return null;
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0
            ? address
            : throw Wrong($"a ledger is not kept at {address[..scheme]}://; give the path of a SQLite file or {PostgresAddress.Form}");
    }

    private static ValidationException Wrong(string why) => new("ledger", why);
}
