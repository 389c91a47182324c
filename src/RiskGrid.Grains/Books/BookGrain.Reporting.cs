using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Books;

/// <content>What goes up to the desk and out to subscribers.</content>
public sealed partial class BookGrain
{
    private readonly List<Waiter> _waiters = [];
    private NodeVersions _versions;
    private NodeReporter _reporter = null!;
    private long _version;
    private long _vectorVersion;

    /// <inheritdoc/>
    public Task<NodeReport> GetReport() => Task.FromResult(Report());

    /// <inheritdoc/>
    public Task<Rollup> GetRollup(RollupKnown known) => Task.FromResult(RollupBoard.IfNewer(Report().Rollup, known));

    /// <inheritdoc/>
    public async Task<NodeReport> Settle(SettleRequest request, CancellationToken cancellationToken)
    {
        // What another book acknowledged, by moving a trade here, is on the ledger, whether this book has heard of it or not.
        try
        {
            await CatchUp();
        }
        catch (OperationCanceledException) when (Context.Deactivated.IsCancellationRequested)
        {
            throw Ended();
        }

        if (Context.Deactivated.IsCancellationRequested)
            throw Ended();
        var waiter = new Waiter(request.Market, _sequence, request.WithoutVector, new(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiters.Add(waiter);
        _ = AnswerWhenReachedAsync(waiter);
        await using var left = cancellationToken.UnsafeRegister(static (w, token) => ((Waiter)w!).Reply.TrySetCanceled(token), waiter);
        return await waiter.Reply.Task;
    }

    /// <inheritdoc/>
    public async Task Ping(ParentPing ping)
    {
        if (++_pingsSinceLedgerCheck >= PingsPerLedgerCheck)
        {
            _pingsSinceLedgerCheck = 0;
            try
            {
                await CatchUp();
            }
            catch (GridException e)
            {
                // The numbers go on without the ledger; the next check reads it.
                silo.Troubles.LedgerNotRead(_book.Value, e);
            }
        }

        // What failed is tried again with the parent's sign of life.
        StartPass();
        StartVector();
        var report = Report();
        silo.Newest.Put(report.Rollup);
        if (ping.Desk.Length > 0)
            _reporter.Answer(report, ping.Desk, ping.KnownVectorVersion);
    }

    private ActivationFencedException Ended() => new($"book {_book} has ended");

    private async Task AnswerWhenReachedAsync(Waiter waiter)
    {
        try
        {
            await silo.Board.WhenReached(waiter.Market).ConfigureAwait(false);
            var posted = Context.Post(() =>
            {
                StartPass();
                StartVector();
                AnswerWaiters();
                return Task.CompletedTask;
            });
            if (!posted)
                waiter.Reply.TrySetException(Ended());
        }
        catch (Exception e)
        {
            waiter.Reply.TrySetException(e);
        }
    }

    private void AnswerWaiters()
    {
        if (_waiters.Count == 0 || _priced is null)
            return;
        var priced = PricedThrough();
        var vector = VectorIsCurrent ? priced : _vector?.Of.Point ?? new MarketPoint();
        var vectorSequence = VectorIsCurrent ? _priced.Sequence : _vector?.Of.Sequence ?? -1;
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            var waiter = _waiters[i];
            if (waiter.Reply.Task.IsCompleted)
            {
                _waiters.RemoveAt(i);
                continue;
            }

            if (!Covers(priced, waiter.Market) || !Covers(vector, waiter.Market)
                || _priced.Sequence < waiter.Sequence || vectorSequence < waiter.Sequence)
                continue;
            waiter.Reply.TrySetResult(waiter.WithoutVector ? NodeReporter.WithoutVector(Report()) : Report());
            _waiters.RemoveAt(i);
        }
    }

    private static bool Covers(MarketPoint reached, MarketPoint wanted) =>
        reached.Epoch > wanted.Epoch || (reached.Epoch == wanted.Epoch && reached.Sequence >= wanted.Sequence);

    // Every quote up to this point is in the measures: where the market stood at the pass or, when nothing this book depends on has
    // changed since, where it stands now.
    private MarketPoint PricedThrough() => (_watchIsOfPriced ? silo.Board.PointIfClean(_watch!) : null) ?? _priced!.Point;

    private void Publish()
    {
        if (_priced is null)
            return;
        _version = _versions.Next();
        _reporter.Changed(Report(), _hierarchy.Hierarchy.Nodes.GetValueOrDefault(_book)?.Parent?.Value);
    }

    private NodeReport Report()
    {
        var rollup = new Rollup
        {
            NodeId = _book.Value,
            Path = _hierarchy.Hierarchy.Nodes.ContainsKey(_book) ? _hierarchy.Hierarchy.PathOf(_book) : string.Empty,
            Kind = NodeKinds.Book,
            Version = _version,
            ReportingCurrency = silo.Options.Reporting.Code,
            HierarchyVersion = _hierarchy.Version,
            KernelVersion = Tails.Versions,
            LedgerSequence = _priced?.Sequence ?? _sequence,
            AsOf = _priced is null ? silo.Board.Point : PricedThrough(),
        };
        if (_priced?.Valuation is { } valuation)
        {
            rollup.Measures = RollupMapping.ToWire(valuation.Total);
            foreach (var (currency, measures) in valuation.Native)
                rollup.Native.Add(currency.Code, RollupMapping.ToWire(measures));
            rollup.Coverage = RollupMapping.ToWire(valuation.Coverage);
        }
        else
        {
            rollup.Measures = new Measures();
            rollup.Coverage = RollupMapping.NothingPriced(
                _trades.Keys,
                _priced is null && (rollup.AsOf.Epoch == 0 || rollup.AsOf.Valuation is not null) ? RollupMapping.NotYetPriced : RollupMapping.NoMarket);
        }

        if (_vector is null || _priced?.Valuation is null)
            return new NodeReport { Rollup = rollup };
        rollup.TailFailure = _vector.Failure;
        if (_vector.Tail is { } tail)
        {
            rollup.Tail = VectorIsCurrent ? tail.Clone() : tail;
            if (VectorIsCurrent)
                rollup.Tail.AsOf = rollup.AsOf;
        }

        RollupMapping.AddMissing(rollup.Coverage, _vector.Missing);
        return new NodeReport { Rollup = rollup, VectorVersion = _vectorVersion, Pnl = _vector.Pnl };
    }

    private sealed record Waiter(MarketPoint Market, long Sequence, bool WithoutVector, TaskCompletionSource<NodeReport> Reply);
}
