using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <content>Runs: what was asked, from which frozen inputs, which items are done, and what came out.</content>
public partial interface ILedger
{
    /// <summary>Stores a new run in state <see cref="RunState.Running"/>, stamped by the store's clock. The same run again returns what is
    /// stored, in whatever state it is by now; the deadline of the first stays.</summary>
    /// <exception cref="ValidationException">The id carries a run of another spec, manifest or number of items (field <c>run_id</c>), or a part of
    /// the run is missing.</exception>
    Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken);

    /// <summary>Stores the result of one work item of a running run. The same bytes again change nothing.</summary>
    /// <returns>True when the item is stored, now or before; false when the run has ended and the item was ignored.</returns>
    /// <exception cref="RunItemConflictException">The item is stored with other bytes; they stay.</exception>
    /// <exception cref="ValidationException">The run does not exist (field <c>run_id</c>); leg or block is negative.</exception>
    Task<bool> PutRunItemAsync(RunId run, int leg, int block, byte[] payload, CancellationToken cancellationToken);

    /// <summary>The items stored of a running run, by leg and block; none when it has ended or does not exist.</summary>
    Task<IReadOnlyList<RunItem>> ReadRunItemsAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>Ends a running run in one transaction: state, result and vectors are stored and its items dropped. Of several endings the
    /// first counts; the others change nothing.</summary>
    /// <returns>The run as it is stored, which is the earlier ending where there was one.</returns>
    /// <exception cref="ValidationException">The run does not exist (field <c>run_id</c>), or the outcome is not whole.</exception>
    Task<RunRecord> FinishRunAsync(RunId run, RunOutcome outcome, CancellationToken cancellationToken);

    /// <summary>A run, or null.</summary>
    Task<RunRecord?> ReadRunAsync(RunId run, CancellationToken cancellationToken);

    /// <summary>Runs in the order of their creation, newest first.</summary>
    /// <param name="state">Only those in this state; all when null.</param>
    /// <param name="limit">The most to return, 1 to <see cref="MaxListedRuns"/>.</param>
    /// <param name="before">The last run of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ValidationException">The limit is out of range, or the run <paramref name="before"/> does not exist.</exception>
    Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunState? state, int limit, RunId? before, CancellationToken cancellationToken);

    /// <summary>All runs in state <see cref="RunState.Running"/>, oldest first: what a restart has to go on with.</summary>
    Task<IReadOnlyList<RunSummary>> ReadUnfinishedRunsAsync(CancellationToken cancellationToken);

    /// <summary>A node's P&amp;L vector of a finished run, or null.</summary>
    Task<RunVector?> ReadRunVectorAsync(RunId run, int leg, NodeId node, CancellationToken cancellationToken);

    /// <summary>The longest page of <see cref="ListRunsAsync"/>.</summary>
    const int MaxListedRuns = 1000;
}
