using System.Collections.Concurrent;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Acceptance;

/// <summary>One client's endless, seeded stream of bookings, amendments, moves and cancellations, each sent until it is answered.</summary>
internal sealed class BookingStream(RiskGridClient client, string[] books, string prefix, int seed)
{
    private const int MostInBatch = 8;
    private static readonly BookingOptions Options = new()
    {
        Author = "acceptance",
        Timeout = TimeSpan.FromMinutes(3),
        RequestTimeout = TimeSpan.FromSeconds(10),
    };

    private readonly Random _random = new(seed);
    private readonly List<(string Trade, long Version, TradeTerms Terms)> _live = [];
    private readonly ConcurrentQueue<(TradeCommand Command, TradeResult Result)> _acknowledged = new();
    private volatile bool _stopped;
    private int _commands;
    private int _trades;

    /// <summary>What was sent and answered, in order.</summary>
    public IEnumerable<(TradeCommand Command, TradeResult Result)> Acknowledged => _acknowledged;

    public int AcknowledgedCount => _acknowledged.Count;

    /// <summary>Ends the stream after the batch that is under way.</summary>
    public void Stop() => _stopped = true;

    public async Task RunAsync()
    {
        while (!_stopped)
        {
            var batch = NextBatch();
            var results = await client.BookTradesAsync(batch, Options);
            for (var i = 0; i < batch.Count; i++)
            {
                Assert.True(
                    results[i].Outcome == Outcome.Applied,
                    $"{batch[i].CommandId} is a sound command and was answered {results[i].Outcome}: {results[i].Field}: {results[i].Reason}");
                _acknowledged.Enqueue((batch[i], results[i]));
            }
        }
    }

    private List<TradeCommand> NextBatch()
    {
        var batch = new List<TradeCommand>();
        var size = _random.Next(1, MostInBatch + 1);
        var touched = new HashSet<string>(StringComparer.Ordinal);
        while (batch.Count < size)
        {
            var at = _live.Count == 0 ? -1 : _random.Next(_live.Count);
            var what = _random.NextDouble();
            if (what < 0.6 || at < 0 || !touched.Add(_live[at].Trade))
                batch.Add(Book(touched));
            else if (what < 0.9)
                batch.Add(Amend(at));
            else
                batch.Add(Cancel(at));
        }

        return batch;
    }

    private string NextCommand() => $"{prefix}-c{_commands++:000000}";

    private string AnyBook() => books[_random.Next(books.Length)];

    private TradeCommand Book(HashSet<string> touched)
    {
        var trade = $"{prefix}-t{_trades++:000000}";
        touched.Add(trade);
        var terms = Processes.SmallMarket.Terms(
            AnyBook(), _random.Next(-50, 51), Processes.SmallMarket.Strikes[_random.Next(3)], _random.Next(2) == 0 ? OptionType.Call : OptionType.Put);
        _live.Add((trade, 1, terms));
        return new TradeCommand { CommandId = NextCommand(), TradeId = trade, Book = terms };
    }

    // One in three moves to another book, or stays by chance.
    private TradeCommand Amend(int at)
    {
        var (trade, version, terms) = _live[at];
        var next = terms.Clone();
        next.Quantity = _random.Next(-50, 51);
        if (_random.Next(3) == 0)
            next.Book = AnyBook();
        _live[at] = (trade, version + 1, next);
        return new TradeCommand { CommandId = NextCommand(), TradeId = trade, Amend = new Amendment { ExpectedVersion = version, Terms = next } };
    }

    private TradeCommand Cancel(int at)
    {
        var (trade, version, _) = _live[at];
        _live.RemoveAt(at);
        return new TradeCommand { CommandId = NextCommand(), TradeId = trade, Cancel = new Cancellation { ExpectedVersion = version } };
    }
}

/// <summary>What the ledger must hold after these commands, each applied once.</summary>
internal sealed class BookingModel
{
    private readonly Dictionary<string, long> _sequences = new(StringComparer.Ordinal);

    public BookingModel(IEnumerable<(TradeCommand Command, TradeResult Result)> acknowledged)
    {
        foreach (var trade in acknowledged.GroupBy(a => a.Command.TradeId, StringComparer.Ordinal))
        {
            var commands = trade.OrderBy(a => a.Result.Version).ToList();
            Commands.Add(trade.Key, commands);
            TradeTerms? terms = null;
            for (var i = 0; i < commands.Count; i++)
            {
                var (command, result) = commands[i];
                Assert.True(result.Version == i + 1, $"{command.CommandId} made version {result.Version} of {trade.Key}, not {i + 1}");
                var next = command.ActionCase switch
                {
                    TradeCommand.ActionOneofCase.Book => command.Book,
                    TradeCommand.ActionOneofCase.Amend => command.Amend.Terms,
                    _ => null,
                };
                Count(terms?.Book);
                if (next is not null && next.Book != terms?.Book)
                    Count(next.Book);
                terms = next;
            }

            if (terms is not null)
                Live.Add(new LiveTrade(trade.Key, commands.Count, terms.Book, terms.Quantity, (Option(terms).Strike, Option(terms).Type)));
        }
    }

    /// <summary>The commands of each trade in version order.</summary>
    public Dictionary<string, List<(TradeCommand Command, TradeResult Result)>> Commands { get; } = new(StringComparer.Ordinal);

    /// <summary>The trades that are not cancelled.</summary>
    public List<LiveTrade> Live { get; } = [];

    /// <summary>How many events touched the book.</summary>
    public long SequenceOf(string book) => _sequences.GetValueOrDefault(book);

    private static EuropeanOption Option(TradeTerms terms) => terms.Instrument.EuropeanOption;

    private void Count(string? book)
    {
        if (book is not null)
            _sequences[book] = SequenceOf(book) + 1;
    }
}

/// <summary>A trade as it should stand.</summary>
internal sealed record LiveTrade(string Id, long Version, string Book, double Quantity, (double Strike, OptionType Type) Contract);
