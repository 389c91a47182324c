using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Protocol.Grid;

namespace RiskGrid.Grains.Runs;

/// <content>Which items are out: as many as the silos of the cluster, also those that join meanwhile, are kept busy by.</content>
internal sealed partial class RunComputation
{
    // How often the silos are counted.
    private static readonly TimeSpan WindowPeriod = TimeSpan.FromSeconds(1);

    // An item that has no answer for so long is handed out anew: a reply may be lost. One that comes twice counts once.
    private static readonly TimeSpan ItemLimit = TimeSpan.FromMinutes(10);

    // Results wait in memory while the ledger is away; after this the run stands still and goes on from what is stored.
    private static readonly TimeSpan StoreLimit = TimeSpan.FromMinutes(1);

    // Each time the engine itself has delivered the item several times.
    private const int MostDeaths = 3;

    private int _next = -1;
    private int _window;
    private int _out;
    private int _interrupted;

    // The ledger says that the run has ended.
    private volatile bool _ended;

    // False when the run has ended meanwhile.
    private async Task<bool> HandOutAllAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var handing = new List<Task>();
        Task all;
        do
        {
            await CountSilosAsync(stop.Token).ConfigureAwait(false);
            while (!stop.IsCancellationRequested && Volatile.Read(ref _next) + 1 < _items.Length && Volatile.Read(ref _out) < _window)
            {
                Interlocked.Increment(ref _out);
                handing.Add(HandOutAsync(stop));
            }

            all = Task.WhenAll(handing);
            using var waited = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            await Task.WhenAny(all, Task.Delay(WindowPeriod, _silo.Time, waited.Token)).ConfigureAwait(false);
            await waited.CancelAsync().ConfigureAwait(false);
            handing.RemoveAll(t => t.IsCompletedSuccessfully);
        }
        while (!all.IsCompleted && !stop.IsCancellationRequested);

        try
        {
            await all.ConfigureAwait(false);
        }
        catch when (_ended)
        {
            // The others were stopped.
        }

        return !_ended;
    }

    // What was known stays while the engine cannot say.
    private async Task CountSilosAsync(CancellationToken cancellationToken)
    {
        try
        {
            Volatile.Write(ref _window, RunWindow.Of(await _silo.ReadSilos(cancellationToken).ConfigureAwait(false), _silo.Pool.Threads));
        }
        catch (Exception e) when (e is GridException or OperationCanceledException)
        {
            if (_window == 0)
                Volatile.Write(ref _window, RunWindow.Least(_silo.Pool.Threads));
        }
    }

    private async Task HandOutAsync(CancellationTokenSource stop)
    {
        try
        {
            while (!IsTooMany() && Interlocked.Increment(ref _next) is var at && at < _items.Length)
            {
                var plan = _items[at];
                if (_stored.Contains((plan.Leg, plan.Block)))
                    continue;
                var result = await AskAsync(plan, stop.Token).ConfigureAwait(false);
                if (!await StoreAsync(plan, result, stop.Token).ConfigureAwait(false))
                {
                    _ended = true;
                    await stop.CancelAsync().ConfigureAwait(false);
                    return;
                }

                await MergeAsync(plan, result, stop.Token).ConfigureAwait(false);
            }
        }
        catch
        {
            // The other items are of no use any more.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Silos have left: as many hand out no more as there are too many.
    private bool IsTooMany()
    {
        while (true)
        {
            var others = Volatile.Read(ref _out);
            if (others <= Volatile.Read(ref _window))
                return false;
            if (Interlocked.CompareExchange(ref _out, others - 1, others) == others)
                return true;
        }
    }

    private async Task<RunWorkResult> AskAsync(RunItemPlan plan, CancellationToken cancellationToken)
    {
        for (var (attempt, deaths) = (0, 0); ; attempt++)
        {
            using var limit = new CancellationTokenSource(ItemLimit, _silo.Time);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            var item = new RunWork
            {
                RunId = _run.Value,
                ManifestHash = _context.ManifestHash,
                Leg = (uint)plan.Leg,
                First = (uint)plan.First,
                Count = (uint)plan.Count,
                Thresholds = Volatile.Read(ref _thresholds[plan.Leg]),
                Sampled = _tails[plan.Leg].IsSampled,
            };
            try
            {
                return await _grain.RunWorkAsync<RunWorkResult>(RunWorker.Kind, item, over.Token).ConfigureAwait(false);
            }
            catch (WorkLostException e)
            {
                if (++deaths >= MostDeaths)
                {
                    throw new GrainCallException(
                        GridErrorCode.Internal,
                        $"scenarios {plan.First:N0} to {plan.First + plan.Count - 1:N0} of leg {_context.Legs[plan.Leg].Name} were computed by nobody in {deaths} rounds of "
                        + $"deliveries: the item ends the silos that take it, or all of them were ended; their logs tell ({e.Message})");
                }
            }
            catch (GridException e) when (Troubles.IsPassing(e))
            {
                // A silo that stops or is full, a broker that restarts: another one, or the same one later.
                await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // No answer: once more.
            }
        }
    }

    private async Task<bool> StoreAsync(RunItemPlan plan, RunWorkResult result, CancellationToken cancellationToken)
    {
        var payload = result.Content.ToByteArray();
        var begun = _silo.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var running = await _silo.Ledger.PutRunItemAsync(_run, plan.Leg, plan.Block, payload, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _interrupted, 0);
                return running;
            }
            catch (RunItemConflictException) when (!_context.Legs[plan.Leg].Plan.IsWhole)
            {
                // Computed before with other thresholds: more or fewer entries of the same tail, and the same final bits.
                return true;
            }
            catch (LedgerUnavailableException e) when (_silo.Time.GetElapsedTime(begun) < StoreLimit)
            {
                if (Interlocked.Exchange(ref _interrupted, 1) == 0)
                    _silo.Log.RunInterrupted(_run.Value, e);
                await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1000, 10 << Math.Min(attempt, 7))), _silo.Time, cancellationToken);
}
