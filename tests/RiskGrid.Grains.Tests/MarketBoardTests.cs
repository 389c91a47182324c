using System.Collections.Concurrent;
using NodaTime;
using RiskGrid.Grains.Market;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

public sealed class MarketBoardTests
{
    private static readonly FactorName Spot = FactorName.Parse("IDX.SP500");
    private static readonly FactorName Other = FactorName.Parse("EQ.AAPL");

    private readonly List<IReadOnlyCollection<MarketWatch>> _woken = [];
    private readonly List<Wire.GetMarketResponse> _offered = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Wire.GetMarketResponse>> _fetches = [];
    private readonly MarketBoard _board;

    public MarketBoardTests()
    {
        var log = new GrainLog(new TestLog());
        _board = new MarketBoard("main", Fetch, _woken.Add, _offered.Add, log, new Troubles(log, TimeProvider.System));
    }

    [Fact]
    public async Task The_first_step_fetches_the_whole_market()
    {
        _board.Apply(Step(1, 5, (Spot, 100)));
        await Answer(0, 1, 5, (Spot, 100), (Other, 50));
        Assert.Equal((1L, 5L), (_board.Point.Epoch, _board.Point.Sequence));
        Assert.Equal((100.0, 50.0), (Value(Spot), Value(Other)));
    }

    [Fact]
    public async Task Steps_are_applied_in_order_and_repeated_or_late_ones_change_nothing()
    {
        await StartAt(1, 1, (Spot, 100));
        _board.Apply(Step(1, 2, (Spot, 101), (Other, 51)));
        Assert.Equal((3L, 101.0), (_board.Point.Sequence, Value(Spot)));
        _board.Apply(Step(1, 4, (Spot, 102)));
        _board.Apply(Step(1, 2, (Spot, 101), (Other, 51)));
        _board.Apply(Step(1, 4, (Spot, 99)));
        Assert.Equal((4L, 102.0), (_board.Point.Sequence, Value(Spot)));
        Assert.Single(_fetches);
    }

    [Fact]
    public async Task What_was_bound_to_a_gone_shape_is_not_captured_and_leaves_the_watch_dirty()
    {
        await StartAt(1, 1, (Spot, 100));
        var (before, binding) = (_board.Directory, Binding());
        using var watch = _board.Watch([Spot], () => { });
        _board.Apply(Step(1, 2, (FactorName.Parse("ZC.USD.1Y"), 0.04)));
        Assert.Null(_board.Capture(binding, before, watch));
        Assert.True(watch.IsDirty);
        Capture(watch);
        Assert.False(watch.IsDirty);
    }

    [Fact]
    public async Task A_gap_heals_from_the_snapshot()
    {
        await StartAt(1, 1, (Spot, 100));
        _board.Apply(Step(1, 3, (Spot, 103)));
        Assert.Equal(100, Value(Spot));
        await Answer(1, 1, 3, (Spot, 103), (Other, 52));
        Assert.Equal((3L, 103.0, 52.0), (_board.Point.Sequence, Value(Spot), Value(Other)));
    }

    [Fact]
    public async Task A_step_that_comes_while_the_snapshot_is_on_its_way_is_not_lost()
    {
        await StartAt(1, 1, (Spot, 100));
        _board.Apply(Step(1, 3, (Spot, 103)));
        await Patience.Eventually("the board asks for the market", () => _fetches.Count == 2);

        // The market answered the fetch before it took the next quote in; the step overtakes the answer.
        _board.Apply(Step(1, 4, (Spot, 104)));
        await Answer(1, 1, 3, (Spot, 103));
        await Patience.Eventually("the board asks again", () => _fetches.Count == 3);
        await Answer(2, 1, 4, (Spot, 104));
        Assert.Equal((4L, 104.0), (_board.Point.Sequence, Value(Spot)));
    }

    [Fact]
    public async Task Who_waits_for_a_point_does_not_depend_on_a_snapshot_that_was_taken_before_it()
    {
        await StartAt(1, 1, (Spot, 100));
        _board.Apply(Step(1, 3, (Spot, 103)));
        var reached = _board.WhenReached(new Wire.MarketPoint { Epoch = 1, Sequence = 4 });
        await Answer(1, 1, 3, (Spot, 103));
        Assert.False(reached.IsCompleted);
        await Patience.Eventually("the board asks again", () => _fetches.Count == 3);
        await Answer(2, 1, 4, (Spot, 104));
        await reached.Within("the point is reached");
    }

    [Fact]
    public async Task A_repeated_announcement_of_an_epoch_does_not_swallow_its_first_quote()
    {
        await using var ledger = await TestLedger.OpenAsync();
        QuotesPublished? announcement = null;
        await using var silo = await TestSilo.StartAsync(
            ledger.Store, new TestSiloOptions { Engine = new ControlledEngine { Hears = message => announcement ??= message as QuotesPublished } });
        Assert.NotNull(announcement);

        await StartAt(announcement.Epoch, 0);
        _board.Apply(announcement);
        _board.Apply(Step(announcement.Epoch, 1, (Spot, 100)));
        Assert.Equal((1L, 100.0), (_board.Point.Sequence, Value(Spot)));
    }

    [Fact]
    public async Task A_new_epoch_replaces_the_market_and_releases_who_waits_for_the_old_one()
    {
        await StartAt(1, 7, (Spot, 100));
        var waits = _board.WhenReached(new Wire.MarketPoint { Epoch = 1, Sequence = 9 });
        await Answer(1, 2, 1, (Spot, 90));
        Assert.Equal((2L, 1L, 90.0), (_board.Point.Epoch, _board.Point.Sequence, Value(Spot)));
        await waits.Within("a waiter of a gone epoch goes on");
        _board.Apply(Step(1, 8, (Spot, 101)));
        Assert.Equal(90, Value(Spot));
    }

