namespace RiskGrid.Ledger.Sqlite;

/// <summary>Holds a ledger file for one process: a second writer would be fenced off only batch by batch, and its caches would be wrong.</summary>
/// <remarks>The lock file stays when the ledger is closed: removing it would let a third process lock a new file of that name while a second
/// one holds the old. The operating system frees the lock when the process dies, however it dies.</remarks>
internal sealed class LedgerFileLock : IDisposable
{
    private readonly FileStream _held;

    private LedgerFileLock(FileStream held) => _held = held;

    /// <exception cref="LedgerUnavailableException">Another ledger of this or another process holds the file, or it can't be made.</exception>
    public static LedgerFileLock Take(string path)
    {
        var file = path + ".lock";
        try
        {
            return new LedgerFileLock(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException(
                $"The ledger {path} can't be opened for writing: its lock {file} is held by another process or can't be made ({failed.Message}). "
                + "Close the other process, or give this one a ledger of its own.",
                failed);
        }
    }

    public void Dispose() => _held.Dispose();
}
