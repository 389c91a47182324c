namespace RiskGrid.Ledger.Sqlite;

/// <summary>How an embedded ledger runs. The defaults suit one process on one disk.</summary>
public sealed record SqliteLedgerOptions
{
    /// <summary>The most requests (batches, epochs, snapshots, items of runs) that wait for the writer; further callers wait to join them. Default 1,024.</summary>
    public int MaxWaitingRequests { get; init; } = 1024;

    /// <summary>The most commands that one commit takes in, where a KiB of a run's items and of other bytes counts as a command; a single larger
    /// request is one commit of its own. Default 8,192.</summary>
    public int MaxCommandsPerCommit { get; init; } = 8192;

    /// <summary>Read connections, which is the most reads at one time. Default 4.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>How long a connection waits for another one's lock on the file. Default 5 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pages of 4 KiB in the write-ahead log after which a commit also carries them into the file. Default 8,000 (32 MiB).</summary>
    public int CheckpointPages { get; init; } = 8000;

    /// <summary>Page cache of the writer in KiB. Default 65,536.</summary>
    public int WriterCacheKiB { get; init; } = 65536;
}