    [Fact]
    public async Task Who_waits_hears_when_the_market_cannot_be_fetched()
    {
        await StartAt(1, 1, (Spot, 100));
        var waits = _board.WhenReached(new Wire.MarketPoint { Epoch = 1, Sequence = 2 });
        await Patience.Eventually("the board asks", () => _fetches.Count == 2);
        _fetches[1].SetException(new InvalidOperationException("no market"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => waits.WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task A_watch_is_woken_once_for_its_own_factors_until_it_is_captured()
    {
        await StartAt(1, 1, (Spot, 100));
        using var watch = _board.Watch([Spot], () => { });
        Assert.True(watch.IsDirty);
        Capture(watch);
        _board.Apply(Step(1, 2, (Other, 51)));
        Assert.Empty(_woken);
        Assert.Equal(2, _board.PointIfClean(watch)!.Sequence);
        _board.Apply(Step(1, 3, (Spot, 101)));
        _board.Apply(Step(1, 4, (Spot, 102)));
        Assert.Same(watch, Assert.Single(Assert.Single(_woken)));
        Assert.Null(_board.PointIfClean(watch));
        Capture(watch);
        Assert.Equal(4, _board.PointIfClean(watch)!.Sequence);
        watch.Dispose();
        _board.Apply(Step(1, 5, (Spot, 103)));
        Assert.Single(_woken);
    }

    [Fact]
    public async Task What_one_step_touches_is_woken_together()
    {
        await StartAt(1, 1, (Spot, 100), (Other, 50));
        using var first = _board.Watch([Spot], () => { });
        using var second = _board.Watch([Other, Spot], () => { });
        Capture(first);
        Capture(second);
        _board.Apply(Step(1, 2, (Spot, 101), (Other, 51)));
        Assert.Equal([first, second], Assert.Single(_woken));
    }

    [Fact]
    public async Task Every_watch_is_woken_when_time_moves_or_the_market_gets_another_shape()
    {
        await StartAt(1, 1, (Spot, 100));
        using var watch = _board.Watch([Spot], () => { });
        Capture(watch);
        var directory = _board.Directory;
        _board.Apply(Step(1, 2, (FactorName.Parse("ZC.USD.1Y"), 0.04)));
        Assert.NotSame(directory, _board.Directory);
        Assert.Single(_woken);
        Capture(watch);
        _board.Apply(new QuotesPublished
        {
            Market = "main", Epoch = 1, FirstSequence = 3, LastSequence = 3, Valuation = (SmallFirm.Valuation + Duration.FromHours(1)).ToTimestamp(),
        });
        Assert.Equal(2, _woken.Count);
        Assert.Equal((SmallFirm.Valuation + Duration.FromHours(1)).ToTimestamp(), _board.Point.Valuation);
    }

    private static QuotesPublished Step(long epoch, long first, params (FactorName Factor, double Value)[] quotes) => new()
    {
        Market = "main",
        Epoch = epoch,
        FirstSequence = first,
        LastSequence = first + Math.Max(1, quotes.Length) - 1,
        Quotes = { quotes.Select(q => SmallFirm.Quote(q.Factor.Value, q.Value)) },
        Valuation = SmallFirm.Valuation.ToTimestamp(),
    };

    private Task<Wire.GetMarketResponse> Fetch()
    {
        var fetch = new TaskCompletionSource<Wire.GetMarketResponse>();
        _fetches[_fetches.Count] = fetch;
        return fetch.Task;
    }

    private async Task StartAt(long epoch, long sequence, params (FactorName Factor, double Value)[] quotes)
    {
        _board.Apply(Step(epoch, 1_000_000));
        await Answer(0, epoch, sequence, quotes);
    }

    private async Task Answer(int fetch, long epoch, long sequence, params (FactorName Factor, double Value)[] quotes)
    {
        await Patience.Eventually("the board asks for the market", () => _fetches.Count > fetch);
        _fetches[fetch].SetResult(new Wire.GetMarketResponse
        {
            Point = new Wire.MarketPoint { Market = "main", Epoch = epoch, Sequence = sequence, Valuation = SmallFirm.Valuation.ToTimestamp() },
            Quotes = { quotes.Select(q => SmallFirm.Quote(q.Factor.Value, q.Value)) },
        });
        await Patience.Eventually("the board takes the market in", () => (_board.Point.Epoch, _board.Point.Sequence) == (epoch, sequence));
    }

    private void Capture(MarketWatch watch) => Assert.NotNull(_board.Capture(Binding(), _board.Directory, watch));

    private double Value(FactorName factor)
    {
        var (market, _) = _board.Capture(Binding(), _board.Directory, null)!.Value;
        var at = market!.Binding.Factors.IndexOf(factor);
        return market.Quotes[at].Value;
    }

    private Pricing.SheetBinding Binding() => new(
        Pricing.Sheet.Build(NodeId.Parse("B"), [Trade("A", SmallFirm.Near), Trade("B", SmallFirm.Apple)]), _board.Directory, SmallFirm.Options);

    private static Trade Trade(string id, string line) => new(TradeId.Parse(id), 1, SmallFirm.Terms(line, 1, 1).In("B"), TradeLifecycle.Live);
}
