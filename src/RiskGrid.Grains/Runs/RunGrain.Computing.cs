using System.Security.Cryptography;
using System.Text;
using NodaTime;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;
using LedgerState = RiskGrid.Ledger.RunState;

namespace RiskGrid.Grains.Runs;

/// <content>Computing, finishing, and saying how it goes.</content>
public sealed partial class RunGrain
{
    private static readonly TimeSpan PublishPeriod = TimeSpan.FromMilliseconds(200);

    // No timer waits for more than 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    private NodeVersions _versions;
    private CancellationTokenSource? _stop;
    private Task _computing = Task.CompletedTask;
    private RunContext? _context;
    private IDisposable? _publishing;
    private IDisposable? _deadline;

    // Written beside the turns, read by them.
    private Snapshot? _counts;
    private Snapshot? _published;

    private void StartComputing(RunContext? context)
    {
        _stop?.Dispose();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(Context.Deactivated);
        _context = context;
        var record = _record!;
        var stop = _stop.Token;
        _computing = Task.Run(() => ComputeAsync(record, context, stop), CancellationToken.None);
        _publishing ??= Context.RegisterTimer(PublishProgress, TimeSpan.Zero, PublishPeriod);

        // Anew each time: an ending that the ledger could not take comes again.
        if (record.Deadline is { } deadline)
            AwaitDeadline(deadline - _clock.Now);
    }

    private void AwaitDeadline(Duration left)
    {
        _deadline?.Dispose();
        var wait = TimeSpan.FromTicks(Math.Clamp(left.ToTimeSpan().Ticks, 0, LongestWait.Ticks));
        _deadline = Context.RegisterTimer(DeadlineComes, wait, Timeout.InfiniteTimeSpan);
    }

    // Beside the turns; never throws.
    private async Task ComputeAsync(RunRecord record, RunContext? context, CancellationToken cancellationToken)
    {
        // Belongs to whoever started the run; one that goes on after its silo was lost begins a trace.
        using var span = GrainsTelemetry.Source.StartActivity("run");
        span?.SetTag("riskgrid.run.id", record.Id.Value);
        try
        {
            var manifest = RunManifest.Parse(record.ManifestJson);
            manifest.RequireVersions();
            var epoch = await silo.Ledger.TakeEpochAsync(EpochId(record.Id), cancellationToken).ConfigureAwait(false);
            Context.Post(() =>
            {
                _versions = new NodeVersions(epoch);
                return Task.CompletedTask;
            });
            var hash = CanonicalJson.Hash(record.ManifestJson);
            context ??= await silo.Contexts.GetAsync(hash, () => RunContextBuilder.BuildAsync(silo, manifest, hash), cancellationToken).ConfigureAwait(false);
            Context.Post(() =>
            {
                _context = context;
                return Task.CompletedTask;
            });
            var items = RunItems.Of(context.Legs, (int)(RunMapping.Asked(record).Spec?.ScenariosPerShard ?? 0));
            var computation = new RunComputation(silo, Context, record.Id, context, items, counts => Volatile.Write(ref _counts, new Snapshot(counts)));
            var tails = await computation.RunAsync(cancellationToken).ConfigureAwait(false);
            if (tails is null)
            {
                var ended = await silo.Ledger.ReadRunAsync(record.Id, cancellationToken).ConfigureAwait(false);
                Context.Post(() => Over(ended!));
                return;
            }

            var counts = Volatile.Read(ref _counts)!.Counts with { Stage = "finishing" };
            Volatile.Write(ref _counts, new Snapshot(counts));
            var outcome = await RunFinish.OfAsync(silo, record, context, tails, () => Progress(record, counts with { Stage = "done" }), cancellationToken).ConfigureAwait(false);
            var finished = await silo.Ledger.FinishRunAsync(record.Id, outcome, cancellationToken).ConfigureAwait(false);
            Context.Post(() => Over(finished));
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested || e is ObjectDisposedException)
        {
            // Cancelled, too late, or the activation has ended: whoever stopped it says so.
        }
        catch (LedgerUnavailableException e)
        {
            // The registry's next sign of life goes on with what is stored.
            silo.Log.RunInterrupted(record.Id.Value, e);
        }
        catch (Exception e)
        {
            var error = RunMapping.Error(e);
            if (error.Code is (int)GridErrorCode.Internal or (int)GridErrorCode.Unknown)
                silo.Log.RunFailed(record.Id.Value, e);
            Context.Post(() => EndAsync(LedgerState.Failed, error));
        }
    }

