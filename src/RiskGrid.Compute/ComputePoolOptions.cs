namespace RiskGrid.Compute;

/// <summary>How a pool behaves.</summary>
public sealed record ComputePoolOptions
{
    /// <summary>Threads; one a core unless set.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Unfinished jobs per priority; more are refused with <see cref="ComputeOverloadedException"/>. Per priority, so
    /// that runs cannot keep live work out.</summary>
    public int JobLimit { get; init; } = 4096;

    /// <summary>The clock of the statistics.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The pool has as many unfinished jobs of this priority as it takes. Retry when some are done.</summary>
public sealed class ComputeOverloadedException(string message) : Exception(message);
