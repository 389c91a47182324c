using System.Collections.Immutable;
using NodaTime;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Quote = RiskGrid.Model.Quote;
using WireQuote = RiskGrid.Protocol.V1.Quote;

namespace RiskGrid.Grains.Market;

/// <summary>A silo's latest value per factor, with the market's (epoch, sequence). Steps are applied whole and in order; a gap fetches the
/// snapshot. Books watch the factors that they depend on.</summary>
/// <remarks>Thread-safe. Invariant under the lock: <c>_quotes</c> is exactly the market at (<c>_epoch</c>, <c>_sequence</c>), and every watch
/// whose factors changed since it was last taken is dirty.</remarks>
public sealed class MarketBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FactorName, Quote> _quotes = [];
    private readonly Dictionary<FactorName, ImmutableArray<MarketWatch>> _watches = [];
    private readonly HashSet<MarketWatch> _allWatches = [];
    private readonly List<(long Epoch, long Sequence, TaskCompletionSource Reached)> _waiters = [];
    private readonly Func<Task<GetMarketResponse>> _fetch;
    private readonly Action<IReadOnlyCollection<MarketWatch>> _wake;
    private readonly Action<GetMarketResponse> _offer;
    private readonly GrainLog _log;
    private readonly Troubles _troubles;
    private FactorDirectory _directory = new([]);
    private long _epoch;
    private long _sequence;
    private Instant? _valuation;
    private bool _fetching;

    // Asked for while a snapshot was on its way that may have been taken before what is asked for.
    private bool _fetchAgain;
    private (long Epoch, long Sequence) _heard;

    // The epoch that this board's market was offered to.
    private long _offeredTo;

    // Where the market stood at the last sign of life.
    private (long Epoch, long Sequence) _expected;

    /// <summary>Creates an empty board.</summary>
    /// <param name="market">The market's name.</param>
    /// <param name="fetch">Asks the market grain for the whole market.</param>
    /// <param name="wake">Called, outside the lock, with the watches that one change has made dirty: all of them at once.</param>
    /// <param name="offer">Called, outside the lock, with the whole market when a new activation of the market grain began with less.</param>
    /// <param name="log">Where a gap is reported.</param>
    /// <param name="troubles">Where it is reported that the market cannot be fetched.</param>
    public MarketBoard(
        string market,
        Func<Task<GetMarketResponse>> fetch,
        Action<IReadOnlyCollection<MarketWatch>> wake,
        Action<GetMarketResponse> offer,
        GrainLog log,
        Troubles troubles)
    {
        Market = market;
        _fetch = fetch;
        _wake = wake;
        _offer = offer;
        _log = log;
        _troubles = troubles;
    }

    /// <summary>The market's name.</summary>
    public string Market { get; }

    /// <summary>The point that the board stands at.</summary>
    public MarketPoint Point
    {
        get
        {
            lock (_lock)
                return CurrentPoint();
        }
    }

    /// <summary>Takes in one published step. Repeated and late steps are recognised; a gap fetches the snapshot.</summary>
    public void Apply(QuotesPublished step)
    {
        List<MarketWatch> woken = [];
        GetMarketResponse? offered = null;
        lock (_lock)
        {
            if (step.Epoch < _epoch || (step.Epoch == _epoch && step.LastSequence <= _sequence))
                return;
            if (IsAfter(step.Epoch, step.LastSequence, _heard))
                _heard = (step.Epoch, step.LastSequence);

            // The new epoch began with less than what is here: it is offered, once, and not replaced. The step that takes it in fetches.
            if (step.Epoch > _epoch && step.Continues is { } continues && IsAfter(_epoch, _sequence, (continues.Epoch, continues.Sequence)))
            {
                offered = step.Epoch > _offeredTo ? ToWire(CurrentPoint(), _quotes) : null;
                _offeredTo = step.Epoch;
            }
            else if (step.Epoch != _epoch || step.FirstSequence != _sequence + 1)
                FetchLocked();
            else
                ApplyLocked(step, woken);
        }

        if (offered is not null)
            _offer(offered);
        Wake(woken);
    }

    private void ApplyLocked(QuotesPublished step, List<MarketWatch> woken)
    {
        var structureChanged = false;
        foreach (var quote in step.Quotes)
        {
            var factor = FactorName.Parse(quote.Factor);
            structureChanged |= FactorDirectory.IsStructural(factor) && !_quotes.ContainsKey(factor);
            SetLocked(factor, FromWire(quote), woken);
        }

        _sequence = step.LastSequence;
        var valuation = step.Valuation?.ToInstant();
        if (structureChanged)
            _directory = new FactorDirectory(_quotes.Keys);
        if (structureChanged || (valuation is not null && valuation != _valuation))
            MarkAllLocked(woken);
        _valuation = valuation ?? _valuation;
        ReleaseLocked();
    }

    /// <summary>Hears, about once a second, where the market stands. What should have come since the time before and did not is fetched.</summary>
    public void Expect(MarketPoint point)
    {
        lock (_lock)
        {
            var before = _expected;
            _expected = (point.Epoch, point.Sequence);
            if (IsAfter(before.Epoch, before.Sequence, (_epoch, _sequence)))
                FetchLocked();
        }
    }

    /// <summary>Completes when the board has reached a point or a later epoch; at once when it is there. Fails when the market can't be fetched.</summary>
    public Task WhenReached(MarketPoint point)
    {
        lock (_lock)
        {
            if (!IsAfter(point.Epoch, point.Sequence, (_epoch, _sequence)))
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((point.Epoch, point.Sequence, reached));
            FetchLocked();
            return reached.Task;
        }
    }

    /// <summary>Starts watching factors; the watch begins dirty.</summary>
    public MarketWatch Watch(ImmutableArray<FactorName> factors, Action onDirty)
    {
        var watch = new MarketWatch(this, factors, onDirty);
        lock (_lock)
        {
            _allWatches.Add(watch);
            foreach (var factor in factors)
                _watches[factor] = _watches.TryGetValue(factor, out var others) ? others.Add(watch) : [watch];
        }

        return watch;
    }

    /// <summary>Which zero-curve pillars and FX rates the market quotes. When it changes, every watch becomes dirty.</summary>
    public FactorDirectory Directory
    {
        get
        {
            lock (_lock)
                return _directory;
        }
    }

    /// <summary>The whole market at the board's point.</summary>
    public (MarketPoint Point, KeyValuePair<FactorName, Quote>[] Quotes) Copy()
    {
        lock (_lock)
            return (CurrentPoint(), [.. _quotes]);
    }

    /// <summary>The wire form of a market.</summary>
    internal static GetMarketResponse ToWire(MarketPoint point, IEnumerable<KeyValuePair<FactorName, Quote>> quotes)
    {
        var response = new GetMarketResponse { Point = point };
        foreach (var (factor, quote) in quotes)
            response.Quotes.Add(new WireQuote { Factor = factor.Value, Value = quote.Value, AsOf = quote.AsOf.ToTimestamp(), Status = quote.Status });
        return response;
    }

    /// <summary>A consistent copy of all that a bound sheet needs, and the point it was taken at; clears the watch. No market while no valuation
    /// instant is known.</summary>
    /// <param name="binding">The sheet's binding.</param>
    /// <param name="directory">The market's shape that the binding was made for.</param>
    /// <param name="watch">The watch on the binding's factors, if any.</param>
    /// <returns>Null, with nothing cleared, when the market has another shape by now: bind again.</returns>
    public (SheetMarket? Market, MarketPoint Point)? Capture(SheetBinding binding, FactorDirectory directory, MarketWatch? watch)
    {
        var quotes = new Quote[binding.Factors.Length];
        Instant? valuation;
        MarketPoint point;
        lock (_lock)
        {
            if (!ReferenceEquals(directory, _directory))
                return null;
            watch?.Clear();
            (valuation, point) = (_valuation, CurrentPoint());
            for (var i = 0; i < quotes.Length; i++)
                quotes[i] = _quotes.GetValueOrDefault(binding.Factors[i]);
        }

        return (valuation is { } instant ? new SheetMarket(binding, instant, quotes) : null, point);
    }

    /// <summary>Whether the market at the board's point differs from what a watch last captured.</summary>
    internal bool IsDirty(MarketWatch watch)
    {
        lock (_lock)
            return watch.Dirty;
    }

    /// <summary>The board's point when nothing that a watch covers has moved since it was captured; otherwise null.</summary>
    public MarketPoint? PointIfClean(MarketWatch watch)
    {
        lock (_lock)
            return watch.Dirty ? null : CurrentPoint();
    }

    internal void Remove(MarketWatch watch)
    {
        lock (_lock)
        {
            if (!_allWatches.Remove(watch))
                return;
            foreach (var factor in watch.Factors)
            {
                var left = _watches[factor].Remove(watch);
                if (left.IsEmpty)
                    _watches.Remove(factor);
                else
                    _watches[factor] = left;
            }
        }
    }

    internal static Quote FromWire(WireQuote quote) =>
        new(quote.Value, quote.AsOf.ToInstant(), string.IsNullOrEmpty(quote.Status) ? QuoteStatus.Ok : string.Intern(quote.Status));

    private MarketPoint CurrentPoint() => new()
    {
        Market = Market,
        Epoch = _epoch,
        Sequence = _sequence,
        Valuation = _valuation?.ToTimestamp(),
    };

    private void SetLocked(FactorName factor, Quote quote, List<MarketWatch> woken)
    {
        _quotes[factor] = quote;
        if (!_watches.TryGetValue(factor, out var watches))
            return;
        foreach (var watch in watches)
        {
            if (watch.MarkDirty())
                woken.Add(watch);
        }
    }

    private void MarkAllLocked(List<MarketWatch> woken)
    {
        foreach (var watch in _allWatches)
        {
            if (watch.MarkDirty())
                woken.Add(watch);
        }
    }

    private void ReleaseLocked()
    {
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (IsAfter(_waiters[i].Epoch, _waiters[i].Sequence, (_epoch, _sequence)))
                continue;
            _waiters[i].Reached.SetResult();
            _waiters.RemoveAt(i);
        }
    }

    private static bool IsAfter(long epoch, long sequence, (long Epoch, long Sequence) other) =>
        epoch > other.Epoch || (epoch == other.Epoch && sequence > other.Sequence);

    private void FetchLocked()
    {
        _fetchAgain = _fetching;
        if (_fetching)
            return;
        _fetching = true;
        _ = Task.Run(FetchAsync);
    }

    private async Task FetchAsync()
    {
        List<MarketWatch> woken = [];
        try
        {
            var market = await _fetch().ConfigureAwait(false);
            lock (_lock)
            {
                _fetching = false;
                Replace(market, woken);
                if (_fetchAgain && (_waiters.Count > 0 || IsAfter(_heard.Epoch, _heard.Sequence, (_epoch, _sequence))))
                    FetchLocked();
            }
        }
        catch (Exception e)
        {
            // The next step or waiter asks again.
            _troubles.ViewNotFetched($"market {Market}", e);
            lock (_lock)
            {
                _fetching = false;
                foreach (var (_, _, reached) in _waiters)
                    reached.SetException(e);
                _waiters.Clear();
            }
        }

        Wake(woken);
    }

    private void Replace(GetMarketResponse market, List<MarketWatch> woken)
    {
        var point = market.Point;
        if (!IsAfter(point.Epoch, point.Sequence, (_epoch, _sequence)))
            return;
        _log.BoardFetched(Market, point.Epoch, point.Sequence, market.Quotes.Count);
        var (before, structure) = (new Dictionary<FactorName, Quote>(_quotes), false);
        foreach (var wire in market.Quotes)
        {
            var (factor, quote) = (FactorName.Parse(wire.Factor), FromWire(wire));
            var known = before.Remove(factor, out var old);
            structure |= !known && FactorDirectory.IsStructural(factor);
            if (!known || old != quote)
                SetLocked(factor, quote, woken);
        }

        (_epoch, _sequence) = (point.Epoch, point.Sequence);
        var valuation = point.Valuation?.ToInstant();

        // What is left of the old market is gone from the new one.
        foreach (var gone in before.Keys)
            _quotes.Remove(gone);
        if (structure || before.Count > 0)
            _directory = new FactorDirectory(_quotes.Keys);
        if (structure || before.Count > 0 || valuation != _valuation)
            MarkAllLocked(woken);
        _valuation = valuation;
        ReleaseLocked();
    }

    private void Wake(List<MarketWatch> woken)
    {
        if (woken.Count > 0)
            _wake(woken);
    }
}
