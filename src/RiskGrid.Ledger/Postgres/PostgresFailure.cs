using System.Net.Sockets;
using Npgsql;

namespace RiskGrid.Ledger.Postgres;

/// <summary>What a failure of PostgreSQL, or of the way to it, means to the caller of the ledger.</summary>
internal static class PostgresFailure
{
    // idle_in_transaction_session_timeout: the server has closed the connection.
    private const string SilentInTransaction = "25P03";

    /// <summary>The transaction lost against another one, nothing of it was written, and another attempt judges anew: a deadlock, or a command id
    /// or trade id that another book's transaction committed first.</summary>
    public static bool IsConflict(Exception failed) => failed is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation,
    };

    /// <summary>The connection is gone or was refused; another one may do.</summary>
    public static bool IsOfTheConnection(Exception failed) => failed is NpgsqlException and not PostgresException || failed is PostgresException
    {
        SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or SilentInTransaction,
    };

    /// <summary>The store failed, or the way to it; not the caller.</summary>
    public static bool IsOfTheStore(Exception failed) => failed is NpgsqlException or SocketException or TimeoutException or IOException;

    /// <summary>What the caller of the ledger is told of a failure of the store.</summary>
    public static Exception ToLedgerException(Exception failed, string ledger) => failed switch
    {
        PostgresException answer => Answered(answer, ledger),
        NpgsqlException { InnerException: TimeoutException } => Unavailable(ledger, "it does not answer in time", failed),
        NpgsqlException { InnerException: { } why } => Unavailable(ledger, $"{failed.Message} ({why.Message})", failed),
        _ => Unavailable(ledger, failed.Message, failed),
    };

    private static Exception Answered(PostgresException answer, string ledger)
    {
        var said = $"{answer.MessageText} (PostgreSQL {answer.SqlState})";
        return answer.SqlState[..2] switch
        {
            "XX" when answer.SqlState is "XX001" or "XX002" =>
                new LedgerFormatException($"The ledger {ledger} is damaged: {said}. Restore it from a backup.", answer),
            "22" or "23" => new LedgerFormatException($"The ledger {ledger} refuses a row: {said}", answer),
            "42" when answer.SqlState is not PostgresErrorCodes.InsufficientPrivilege =>
                new LedgerFormatException($"{ledger} is not a ledger of this build: {said}", answer),
            _ when answer.SqlState is PostgresErrorCodes.DiskFull =>
                new LedgerUnavailableException($"No room to write the ledger {ledger}: {said}. Free disk space on its server and retry.", answer),
            _ when answer.SqlState is PostgresErrorCodes.TooManyConnections => new LedgerUnavailableException(
                $"The ledger {ledger} can't be used now: {said}. Raise max_connections of its server, or give each silo fewer.", answer),
            _ when answer.SqlState is PostgresErrorCodes.InvalidCatalogName => new LedgerUnavailableException(
                $"The ledger {ledger} can't be opened: {said}. Create the database: createdb, or CREATE DATABASE in psql.", answer),
            "28" => new LedgerUnavailableException($"The ledger {ledger} can't be opened: {said}. Check user and password of its address.", answer),
            _ => Unavailable(ledger, said, answer),
        };
    }

    private static LedgerUnavailableException Unavailable(string ledger, string why, Exception failed) =>
        new($"The ledger {ledger} can't be used now: {why.TrimEnd('.')}. Nothing was acknowledged; retry.", failed);
}
