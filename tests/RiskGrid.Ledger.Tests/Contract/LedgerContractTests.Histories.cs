using System.Collections.Concurrent;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests.Contract;

public abstract partial class LedgerContractTests<TStore>
{
    private const int Seed = 20260130;

    [Fact]
    public async Task Random_histories_match_the_model_now_and_as_of_any_time()
    {
        // Histories of their own books and trades, side by side in one ledger: commits are shared as in life.
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Store.Histories), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, _) =>
            {
                try
                {
                    await new RandomHistory(Ledger, Clock, Seed + number, $"h{number}").RunAsync();
                }
                catch (Exception failed)
                {
                    failures.Enqueue($"history with seed {Seed + number}: {failed}");
                }
            });

        Assert.True(failures.IsEmpty, failures.FirstOrDefault());
        Assert.Equal(0, await Store.RebuildAsync(Ledger));
    }

    [Fact]
    public async Task A_rebuild_from_the_events_gives_the_same_books_whatever_was_spoilt()
    {
        for (var number = 0; number < 20; number++)
            await new RandomHistory(Ledger, Clock, Seed - number, $"h{number}").RunAsync();
        var before = await EverythingAsync();
        Assert.Equal(0, await Store.RebuildAsync(Ledger));
        Assert.Equal(before, await EverythingAsync());

        await Store.SpoilDerivedTablesAsync();
        Assert.NotEqual(before, await EverythingAsync());
        Assert.True(await Store.RebuildAsync(Ledger) > 0, "a rebuild that mends says so");
        Assert.Equal(before, await EverythingAsync());
    }

    private async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var lines = new List<string>();
        foreach (var (book, sequence) in await Ledger.ReadPositionAsync(CancellationToken.None))
            lines.Add($"{book} {sequence}");
        for (var number = 0; number < 20; number++)
        {
            foreach (var book in RandomHistory.BookNames)
            {
                var state = await Ledger.ReadBookAsync($"h{number}-{book}");
                lines.Add($"{state.Book} {state.Sequence}: {string.Join("; ", state.Trades)}");
            }
        }

        return lines;
    }
}

/// <summary>A seeded stream of commands with every kind of fault, checked against the model step by step.</summary>
internal sealed class RandomHistory(ILedger ledger, ManualClock clock, int seed, string prefix)
{
    private readonly Random _random = new(seed);
    private readonly LedgerModel _model = new();
    private readonly Dictionary<NodeId, long> _epochs = [];
    private readonly List<LedgerCommand> _sent = [];
    private int _commands;

    public static IReadOnlyList<string> BookNames { get; } = ["B1", "B2", "B3"];

    private NodeId[] Books { get; } = [.. BookNames.Select(b => NodeId.Parse($"{prefix}-{b}"))];

    private TradeId[] Trades { get; } = [.. Enumerable.Range(1, 5).Select(i => TradeId.Parse($"{prefix}-T{i}"))];

    public async Task RunAsync()
    {
        for (var step = 0; step < 12; step++)
        {
            var book = Pick(Books);
            if (!_epochs.ContainsKey(book) || _random.Next(8) == 0)
                await TakeAsync(book);
            await AppendAsync(book);
        }

        await CompareAsync();
    }

    private async Task TakeAsync(NodeId book)
    {
        _epochs[book] = await ledger.TakeEpochAsync(book, CancellationToken.None);
        Assert.Equal(_model.TakeEpoch(book), _epochs[book]);
    }

    private async Task AppendAsync(NodeId book)
    {
        var epoch = _epochs[book] - (_random.Next(10) == 0 ? 1 : 0);
        var batch = new AppendBatch(book, epoch, "tester", [.. Enumerable.Range(0, _random.Next(1, 7)).Select(_ => Command(book))], Make.Reply);
        clock.Now += Duration.FromMilliseconds(_random.Next(3));
        if (epoch != _epochs[book])
        {
            await Assert.ThrowsAsync<EpochLostException>(() => ledger.AppendAsync(batch, CancellationToken.None));
            Assert.Null(_model.Append(batch, default));
            return;
        }

        var actual = await ledger.AppendAsync(batch, CancellationToken.None);
        var recordedAt = actual.Select(r => r.Outcome?.Event?.RecordedAt).FirstOrDefault(t => t is not null) ?? default;
        var expected = _model.Append(batch, recordedAt)!;
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Outcome?.Event, actual[i].Outcome?.Event);
            Assert.Equal(expected[i].Outcome?.Field, actual[i].Outcome?.Field);
            Assert.Equal(expected[i].Outcome is null, actual[i].Outcome is null);