    // Orders what is published of a run by its activations; nothing is fenced by it. An id has no room for more than 64 characters.
    private static NodeId EpochId(RunId run)
    {
        var id = $"run:{run}";
        return NodeId.Parse(id.Length <= 64 ? id : $"run:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Value)))}"[..64]);
    }

    private Task DeadlineComes()
    {
        if (_record is not { State: LedgerState.Running } record)
            return Task.CompletedTask;
        if (record.Deadline - _clock.Now is { } left && left > Duration.Zero)
        {
            AwaitDeadline(left);
            return Task.CompletedTask;
        }

        var progress = Progress();
        return EndAsync(
            LedgerState.Failed,
            RunMapping.Error(
                GridErrorCode.DeadlineExceeded,
                $"the deadline passed with {progress.ItemsDone} of {progress.ItemsTotal} shards done, {progress.RevaluationsDone:N0} of {progress.RevaluationsTotal:N0} revaluations"));
    }

    // The first ending counts: the ledger says which.
    private async Task EndAsync(LedgerState state, RunError error)
    {
        _stop?.Cancel();
        var json = RunMapping.Json(new RunEnd { Error = error, Progress = Progress(), Trades = (uint)(_context?.Trades ?? 0) });
        var outcome = state == LedgerState.Cancelled ? RunOutcome.Cancelled(json) : RunOutcome.Failed(json);
        await Over(await silo.Ledger.AskAsync(l => l.FinishRunAsync(_id, outcome, Context.Deactivated)));
    }

    private Task Over(RunRecord ended)
    {
        _record = ended;
        GrainsTelemetry.Runs.Add(1, new KeyValuePair<string, object?>("riskgrid.run.state", ended.State.ToString().ToLowerInvariant()));
        _stop?.Cancel();
        _publishing?.Dispose();
        _deadline?.Dispose();
        (_publishing, _deadline, _context) = (null, null, null);
        return Publish();
    }

    private Task PublishProgress()
    {
        var counts = Volatile.Read(ref _counts);
        if (ReferenceEquals(counts, _published))
            return Task.CompletedTask;
        _published = counts;
        return Publish();
    }

    private async Task Publish()
    {
        var run = RunMapping.ToWire((RunSummary)_record!);
        if (_record!.State == LedgerState.Running)
            run.Progress = Progress();
        await Context.PublishAsync(RunBoard.Topic, new RunChanged { Run = run, Version = _versions.Next() });
    }

    private RunProgress Progress() => Volatile.Read(ref _counts) is { } counts
        ? Progress(_record!, counts.Counts)
        : new RunProgress { Stage = "computing", ItemsTotal = (uint)_record!.ItemCount, ElapsedSeconds = Elapsed(_record) };

    private RunProgress Progress(RunRecord record, RunCounts counts) => new()
    {
        ItemsDone = (uint)counts.Done,
        ItemsTotal = (uint)counts.Total,
        ItemsResumed = (uint)counts.Resumed,
        RevaluationsDone = (ulong)counts.Revaluations,
        RevaluationsTotal = (ulong)counts.TotalRevaluations,
        PricingSeconds = counts.Pricing.TotalSeconds,
        ElapsedSeconds = Elapsed(record),
        Stage = counts.Stage,
    };

    private double Elapsed(RunRecord record) => Math.Max(0, (_clock.Now - record.CreatedAt).TotalSeconds);

    private sealed record Snapshot(RunCounts Counts);
}
