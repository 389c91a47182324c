using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <content>Runs.</content>
public abstract partial class DelegatingLedger
{
    /// <inheritdoc/>
    public virtual Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken) =>
        AskAsync("create_run", ledger => ledger.CreateRunAsync(run, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<bool> PutRunItemAsync(RunId run, int leg, int block, byte[] payload, CancellationToken cancellationToken) =>
        AskAsync("put_run_item", ledger => ledger.PutRunItemAsync(run, leg, block, payload, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<RunItem>> ReadRunItemsAsync(RunId run, CancellationToken cancellationToken) =>
        AskAsync("read_run_items", ledger => ledger.ReadRunItemsAsync(run, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<RunRecord> FinishRunAsync(RunId run, RunOutcome outcome, CancellationToken cancellationToken) =>
        AskAsync("finish_run", ledger => ledger.FinishRunAsync(run, outcome, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<RunRecord?> ReadRunAsync(RunId run, CancellationToken cancellationToken) =>
        AskAsync("read_run", ledger => ledger.ReadRunAsync(run, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunState? state, int limit, RunId? before, CancellationToken cancellationToken) =>
        AskAsync("list_runs", ledger => ledger.ListRunsAsync(state, limit, before, cancellationToken));

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<RunSummary>> ReadUnfinishedRunsAsync(CancellationToken cancellationToken) =>
        AskAsync("read_unfinished_runs", ledger => ledger.ReadUnfinishedRunsAsync(cancellationToken));

    /// <inheritdoc/>
    public virtual Task<RunVector?> ReadRunVectorAsync(RunId run, int leg, NodeId node, CancellationToken cancellationToken) =>
        AskAsync("read_run_vector", ledger => ledger.ReadRunVectorAsync(run, leg, node, cancellationToken));
}
