using RiskGrid.Grains.Market;
using RiskGrid.Grid.Tests;
using RiskGrid.Model;

namespace RiskGrid.Grains.Tests;

public sealed class ConflatingWakerTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly ManualTime _time = new();
    private readonly MarketBoard _board;
    private readonly ConflatingWaker _waker;
    private int _first;
    private int _second;

    public ConflatingWakerTests()
    {
        var log = new GrainLog(new TestLog());
        _board = new MarketBoard("main", () => throw new InvalidOperationException("not asked"), _ => { }, _ => { }, log, new Troubles(log, _time));
        _waker = new ConflatingWaker(_time, Interval);
    }

    [Fact]
    public void The_first_change_after_a_quiet_spell_goes_out_at_once()
    {
        _waker.Wake([Watch(() => _first++)]);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, _first);
    }

    [Fact]
    public void Any_number_of_changes_within_one_interval_cost_two_waves_at_most()
    {
        var watch = Watch(() => _first++);
        for (var i = 0; i < 1000; i++)
        {
            _waker.Wake([watch]);
            _time.Advance(Interval / 1100);
        }

        Assert.Equal(1, _first);
        _time.Advance(Interval);
        Assert.Equal(2, _first);
        _time.Advance(10 * Interval);
        Assert.Equal(2, _first);
    }

    [Fact]
    public void Every_watch_is_told_once_a_wave_and_none_is_forgotten()
    {
        var (one, two) = (Watch(() => _first++), Watch(() => _second++));
        _waker.Wake([one]);
        _time.Advance(TimeSpan.Zero);
        _waker.Wake([two]);
        _waker.Wake([two]);
        _time.Advance(Interval);
        Assert.Equal((1, 1), (_first, _second));
    }

    [Fact]
    public void Quiet_needs_no_timer_and_the_next_change_goes_out_at_once_again()
    {
        var watch = Watch(() => _first++);
        _waker.Wake([watch]);
        _time.Advance(3 * Interval);
        Assert.Equal(0, _time.ArmedTimers);
        _waker.Wake([watch]);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(2, _first);
    }

    public void Dispose() => _waker.Dispose();

    private MarketWatch Watch(Action notified) => _board.Watch([FactorName.Parse("IDX.SP500")], notified);
}
