using NodaTime;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task Any_past_state_is_read_as_it_was_recorded()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var booked = await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1", 1)));
        Clock.Now += Duration.FromHours(1);
        var amended = await Ledger.ApplyAsync("B1", epoch, Make.Amendment("c2", "T1", 1, Make.Terms("B1", 2)));
        Clock.Now += Duration.FromHours(1);
        var moved = await Ledger.ApplyAsync("B1", epoch, Make.Amendment("c3", "T1", 2, Make.Terms("B2", 3)));
        Clock.Now += Duration.FromHours(1);
        var epoch2 = await Ledger.TakeEpochAsync("B2");
        await Ledger.ApplyAsync("B2", epoch2, Make.Cancellation("c4", "T1", 3));

        async Task<string> At(Instant time)
        {
            var (one, two) = (await Ledger.ReadBookAsync("B1", new AsOf(time, time)), await Ledger.ReadBookAsync("B2", new AsOf(time, time)));
            return $"{one.Sequence}:{string.Join(',', one.Trades.Select(t => t.Terms.Quantity))} "
                + $"{two.Sequence}:{string.Join(',', two.Trades.Select(t => t.Terms.Quantity))}";
        }

        Assert.Equal("0: 0:", await At(booked.RecordedAt - Duration.FromTicks(1)));
        Assert.Equal("1:1 0:", await At(booked.RecordedAt));
        Assert.Equal("1:1 0:", await At(amended.RecordedAt - Duration.FromTicks(1)));
        Assert.Equal("2:2 0:", await At(amended.RecordedAt));
        Assert.Equal("3: 1:3", await At(moved.RecordedAt));
        Assert.Equal("3: 2:", await At(Clock.Now));
    }

    [Fact]
    public async Task A_correction_for_an_earlier_time_counts_from_then_on_and_only_for_who_knows_it()
    {
        var (january, february, march, april) = (Day(1), Day(32), Day(60), Day(91));
        var epoch = await Ledger.TakeEpochAsync("B1");
        Clock.Now = january;
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1", 1)));
        Clock.Now = march;
        await Ledger.ApplyAsync("B1", epoch, Make.Amendment("c2", "T1", 1, Make.Terms("B1", 2)));
        Clock.Now = april;
        var corrected = await Ledger.ApplyAsync("B1", epoch, Make.Amendment("c3", "T1", 2, Make.Terms("B1", 3), validAt: february));

        async Task<double> Quantity(Instant recorded, Instant valid) =>
            Assert.Single((await Ledger.ReadBookAsync("B1", new AsOf(recorded, valid))).Trades).Terms.Quantity;

        Assert.Equal((february, april), (corrected.ValidAt, corrected.RecordedAt));
        Assert.Equal(1, await Quantity(march, february));
        Assert.Equal(2, await Quantity(march, march));
        Assert.Equal(1, await Quantity(april, january));
        Assert.Equal(3, await Quantity(april, february));
        Assert.Equal(3, await Quantity(april, march));

        static Instant Day(int number) => Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromDays(number - 1);
    }

    [Fact]
    public async Task A_booking_for_a_later_time_is_on_the_book_now_and_not_valid_before()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var later = Clock.Now + Duration.FromDays(30);
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"), validAt: later));

        Assert.Single((await Ledger.ReadBookAsync("B1")).Trades);
        Assert.Empty((await Ledger.ReadBookAsync("B1", new AsOf(Clock.Now, Clock.Now))).Trades);
        Assert.Single((await Ledger.ReadBookAsync("B1", new AsOf(Clock.Now, later))).Trades);
    }

    [Fact]
    public async Task What_was_read_as_of_a_time_that_had_come_stays_when_the_clock_is_set_back()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        var start = Clock.Now;
        await Ledger.ApplyAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")));
        Clock.Now = start + Duration.FromHours(1);
        var (come, ahead) = (Clock.Now, Clock.Now + Duration.FromHours(1));
        Assert.Equal(1, (await At(come)).Sequence);
        Assert.Equal(1, (await At(ahead)).Sequence);
        Clock.Now = start + Duration.FromMinutes(30);
        var next = await Ledger.ApplyAsync("B1", epoch, Make.Booking("c2", "T2", Make.Terms("B1"), validAt: start));
        Assert.Single((await At(come)).Trades);
        Assert.Equal((1, 2), ((await At(come)).Sequence, (await At(ahead)).Sequence));

        // No further than the time that had come: the clock alone says what comes next.
        Assert.InRange(next.RecordedAt, come + Duration.FromTicks(1), come + Duration.FromTicks(10));

        Task<BookState> At(Instant time) => Ledger.ReadBookAsync("B1", new AsOf(time, ahead));
    }

    [Fact]
    public async Task Reading_as_of_a_time_that_has_come_waits_for_what_took_an_earlier_one()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        using var stored = new ManualResetEventSlim();
        var stamped = new TaskCompletionSource<Instant>(TaskCreationOptions.RunContinuationsAsynchronously);
        var batch = Make.Batch("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))) with
        {
            EncodeReply = (command, outcome) =>
            {
                stamped.TrySetResult(outcome.Event!.RecordedAt);
                stored.Wait();
                return Make.Reply(command, outcome);
            },
        };
        var writing = Task.Run(() => Ledger.AppendAsync(batch, CancellationToken.None));
        var asOf = new AsOf(await stamped.Task + Duration.FromMilliseconds(1), Clock.Now + Duration.FromHours(1));
        Clock.Now = asOf.RecordedAt;
        var reading = Ledger.ReadBookAsync("B1", asOf);

        // Who reads without a time does not wait.
        for (var i = 0; i < 20; i++)
            Assert.Equal(0, (await Ledger.ReadBookAsync("B1")).Sequence);
        stored.Set();
        await writing;
        Assert.Equal((await Ledger.ReadBookAsync("B1", asOf)).Sequence, (await reading).Sequence);
    }
}
