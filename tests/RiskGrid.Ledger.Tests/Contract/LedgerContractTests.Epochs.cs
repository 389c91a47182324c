namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    [Fact]
    public async Task A_book_that_was_taken_over_refuses_the_writer_before()
    {
        var old = await Ledger.TakeEpochAsync("B1");
        await Ledger.ApplyAsync("B1", old, Make.Booking("c1", "T1", Make.Terms("B1")));
        var current = await Ledger.TakeEpochAsync("B1");
        var lost = await Assert.ThrowsAsync<EpochLostException>(
            () => Ledger.AppendOneAsync("B1", old, Make.Booking("c2", "T2", Make.Terms("B1"))));

        Assert.Equal((old, current), (lost.Held, lost.Current));
        Assert.True(current > old, "a later epoch is higher");
        Assert.Empty(await Ledger.ReadTradeAsync("T2"));
        await Ledger.ApplyAsync("B1", current, Make.Booking("c2", "T2", Make.Terms("B1")));
    }

    [Fact]
    public async Task Nobody_writes_to_a_book_that_was_never_taken()
    {
        foreach (var epoch in new[] { 0L, 1L })
        {
            await Assert.ThrowsAsync<EpochLostException>(
                () => Ledger.AppendOneAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))));
        }

        // Nor to one that only received a trade by a move.
        var epoch1 = await Ledger.TakeEpochAsync("B1");
        await Ledger.ApplyAsync("B1", epoch1, Make.Booking("c1", "T1", Make.Terms("B1")));
        await Ledger.ApplyAsync("B1", epoch1, Make.Amendment("c2", "T1", 1, Make.Terms("B2")));
        await Assert.ThrowsAsync<EpochLostException>(() => Ledger.AppendOneAsync("B2", 0, Make.Cancellation("c3", "T1", 2)));
    }

    [Fact]
    public async Task Epochs_survive_reopening()
    {
        var before = await Ledger.TakeEpochAsync("B1");
        await ReopenAsync();
        Assert.Equal(before + 1, await Ledger.TakeEpochAsync("B1"));
    }

    [Fact]
    public async Task Of_many_concurrent_writers_of_one_command_exactly_one_applies_it()
    {
        var epoch = await Ledger.TakeEpochAsync("B1");
        for (var round = 0; round < 20; round++)
        {
            var command = Make.Booking($"c{round}", $"T{round}", Make.Terms("B1"));
            var results = await Task.WhenAll(
                Enumerable.Range(0, 16).Select(_ => Task.Run(() => Ledger.AppendOneAsync("B1", epoch, command))));

            Assert.Single(results, r => r.Outcome?.Event is not null);
            Assert.All(results, r => Assert.Equal(results[0].Reply, r.Reply));
        }

        Assert.Equal(20, (await Ledger.ReadBookAsync("B1")).Sequence);
    }

    [Fact]
    public async Task Rival_activations_never_apply_an_increment_twice_or_lose_one()
    {
        // Each rival takes the book, reads the trade, adds one to its quantity, and goes on until it is fenced off: 5 × 12 increments.
        const int Rivals = 5;
        const int Increments = 12;
        var first = await Ledger.TakeEpochAsync("B1");
        await Ledger.ApplyAsync("B1", first, Make.Booking("c", "T1", Make.Terms("B1", 0)));

        async Task IncrementAsync(int rival)
        {
            var done = 0;
            while (done < Increments)
            {
                var epoch = await Ledger.TakeEpochAsync("B1");
                try
                {
                    while (done < Increments)
                    {
                        // The id names the increment and the version, so that a refused attempt is not asked again.
                        var trade = Assert.Single((await Ledger.ReadBookAsync("B1")).Trades);
                        var command = Make.Amendment($"c-{rival}-{done}-{trade.Version}", "T1", trade.Version, Make.Terms("B1", trade.Terms.Quantity + 1));
                        if ((await Ledger.AppendOneAsync("B1", epoch, command)).Outcome?.Event is not null)
                            done++;
                    }
                }
                catch (EpochLostException)
                {
                    // Taken over: forget what is held and begin again.
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Rivals).Select(rival => Task.Run(() => IncrementAsync(rival))));

        var state = await Ledger.ReadBookAsync("B1");
        var final = Assert.Single(state.Trades);
        Assert.Equal((Rivals * Increments, (Rivals * Increments) + 1L), ((int)final.Terms.Quantity, final.Version));
        Assert.Equal((Rivals * Increments) + 1, state.Sequence);
    }

    [Fact]
    public async Task One_batch_of_a_commit_that_fails_does_not_fail_the_others()
    {
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var book in new[] { "B0", "B1", "B2", "B3" })
            epochs[book] = await Ledger.TakeEpochAsync(book);

        // While the first batch holds its book, and where the store has one writer also that, the others gather behind it.
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        // On a thread of its own: a store whose answers are there at once goes on with the batch in the caller's.
        var holding = Task.Run(() => Ledger.AppendAsync(
            Make.Batch("B0", epochs["B0"], Make.Booking("c0", "T0", Make.Terms("B0"))) with
            {
                EncodeReply = (command, outcome) =>
                {
                    begun.Set();
                    goOn.Wait();
                    return Make.Reply(command, outcome);
                },
            },
            CancellationToken.None));
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30)), "the writer has not begun with the first batch");

        var good = Ledger.AppendOneAsync("B1", epochs["B1"], Make.Booking("c1", "T1", Make.Terms("B1")));
        var fencedOff = Ledger.AppendOneAsync("B2", epochs["B2"] - 1, Make.Booking("c2", "T2", Make.Terms("B2")));
        var defective = Ledger.AppendAsync(
            Make.Batch("B3", epochs["B3"], Make.Booking("c3a", "T3a", Make.Terms("B3")), Make.Booking("c3b", "T3b", Make.Terms("B3"))) with
            {
                EncodeReply = (command, outcome) => command.CommandId.Value == "c3b" ? throw new InvalidTimeZoneException("defect") : [1],
            },
            CancellationToken.None);
        using var changeOfMind = new CancellationTokenSource();
        var takenBack = Ledger.AppendAsync(
            Make.Batch("B0", epochs["B0"], Make.Booking("c4", "T4", Make.Terms("B0"))), changeOfMind.Token);
        var alsoGood = Ledger.AppendOneAsync("B1", epochs["B1"], Make.Booking("c5", "T5", Make.Terms("B1")));
        await changeOfMind.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => takenBack);
        goOn.Set();

        await holding;
        Assert.NotNull((await good).Outcome?.Event);
        Assert.NotNull((await alsoGood).Outcome?.Event);
        await Assert.ThrowsAsync<EpochLostException>(() => fencedOff);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => defective);
        Assert.Equal(2, (await Ledger.ReadBookAsync("B1")).Sequence);
        Assert.All(new[] { "T2", "T3a", "T3b", "T4" }, trade => Assert.Empty(Ledger.ReadTradeAsync(trade).Result));

        // None of the failed ones left a trace: the same commands apply now.
        await Ledger.ApplyAsync("B2", epochs["B2"], Make.Booking("c2", "T2", Make.Terms("B2")));
        await Ledger.ApplyAsync("B3", epochs["B3"], Make.Booking("c3a", "T3a", Make.Terms("B3")));
        await Ledger.ApplyAsync("B0", epochs["B0"], Make.Booking("c4", "T4", Make.Terms("B0")));
    }
}
