using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>The store can't do it now: disk full, an input or output error, the file held by another process. Nothing of the request was
/// acknowledged; a retry with the same command ids is safe and settles what became of it.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What is stored is not what this build can read or stand in for: another schema, a damaged row, an instrument kind of a newer
/// build. A retry does not help.</summary>
public sealed class LedgerFormatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another activation has taken the book: the writer must stop and forget what it holds.</summary>
public sealed class EpochLostException(NodeId book, long held, long current)
    : Exception($"Book {book} is held by epoch {current}; this writer has epoch {held} and may not write any more.")
{
    /// <summary>The book that was taken.</summary>
    public NodeId Book { get; } = book;

    /// <summary>The epoch the refused writer has.</summary>
    public long Held { get; } = held;

    /// <summary>The epoch in force; 0 when nobody ever took the book.</summary>
    public long Current { get; } = current;
}

/// <summary>Another activation has stored a hierarchy: the writer must stop and forget what it holds.</summary>
public sealed class HierarchyChangedException(long held, long current)
    : Exception($"The hierarchy is at version {current}; this writer goes on from version {held} and may not write any more.")
{
    /// <summary>The version that the refused writer goes on from.</summary>
    public long Held { get; } = held;

    /// <summary>The newest version; 0 when none was stored.</summary>
    public long Current { get; } = current;
}

/// <summary>One item of a run was computed twice with different bits: the computation is not deterministic, and no number of this run can be
/// trusted. A retry does not help; the first bytes stay.</summary>
public sealed class RunItemConflictException(RunId run, int leg, int block, string storedHash, string otherHash)
    : Exception($"Run {run}, leg {leg}, block {block} was computed twice with different bits: stored is SHA-256 {storedHash}, now came {otherHash}. "
        + "The silos must run the same build on the same inputs; the item stored first was kept.")
{
    /// <summary>The run.</summary>
    public RunId Run { get; } = run;

    /// <summary>The item's leg.</summary>
    public int Leg { get; } = leg;

    /// <summary>The item's block.</summary>
    public int Block { get; } = block;
}
