using RiskGrid.Ledger;
using RiskGrid.Model;

namespace RiskGrid.Grains.Tests;

/// <content>Runs.</content>
internal sealed partial class FaultyLedger
{
    /// <summary>New runs are stored only when this task is done.</summary>
    public Func<Task> HoldsRuns { get; set; } = () => Task.CompletedTask;

    /// <summary>Positions are read only when this task is done.</summary>
    public Func<Task> HoldsPositions { get; set; } = () => Task.CompletedTask;

    public async Task<RunRecord> CreateRunAsync(NewRun run, CancellationToken cancellationToken)
    {
        await HoldsRuns();
        var stored = await Up(inner).CreateRunAsync(run, cancellationToken);
        if (!LosesNextAnswer)
            return stored;
        LosesNextAnswer = false;
        throw new LedgerUnavailableException("the answer was lost");
    }

    public async Task<LedgerPosition> ReadPositionAndHierarchyAsync(CancellationToken cancellationToken)
    {
        await HoldsPositions().WaitAsync(cancellationToken);
        return await Up(inner).ReadPositionAndHierarchyAsync(cancellationToken);
    }

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
