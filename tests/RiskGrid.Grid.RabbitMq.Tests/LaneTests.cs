namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>When the way to a partition changes, nothing may overtake what was sent before it.</summary>
public sealed class LaneTests
{
    private static readonly Route A = new(new Peer("a", "inbox.a"), 1);
    private static readonly Route B = new(new Peer("b", "inbox.b"), 1);
    private readonly OwnerSlot _slot = new();
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly Lane _lane;
    private int _sent;

    public LaneTests() =>
        _lane = new Lane("queue", MessageType.Calls, _slot, "scripted", 0, new RabbitMqOptions { Address = new Uri("amqp://127.0.0.1/") });

    [Fact]
    public void Calls_go_straight_when_all_that_went_through_the_queue_is_answered()
    {
        var call = Send();
        _slot.Owner = A;
        Wait();
        Assert.True(_lane.NeedsBarrier(_clock));
        _lane.Answer(call, replied: true, _clock);
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Same(A, _lane.Way);
    }

    [Fact]
    public void An_answered_barrier_opens_the_straight_way()
    {
        Send(isOneWay: true);
        HearOf(A);
        Assert.Same(A, _lane.Way);
        Assert.False(_lane.IsHeld);
    }

    [Fact]
    public void A_barrier_that_a_former_owner_may_have_answered_opens_no_way_to_the_next()
    {
        Send(isOneWay: true);
        _slot.Owner = A;
        Wait();
        var barrier = Ask();
        _slot.Owner = B;
        _lane.Answer(barrier, replied: true, _clock);
        Assert.Null(_lane.Way);
        Assert.True(_lane.NeedsBarrier(_clock));
    }

    [Fact]
    public void A_barrier_that_the_broker_refuses_leaves_calls_on_their_way_through_the_queue()
    {
        Send(isOneWay: true);
        _slot.Owner = A;
        Wait();
        var barrier = Ask();
        _lane.Answer(barrier, replied: false, _clock);
        Assert.Null(_lane.Way);
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Null(_lane.Way);
        Assert.True(_lane.CanSend);
    }

    [Fact]
    public void A_call_that_nobody_waits_for_any_longer_may_still_be_in_the_queue()
    {
        _lane.Answer(Send(), replied: false, _clock);
        _slot.Owner = A;
        Wait();
        Assert.True(_lane.NeedsBarrier(_clock));
        Assert.Null(_lane.Way);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_one_way_call_may_still_be_in_the_queue_whatever_is_heard_of_a_later_call(bool replied)
    {
        Send(isOneWay: true);
        _lane.Answer(Send(), replied, _clock);
        _slot.Owner = A;
        Wait();
        Assert.True(_lane.NeedsBarrier(_clock));
        Assert.Null(_lane.Way);
    }

    /// <summary>The first owner has it, but has not begun it: it goes back to the queue, and from there to the second.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_owner_is_asked_first_while_a_call_through_the_queue_is_open(bool isOneWay)
    {
        Send(isOneWay);
        HearOf(A);
        _slot.Owner = B;
        Wait();
        Assert.True(_lane.NeedsBarrier(_clock));
        Assert.Null(_lane.Way);
    }

    [Fact]
    public void Calls_go_straight_to_another_owner_when_nothing_is_open()
    {
        _slot.Owner = A;
        Wait();
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Same(A, _lane.Way);
        var call = Take();
        _slot.Owner = B;
        Wait();
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Same(A, _lane.Way);
        _lane.Answer(call, replied: true, _clock);
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Same(B, _lane.Way);
    }

    [Fact]
    public void What_comes_back_twice_is_still_sent_before_what_came_back_with_it_the_first_time()
    {
        _slot.Owner = A;
        Wait();
        Assert.False(_lane.NeedsBarrier(_clock));
        var first = Take();
        var second = Send();
        SendBack(first, second);
        _slot.Owner = B;
        Assert.False(_lane.NeedsBarrier(_clock));
        Assert.Same(first, Take());
        SendBack(first);
        Assert.Same(first, Take());
        Assert.Same(second, Take());
    }

    private void SendBack(params Parcel[] parcels)
    {
        foreach (var parcel in parcels)
            _lane.Return(parcel);
        _lane.Recall();
    }

    private void Wait(bool isOneWay = false) => _lane.Add(new Letter($"{_sent++}", isOneWay) { Lane = _lane });

    private Parcel Send(bool isOneWay = false)
    {
        Wait(isOneWay);
        return Take();
    }

    private Parcel Take()
    {
        var batch = new List<Parcel>();
        _lane.Take(batch, 1, int.MaxValue, []);
        return Assert.Single(batch);
    }

    private Barrier Ask()
    {
        Assert.True(_lane.NeedsBarrier(_clock));
        var barrier = new Barrier("barrier");
        _lane.Hold(barrier, _clock);
        return barrier;
    }

    // And sends something there, so that nothing waits.
    private void HearOf(Route owner)
    {
        _slot.Owner = owner;
        Wait();
        _lane.Answer(Ask(), replied: true, _clock);
        _lane.Answer(Take(), replied: true, _clock);
    }

    private sealed class Letter(string id, bool isOneWay) : Parcel(id, 1)
    {
        public override bool IsOneWay => isOneWay;

        public override bool IsSettled => false;

        public override void Settle(Protocol.Grid.Reply reply)
        {
        }

        public override void Fail(GridException error)
        {
        }

        public override GridException NotHosted() => throw new NotSupportedException();
    }
}
