using RiskGrid.Ledger;
using RiskGrid.Model;

namespace RiskGrid.Grains.Tests;

/// <content>Runs.</content>
internal sealed partial class FaultyLedger
{
    public Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken) => Up(inner).CreateRunAsync(run, cancellationToken);

    public Task<bool> PutRunItemAsync(RunId run, int leg, int block, byte[] payload, CancellationToken cancellationToken) =>
        Up(inner).PutRunItemAsync(run, leg, block, payload, cancellationToken);

    public Task<IReadOnlyList<RunItem>> ReadRunItemsAsync(RunId run, CancellationToken cancellationToken) =>
        Up(inner).ReadRunItemsAsync(run, cancellationToken);

    public Task<RunRecord> FinishRunAsync(RunId run, RunOutcome outcome, CancellationToken cancellationToken) =>
        Up(inner).FinishRunAsync(run, outcome, cancellationToken);

    /// <summary>What readers of runs get to see.</summary>
    public Func<RunRecord, RunRecord> Tampers { get; set; } = record => record;

    public async Task<RunRecord?> ReadRunAsync(RunId run, CancellationToken cancellationToken) =>
        await Up(inner).ReadRunAsync(run, cancellationToken) is { } record ? Tampers(record) : null;

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunState? state, int limit, RunId? before, CancellationToken cancellationToken) =>
        Up(inner).ListRunsAsync(state, limit, before, cancellationToken);

    public Task<IReadOnlyList<RunSummary>> ReadUnfinishedRunsAsync(CancellationToken cancellationToken) =>
        Up(inner).ReadUnfinishedRunsAsync(cancellationToken);

    public Task<RunVector?> ReadRunVectorAsync(RunId run, int leg, NodeId node, CancellationToken cancellationToken) =>
        Up(inner).ReadRunVectorAsync(run, leg, node, cancellationToken);
}
