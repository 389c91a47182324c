using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using LedgerState = RiskGrid.Ledger.RunState;
using RunState = RiskGrid.Protocol.V1.RunState;

namespace RiskGrid.Grains.Runs;

/// <inheritdoc cref="IRunGrain"/>
/// <remarks>The ledger decides: a run exists once it is stored there, and its first ending is its ending. So an activation that lost its
/// ownership and goes on for a while does no harm, and the next one takes over the items that are done. Turns only decide; freezing,
/// computing and finishing run beside them.</remarks>
public sealed partial class RunGrain(SiloServices silo) : Grain, IRunGrain
{
    private RunId _id;
    private LedgerClock _clock = null!;

    // What was asked, once somebody has asked: another request is refused.
    private string? _asked;

    // The run as the ledger has it; null while there is none.
    private RunRecord? _record;
    private Task? _starting;
    private CancellationTokenSource? _freezing;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = RunId.Parse(Context.Key);
        _clock = await LedgerClock.ReadAsync(silo.Ledger, Context.Time, cancellationToken);
        if (await silo.Ledger.AskAsync(l => l.ReadRunAsync(_id, cancellationToken)) is { } record)
            Take(record, null);
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _freezing?.Cancel();
        _stop?.Cancel();
        await _computing;
    }

    /// <inheritdoc/>
    public async Task<Run> Start(StartRunRequest request, CancellationToken cancellationToken)
    {
        var asked = RunMapping.Asked(request);
        if (_asked is not null && !string.Equals(_asked, asked, StringComparison.Ordinal))
            throw new GrainCallException(GridErrorCode.AlreadyExists, $"run {_id} exists with another spec; choose another run id");
        if (_record is null)
        {
            _asked = asked;
            await (_starting ??= StartAsync(request, asked)).WaitAsync(cancellationToken);
        }

        return Face();
    }

    /// <inheritdoc/>
    public Task<Run> GetRun(GetRunRequest request) => Task.FromResult(Face());

    /// <inheritdoc/>
    public async Task<Run> Cancel(CancelRunRequest request)
    {
        var starting = _record is null ? _starting : null;
        if (starting is not null)
        {
            // Freezing may be past the point where it can be stopped: only its end says whether there is a run. Who started it hears too.
            _freezing?.Cancel();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await FindAsync();
        if (_record is null && starting is null)
            throw NotFound();
        if (_record is null)
            return new Run { RunId = _id.Value, State = RunState.Cancelled, Error = RunMapping.Error(GridErrorCode.Cancelled, "cancelled before it was stored") };

        if (_record.State == LedgerState.Running)
            await EndAsync(LedgerState.Cancelled, RunMapping.Error(GridErrorCode.Cancelled, "cancelled"));
        return Face();
    }

    /// <inheritdoc/>
    public async Task<GetRunVectorResponse> GetVector(GetRunVectorRequest request, CancellationToken cancellationToken)
    {
        if (_record is not { } record)
            throw NotFound();
        if (record.State != LedgerState.Done)
            throw new GrainCallException(GridErrorCode.FailedPrecondition, $"run {_id} is not finished; it has no vectors");
        try
        {
            return await silo.Ledger.AskAsync(_ => RunVectors.ReadAsync(silo, record, request, cancellationToken));
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Missing(e.Message);
        }
    }

    /// <inheritdoc/>
    public async Task Ping()
    {
        // What failed in passing, such as a ledger that could not write, is tried again with the registry's sign of life.
        if (_starting is null)
            await FindAsync();
        if (_record is { State: LedgerState.Running } && _computing.IsCompleted)
            StartComputing(null);
    }

    // A store whose answer was lost may have stored the run all the same.
    private async Task FindAsync()
    {
        if (_record is null && await silo.Ledger.AskAsync(l => l.ReadRunAsync(_id, Context.Deactivated)) is { } stored && _record is null)
            Take(stored, null);
    }

    private GrainCallException NotFound() => GrainErrors.Missing($"there is no run '{_id}'");

    private Run Face()
    {
        if (_record is null)
            return _starting is null ? throw NotFound() : new Run { RunId = _id.Value, State = RunState.Running, Progress = new RunProgress { Stage = "freezing" } };
        var run = RunMapping.ToWire(_record);
        if (_record.State == LedgerState.Running)
        {
            run.Progress = Progress();
            run.Inputs.Trades = (uint)(_context?.Trades ?? 0);
        }

        return run;
    }

    private async Task StartAsync(StartRunRequest request, string asked)
    {
        _freezing = CancellationTokenSource.CreateLinkedTokenSource(Context.Deactivated);
        var cancelled = _freezing.Token;

        // Whoever asks meanwhile must find _starting set, also when the first step fails.
        await Task.Yield();
        try
        {
            var frozen = await RunFreezer.FreezeAsync(silo, Context.Grains, _clock, _id, request, asked, cancelled);
            cancelled.ThrowIfCancellationRequested();
            var stored = await CreateAsync(frozen.Run);
            if (_record is null)
                Take(stored, frozen);
        }
        catch (OperationCanceledException) when (!Context.Deactivated.IsCancellationRequested)
        {
            throw new GrainCallException(GridErrorCode.Cancelled, $"run {_id} was cancelled before it was stored");
        }
        catch (ValidationException e)
        {
            throw GrainErrors.Invalid(e);
        }
        catch (LedgerUnavailableException e)
        {
            throw GrainErrors.Retry($"the ledger cannot be used now ({e.Message}); the run was not started, send the call again");
        }
        finally
        {
            _starting = null;
            if (_record is null)
                _asked = null;
        }
    }

    // An activation that lost its ownership may have stored the run a moment ago, with the market of its own moment.
    private async Task<RunRecord> CreateAsync(NewRun run)
    {
        try
        {
            return await silo.Ledger.CreateRunAsync(run, Context.Deactivated);
        }
        catch (ValidationException)
        {
            if (await silo.Ledger.ReadRunAsync(_id, Context.Deactivated) is { } stored && string.Equals(stored.SpecJson, run.SpecJson, StringComparison.Ordinal))
                return stored;
            throw;
        }
    }

    private void Take(RunRecord record, FrozenRun? frozen)
    {
        _record = record;
        _asked = record.SpecJson;
        if (record.State == LedgerState.Running)
            StartComputing(frozen is not null && string.Equals(frozen.Run.ManifestJson, record.ManifestJson, StringComparison.Ordinal) ? frozen.Context : null);
    }
}
