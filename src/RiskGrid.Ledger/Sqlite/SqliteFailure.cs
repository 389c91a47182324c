using SQLitePCL;

namespace RiskGrid.Ledger.Sqlite;

/// <summary>What SQLite answered instead of OK, before the ledger says what it means to the caller.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    /// <summary>The primary result code.</summary>
    public int Code { get; } = code & 0xFF;

    /// <summary>True when the failing statement alone was undone and the cause lies in what it wrote, not in the store.</summary>
    public bool IsOfTheRow => Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH;

    public static SqliteFailure Of(sqlite3 database, int code, string doing) =>
        new(code, $"{raw.sqlite3_errmsg(database).utf8_to_string()} (SQLite {raw.sqlite3_extended_errcode(database)}) while {doing}");

    /// <summary>What the caller of the ledger is told.</summary>
    public Exception ToLedgerException(string path) => Code switch
    {
        raw.SQLITE_NOTADB => new LedgerFormatException($"{path} is not a ledger: {Message}", this),
        raw.SQLITE_CORRUPT => new LedgerFormatException($"The ledger {path} is damaged: {Message}. Restore it from a backup.", this),
        raw.SQLITE_FULL => new LedgerUnavailableException($"No room to write the ledger {path}: {Message}. Free disk space and retry.", this),
        _ when IsOfTheRow => new LedgerFormatException($"The ledger {path} refuses a row: {Message}", this),
        _ => new LedgerUnavailableException($"The ledger {path} can't be used now: {Message}. Nothing was acknowledged; retry.", this),
    };
}
