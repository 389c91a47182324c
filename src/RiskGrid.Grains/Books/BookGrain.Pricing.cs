using RiskGrid.Compute;
using RiskGrid.Grains.Market;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Books;

/// <content>Conflated passes: additive measures first, the P&amp;L vector at lower priority with its own as-of.</content>
public sealed partial class BookGrain
{
    private MarketWatch? _watch;

    // True while _trades holds what the last started pass did not see.
    private bool _tradesChanged;
    private bool _awaitsMarket;
    private bool _passRunning;
    private bool _vectorRunning;
    private BookPass? _priced;

    // True while _watch says whether the market has moved since _priced: false from the start of a pass, which clears it, to its result.
    private bool _watchIsOfPriced;
    private BookVector? _vector;

    private bool VectorIsCurrent => silo.Scenarios is null || _priced?.Market is null || ReferenceEquals(_vector?.Of, _priced);

    private void StartPass()
    {
        if (silo.Board.Point.Epoch == 0)
        {
            // A silo that has just joined: nothing is said of prices before its board has heard of the market.
            if (!_awaitsMarket)
                _ = PassWhenKnownAsync();
            return;
        }

        if (_passRunning || (_priced is not null && !_tradesChanged && _watch is { IsDirty: false }))
            return;
        _passRunning = true;
        _watchIsOfPriced = false;
        var trades = _tradesChanged || _priced is null ? _trades.Values.ToArray() : null;
        _tradesChanged = false;
        var (last, sequence) = (_priced, _sequence);
        _ = PassAsync(() => Pass(trades, last, sequence));
    }

    private async Task PassWhenKnownAsync()
    {
        _awaitsMarket = true;
        try
        {
            await silo.Board.WhenReached(new MarketPoint { Epoch = 1 });
            Context.Post(MarketMoved);
        }
        catch (Exception e)
        {
            // The desk's next sign of life tries again.
            silo.Troubles.ViewNotFetched("the market", e);
        }
        finally
        {
            _awaitsMarket = false;
        }
    }

    private BookPass Pass(Trade[]? trades, BookPass? last, long sequence)
    {
        var sheet = trades is null ? last!.Binding.Sheet : Sheet.Build(_book, trades);
        var (binding, directory, watch) = (last?.Binding, last?.Directory, last?.Watch);
        try
        {
            while (true)
            {
                var shape = silo.Board.Directory;
                if (binding is null || watch is null || !ReferenceEquals(binding.Sheet, sheet) || !ReferenceEquals(directory, shape))
                {
                    binding = new SheetBinding(sheet, shape, silo.Options);
                    directory = shape;
                    if (watch is null || !watch.Factors.SequenceEqual(binding.Factors))
                    {
                        Forget(watch, last);
                        watch = silo.Board.Watch(binding.Factors, () => Context.Post(MarketMoved));
                    }
                }

                // Null when the market has got another shape since it was looked at.
                if (silo.Board.Capture(binding, shape, watch) is var (market, point))
                    return new BookPass(binding, shape, watch, sequence, point, market, market is null ? null : SheetPricer.Price(market));
            }
        }
        catch
        {
            Forget(watch, last);
            throw;
        }
    }

    // The watch of the last pass stays until the new one's result is in; one that this pass made in vain does not.
    private static void Forget(MarketWatch? watch, BookPass? last)
    {
        if (!ReferenceEquals(watch, last?.Watch))
            watch?.Dispose();
    }

    private async Task PassAsync(Func<BookPass> pass)
    {
        var trace = PassTrace.Begin("measures", _book.Value, Context.Time);
        try
        {
            var result = await silo.Pool.RunAsync(ComputePriority.Live, pass, Context.Deactivated).ConfigureAwait(false);
            trace?.Computed(result.Binding.Sheet.Count);
            if (Context.Post(() => Priced(result, trace)))
                return;
            result.Watch.Dispose();
            trace?.End();
        }
        catch (OperationCanceledException)
        {
            // The activation has ended.
            trace?.End();
        }
        catch (Exception e)
        {
            trace?.End(e);
            silo.Log.PassFailed(_book.Value, "pricing", e);
            Context.Post(() =>
            {
                _passRunning = false;
                _tradesChanged = true;
                return Task.CompletedTask;
            });
        }
    }

    private Task MarketMoved()
    {
        StartPass();
        return Task.CompletedTask;
    }

    private Task Priced(BookPass pass, PassTrace? trace)
    {
        _passRunning = false;
        _priced = pass;
        if (pass is { Valuation: not null, Binding.Sheet.Count: > 0 })
            silo.Log.Priced(_book.Value, pass.Binding.Sheet.Count);
        if (!ReferenceEquals(_watch, pass.Watch))
        {
            _watch?.Dispose();
            _watch = pass.Watch;
        }

        _watchIsOfPriced = true;

        // The vector belongs to the pass; the next pass belongs to what moved meanwhile.
        using (Spans.Enter(trace?.Span))
        {
            Publish();
            StartVector();
        }

        trace?.End();
        StartPass();
        AnswerWaiters();
        return Task.CompletedTask;
    }

    private void StartVector()
    {
        if (_vectorRunning || VectorIsCurrent)
            return;
        _vectorRunning = true;
        _ = VectorAsync(_priced!);
    }

    private async Task VectorAsync(BookPass pass)
    {
        var trace = PassTrace.Begin("vector", _book.Value, Context.Time);
        try
        {
            var revaluation = await silo.Pool.RunAsync(
                ComputePriority.Vector, () => new SheetRevaluation(pass.Market!, silo.Scenarios!), Context.Deactivated).ConfigureAwait(false);
            await silo.Pool.RunAsync(ComputePriority.Vector, revaluation.Blocks, revaluation.Compute, Context.Deactivated).ConfigureAwait(false);
            var vector = await silo.Pool.RunAsync(
                ComputePriority.Vector, () => BookVector.From(pass, revaluation), Context.Deactivated).ConfigureAwait(false);
            trace?.Computed(pass.Binding.Sheet.Count);
            if (!Context.Post(() => VectorReady(vector, trace)))
                trace?.End();
        }
        catch (OperationCanceledException)
        {
            // The activation has ended.
            trace?.End();
        }
        catch (Exception e)
        {
            trace?.End(e);

            // The rollup says so; the next pass tries again.
            silo.Log.PassFailed(_book.Value, "the P&L vector", e);
            Context.Post(() => VectorReady(BookVector.None(pass, e.Message), null));
        }
    }

    private Task VectorReady(BookVector vector, PassTrace? trace)
    {
        _vectorRunning = false;
        _vector = vector;
        _vectorVersion = _versions.Next();
        using (Spans.Enter(trace?.Span))
            Publish();
        trace?.End();
        StartVector();
        AnswerWaiters();
        return Task.CompletedTask;
    }
}
