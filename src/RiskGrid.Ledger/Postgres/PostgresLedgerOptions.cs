namespace RiskGrid.Ledger.Postgres;

/// <summary>How a ledger on PostgreSQL runs. The defaults suit one of a few silos on one server.</summary>
public sealed record PostgresLedgerOptions
{
    /// <summary>Connections of this process for writing, which is the most commits that it has under way. Default 8.</summary>
    public int Writers { get; init; } = 8;

    /// <summary>Connections of this process for reading, which is the most reads at one time. Default 12.</summary>
    public int Readers { get; init; } = 12;

    /// <summary>How long making a connection may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the server may be silent while it works on a statement. Default 20 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a write waits for a book that another one is writing to. Default 10 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long of a writer's silence in the middle of a transaction the server rolls it back: a frozen process frees its books by
    /// then. Default 3 s.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For one transaction over the whole ledger: no statement of it and no pause between two is too long.</summary>
    internal static PostgresLedgerOptions ForCopying { get; } = new()
    {
        CommandTimeout = TimeSpan.FromHours(12), SilenceTimeout = TimeSpan.Zero, LockTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Stands in for the server's clock in tests; null for the server's.</summary>
    internal TimeProvider? Clock { get; init; }
}
