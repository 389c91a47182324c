using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>Created and not ended; a restart goes on with it.</summary>
    Running = 1,

    /// <summary>Its result is stored.</summary>
    Done = 2,

    /// <summary>It can't have a result; the error says why.</summary>
    Failed = 3,

    /// <summary>Somebody ended it before it was done.</summary>
    Cancelled = 4,
}

/// <summary>A run to be stored.</summary>
/// <param name="Id">Its id for good.</param>
/// <param name="SpecJson">What was asked, as canonical JSON.</param>
/// <param name="ManifestJson">The frozen inputs from which the run can be computed again, as canonical JSON.</param>
/// <param name="ItemCount">How many work items it was planned into.</param>
/// <param name="Deadline">By when it is to be done, kept to 100 ns; null for no deadline.</param>
public sealed record NewRun(RunId Id, string SpecJson, string ManifestJson, int ItemCount, Instant? Deadline = null);

/// <summary>A run without its large parts, as a list shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SpecJson">What was asked, as canonical JSON.</param>
/// <param name="ItemCount">How many work items it was planned into.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">By the store's clock.</param>
/// <param name="Deadline">By when it is to be done; null for no deadline.</param>
/// <param name="EndedAt">By the store's clock, never before <paramref name="CreatedAt"/>; null while it runs.</param>
/// <param name="ResultHash">The hash of its result, as the outcome stated it; null without a result.</param>
/// <param name="Error">Why it failed or was cancelled; null otherwise.</param>
public record RunSummary(
    RunId Id, string SpecJson, int ItemCount, RunState State, Instant CreatedAt, Instant? Deadline, Instant? EndedAt, string? ResultHash,
    string? Error);

/// <summary>A run as it is stored.</summary>
public sealed record RunRecord : RunSummary
{
    /// <summary>Adds to a summary what a list leaves out.</summary>
    public RunRecord(RunSummary summary, string manifestJson, byte[]? result)
        : base(summary)
    {
        ManifestJson = manifestJson;
        Result = result;
    }

    /// <summary>The frozen inputs, as canonical JSON.</summary>
    public string ManifestJson { get; }

    /// <summary>The encoded result; null without one.</summary>
    public byte[]? Result { get; }
}

/// <summary>The result of one work item: one scenario leg over one scenario block.</summary>
/// <param name="Leg">The leg's index in the manifest.</param>
/// <param name="Block">The block's index in the leg.</param>
/// <param name="Payload">The encoded result.</param>
public sealed record RunItem(int Leg, int Block, byte[] Payload);

/// <summary>The P&amp;L vector of one node under one leg.</summary>
/// <param name="Leg">The leg's index in the manifest.</param>
/// <param name="Node">The node.</param>
/// <param name="ScenarioSetHash">The hash of the scenario set in whose order the P&amp;L stands.</param>
/// <param name="Content">Little-endian float64, one a scenario.</param>
public sealed record RunVector(int Leg, NodeId Node, string ScenarioSetHash, byte[] Content);

/// <summary>How a run ended.</summary>
/// <param name="State">Anything but <see cref="RunState.Running"/>.</param>
/// <param name="Result">The encoded result; needed when done.</param>
/// <param name="ResultHash">Its hash; needed when done.</param>
/// <param name="Error">Why there is no result; needed when failed.</param>
/// <param name="Vectors">The vectors that are kept, at most one per leg and node.</param>
public sealed record RunOutcome(RunState State, byte[]? Result, string? ResultHash, string? Error, IReadOnlyList<RunVector> Vectors)
{
    /// <summary>A run with a result.</summary>
    public static RunOutcome Done(byte[] result, string resultHash, IReadOnlyList<RunVector> vectors) =>
        new(RunState.Done, result, resultHash, null, vectors);

    /// <summary>A run that can't have a result.</summary>
    public static RunOutcome Failed(string error) => new(RunState.Failed, null, null, error, []);

    /// <summary>A run that somebody ended.</summary>
    public static RunOutcome Cancelled(string? reason) => new(RunState.Cancelled, null, null, reason, []);
}