            // A refusal's wording is the ledger's own; what it said once it says again.
            if (expected[i].Outcome is null && !expected[i].Reply.AsSpan().EndsWith(": refused"u8))
                Assert.Equal(expected[i].Reply, actual[i].Reply);
        }

        _sent.AddRange(batch.Commands);
    }

    private LedgerCommand Command(NodeId book)
    {
        if (_sent.Count > 0 && _random.Next(6) == 0)
        {
            var earlier = Pick(_sent);
            return _random.Next(4) == 0
                ? Make.With(new CancelCommand(earlier.Command.CommandId, earlier.Command.TradeId, 99))
                : earlier;
        }

        var id = CommandId.Parse($"{prefix}-c{_commands++}");
        var trade = Pick(Trades);
        var history = _model.Trade(trade);
        var version = history.Count + (_random.Next(6) == 0 ? 1 : 0);
        var target = _random.Next(4) == 0 ? Pick(Books) : book;
        var terms = Make.Terms(target.Value, _random.NextDouble() - 0.5, 1 + _random.Next(1000));
        Instant? validAt = _random.Next(3) == 0 ? clock.Now + Duration.FromMilliseconds(_random.Next(-40, 40)) : null;
        TradeCommand command = (history.Count == 0 ? _random.Next(2) : _random.Next(8)) switch
        {
            0 => new BookCommand(id, trade, terms),
            1 when history.Count == 0 => new BookCommand(id, trade, Make.Terms(book.Value, _random.NextDouble())),
            1 => new CancelCommand(id, trade, version),
            _ => new AmendCommand(id, trade, version, terms),
        };
        return Make.With(command, validAt);
    }

    private async Task CompareAsync()
    {
        var position = await ledger.ReadPositionAsync(CancellationToken.None);
        foreach (var trade in Trades)
            Assert.Equal(_model.Trade(trade), await ledger.ReadTradeAsync(trade, CancellationToken.None));
        foreach (var book in Books)
        {
            var now = await ledger.ReadBookAsync(book, null, CancellationToken.None);
            Assert.Equal(_model.Book(book, null), now.Trades);
            Assert.Equal(_model.Sequence(book), now.Sequence);
            Assert.Equal(now.Sequence, position.GetValueOrDefault(book));
            var after = _random.Next((int)now.Sequence + 1);
            Assert.Equal(_model.BookEvents(book, after), await ledger.ReadBookEventsAsync(book, after, CancellationToken.None));
            await CompareAtEverySequenceAsync(book, now.Sequence);
        }

        var times = _model.RecordingTimes.ToArray();
        for (var i = 0; i < 4 && times.Length > 0; i++)
        {
            var asOf = new AsOf(
                Pick(times) + Duration.FromTicks(_random.Next(-1, 2)), Pick(times) + Duration.FromMilliseconds(_random.Next(-40, 40)));
            var book = Pick(Books);
            var then = await ledger.ReadBookAsync(book, asOf, CancellationToken.None);
            Assert.Equal(_model.Book(book, asOf), then.Trades);
            Assert.Equal(_model.SequenceAsOf(book, asOf.RecordedAt), then.Sequence);
        }
    }

    private async Task CompareAtEverySequenceAsync(NodeId book, long newest)
    {
        for (var sequence = 0L; sequence <= newest; sequence++)
        {
            var then = await ledger.ReadBookAtAsync(book, sequence, CancellationToken.None);
            Assert.Equal((book, sequence), (then.Book, then.Sequence));
            Assert.Equal(_model.BookAt(book, sequence), then.Trades);
        }

        await Assert.ThrowsAsync<ValidationException>(() => ledger.ReadBookAtAsync(book, newest + 1, CancellationToken.None));
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
