using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using RunState = RiskGrid.Protocol.V1.RunState;

namespace RiskGrid.Grains.Runs;

/// <inheritdoc cref="IRunsGrain"/>
/// <remarks>It holds nothing: the ledger knows which runs there are and which are unfinished.</remarks>
public sealed class RunsGrain(SiloServices silo) : Grain, IRunsGrain
{
    /// <summary>The key of the one registry.</summary>
    public const string Key = "main";

    private const int DefaultPage = 50;

    // Every silo pings once a second: one reading is enough for all of them.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    private long? _pinged;

    /// <inheritdoc/>
    public async Task<ListRunsResponse> ListRuns(ListRunsRequest request)
    {
        try
        {
            var size = request.PageSize == 0 ? DefaultPage : (int)Math.Min(request.PageSize, int.MaxValue);
            if (size > ILedger.MaxListedRuns)
                throw new ValidationException("page_size", $"at most {ILedger.MaxListedRuns:N0} runs a page, {size:N0} were asked for");
            RunId? before = request.PageToken.Length == 0 ? null : RunId.Parse(request.PageToken);
            var page = await silo.Ledger.AskAsync(l => l.ListRunsAsync(RunMapping.ToLedger(request.State), size, before, Context.Deactivated));
            return new ListRunsResponse
            {
                Runs = { page.Select(ToWire) },
                NextPageToken = page.Count < size ? string.Empty : page[^1].Id.Value,
            };
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Invalid(e);
        }
    }

    // How far a run under way is, only its own grain knows; this silo has heard of it a moment ago, or not at all.
    private Run ToWire(RunSummary summary)
    {
        var run = RunMapping.ToWire(summary);
        if (run.State == RunState.Running)
            run.Progress = silo.Runs.Latest(run.RunId)?.Progress ?? run.Progress;
        return run;
    }

    /// <inheritdoc/>
    public async Task Ping()
    {
        if (_pinged is { } pinged && Context.Time.GetElapsedTime(pinged) < Rest)
            return;
        _pinged = Context.Time.GetTimestamp();
        IReadOnlyList<RunSummary> unfinished;
        try
        {
            unfinished = await silo.Ledger.ReadUnfinishedRunsAsync(Context.Deactivated);
        }
        catch (LedgerUnavailableException)
        {
            // The next sign of life reads again.
            return;
        }

        foreach (var run in unfinished)
            await Context.Grains.Get<IRunGrain>(run.Id.Value).Ping();
    }
}
