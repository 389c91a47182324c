using Google.Rpc;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using LedgerState = RiskGrid.Ledger.RunState;
using RunState = RiskGrid.Protocol.V1.RunState;

namespace RiskGrid.Grains.Runs;

/// <summary>Runs between the ledger and the wire.</summary>
internal static class RunMapping
{
    /// <summary>What was asked, as canonical JSON: a request without its id.</summary>
    public static string Asked(StartRunRequest request)
    {
        var asked = request.Clone();
        asked.RunId = string.Empty;
        return CanonicalJson.Write(CanonicalJson.Of(asked));
    }

    /// <summary>What was asked.</summary>
    public static StartRunRequest Asked(RunSummary run) => CanonicalJson.Read<StartRunRequest>(run.SpecJson);

    /// <summary>A run as a list shows it: of its progress only what the ledger knows without its result.</summary>
    public static Run ToWire(RunSummary run)
    {
        var asked = Asked(run);
        var end = run.Error is null ? new RunEnd() : End(run);
        return new Run
        {
            RunId = run.Id.Value,
            State = ToWire(run.State),
            Spec = asked.Spec,
            RerunOf = asked.RerunOf,
            CreatedAt = run.CreatedAt.ToTimestamp(),
            FinishedAt = run.EndedAt?.ToTimestamp(),
            ResultHash = run.ResultHash ?? string.Empty,
            Error = end.Error,
            Progress = end.Progress ?? Progress(run),
        };
    }

    private static RunProgress Progress(RunSummary run)
    {
        var progress = new RunProgress { ItemsTotal = (uint)run.ItemCount };
        if (run.EndedAt is { } ended)
            progress.ElapsedSeconds = (ended - run.CreatedAt).TotalSeconds;
        if (run.State == LedgerState.Done)
            (progress.ItemsDone, progress.Stage) = (progress.ItemsTotal, "done");
        return progress;
    }

    /// <summary>A run with its manifest and how it ended, if it has.</summary>
    public static Run ToWire(RunRecord record)
    {
        var run = ToWire((RunSummary)record);
        var manifest = RunManifest.Parse(record.ManifestJson);
        run.Spec = RunSpecMapping.ToWire(manifest.Spec);
        if (Asked(record).Spec is { } asked)
            (run.Spec.DeadlineSeconds, run.Spec.ScenariosPerShard) = (asked.DeadlineSeconds, asked.ScenariosPerShard);
        run.ManifestJson = record.ManifestJson;
        run.ManifestHash = CanonicalJson.Hash(record.ManifestJson);
        var end = record.State == LedgerState.Running ? new RunEnd() : End(record);
        run.Inputs = manifest.ToWire(end.Trades);
        run.Result = end.Result;
        run.Error = end.Error;
        run.Rerun = end.Rerun;
        run.Progress = end.Progress ?? run.Progress;
        return run;
    }

    /// <summary>How a run ended.</summary>
    public static RunEnd End(RunSummary run) => run switch
    {
        RunRecord { Result: { } bytes } => RunEnd.Parser.ParseFrom(bytes),
        { Error: { Length: > 0 } json } => CanonicalJson.Read<RunEnd>(json),
        _ => new RunEnd(),
    };

    /// <summary>An end without a result, as the ledger keeps it.</summary>
    public static string Json(RunEnd end) => CanonicalJson.Write(CanonicalJson.Of(end));

    /// <summary>Why a run has no result.</summary>
    public static RunError Error(GridErrorCode code, string message) => new() { Code = (int)code, Message = message };

    /// <summary>Why a run has no result, from what was thrown.</summary>
    public static RunError Error(Exception exception)
    {
        switch (exception)
        {
            case ValidationException e:
                var refused = Error(GridErrorCode.FailedPrecondition, e.Message);
                refused.Fields.Add(new FieldReason { Field = e.Field, Reason = e.Reason });
                return refused;
            case GrainCallException e:
                var error = Error(e.Code, e.Message);
                if (e.Detail<BadRequest>() is { } fields)
                    error.Fields.AddRange(fields.FieldViolations.Select(f => new FieldReason { Field = f.Field, Reason = f.Description }));
                return error;
            case GridException e:
                return Error(e.Code, e.Message);
            case LedgerFormatException:
                return Error(GridErrorCode.DataLoss, exception.Message);
            default:
                return Error(GridErrorCode.Internal, exception.Message);
        }
    }

    public static LedgerState? ToLedger(RunState state) => state switch
    {
        RunState.Unspecified => null,
        RunState.Running => LedgerState.Running,
        RunState.Finished => LedgerState.Done,
        RunState.Failed => LedgerState.Failed,
        RunState.Cancelled => LedgerState.Cancelled,
        _ => throw new ValidationException("state", $"{(int)state} is no state of a run"),
    };

    private static RunState ToWire(LedgerState state) => state switch
    {
        LedgerState.Running => RunState.Running,
        LedgerState.Done => RunState.Finished,
        LedgerState.Failed => RunState.Failed,
        _ => RunState.Cancelled,
    };
}
