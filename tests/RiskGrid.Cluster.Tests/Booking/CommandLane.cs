using RiskGrid.Acceptance.Processes;
using RiskGrid.Protocol.V1;
using ActionCase = RiskGrid.Protocol.V1.TradeCommand.ActionOneofCase;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>One seeded sequence of commands over trades that nobody else touches, so that what becomes of each is known beforehand.</summary>
/// <param name="name">Begins all its ids.</param>
/// <param name="home">The book of its new trades.</param>
/// <param name="books">The books that trades are moved to; none for a lane that only books new trades.</param>
/// <param name="seed">Of its choices.</param>
/// <param name="count">How many commands.</param>
internal sealed class CommandLane(string name, string home, string[] books, int seed, int count)
{
    private const int MostInBatch = 32;
    private const double BookingShare = 0.4;
    private const double AmendShare = 0.85;
    private const double MoveShare = 0.2;
    private const double RefusalShare = 0.03;

    private readonly Random _random = new(seed);
    private readonly List<KnownTrade> _live = [];
    private readonly List<KnownTrade> _cancelled = [];
    private int _commands;
    private int _trades;

    public string Name => name;

    public string Home => home;

    /// <summary>True when every command books a new trade into <see cref="Home"/>.</summary>
    public bool OnlyBooks => books.Length == 0;

    /// <summary>Everything that was made, in order.</summary>
    public List<Planned> Commands { get; } = [];

    /// <summary>Every trade that the lane booked.</summary>
    public IEnumerable<KnownTrade> Trades => _live.Concat(_cancelled);

    /// <summary>There is nothing left to send.</summary>
    public bool IsDone => Commands.Count >= count;

    /// <summary>The next commands, each of another trade; empty at the end.</summary>
    public List<Planned> NextBatch()
    {
        var batch = new List<Planned>();
        var size = Math.Min(_random.Next(1, MostInBatch + 1), count - Commands.Count);
        var touched = new HashSet<string>(StringComparer.Ordinal);
        while (batch.Count < size)
        {
            var next = OnlyBooks ? Book() : Next();
            if (!touched.Add(next.Command.TradeId))
                continue;
            Note(next);
            batch.Add(next);
        }

        Commands.AddRange(batch);
        return batch;
    }

    private Planned Next()
    {
        if (_live.Count == 0)
            return Book();
        var what = _random.NextDouble();
        if (_random.NextDouble() < RefusalShare)
            return Refused();
        var trade = _live[_random.Next(_live.Count)];
        return what < BookingShare ? Book() : what < AmendShare ? Amend(trade) : Cancel(trade);
    }

    private Planned Book()
    {
        var terms = SmallMarket.Terms(home, _random.Next(-50, 51), AnyStrike(), _random.Next(2) == 0 ? OptionType.Call : OptionType.Put);
        return new Planned(new TradeCommand { CommandId = NextCommand(), TradeId = $"{name}-t{_trades++:00000}", Book = terms }, 1);
    }

    private Planned Amend(KnownTrade trade)
    {
        var terms = Changed(trade.Terms);
        if (_random.NextDouble() < MoveShare)
            terms.Book = books[_random.Next(books.Length)];
        return new Planned(
            Amendment(trade.Id, trade.Version, terms), trade.Version + 1, From: terms.Book == trade.Terms.Book ? "" : trade.Terms.Book);
    }

    private Planned Cancel(KnownTrade trade) => new(
        new TradeCommand { CommandId = NextCommand(), TradeId = trade.Id, Cancel = new Cancellation { ExpectedVersion = trade.Version } }, trade.Version + 1);

    // What a careless client sends: each is refused, whatever happens to the silos, and changes nothing.
    private Planned Refused()
    {
        var trade = _live[_random.Next(_live.Count)];
        switch (_random.Next(_cancelled.Count == 0 ? 3 : 4))
        {
            case 0:
                return new Planned(new TradeCommand { CommandId = NextCommand(), TradeId = trade.Id, Book = trade.Terms }, 0, "trade_id");
            case 1:
                return new Planned(Amendment(trade.Id, trade.Version + _random.Next(1, 4), Changed(trade.Terms)), 0, "expected_version");
            case 2:
                var used = trade.History[_random.Next(trade.History.Count)].Command;
                return new Planned(
                    new TradeCommand { CommandId = used.CommandId, TradeId = trade.Id, Cancel = new Cancellation { ExpectedVersion = trade.Version + 1_000 } }, 0, "command_id");
            default:
                var gone = _cancelled[_random.Next(_cancelled.Count)];
                return new Planned(Amendment(gone.Id, gone.Version, Changed(gone.Terms)), 0, "trade_id");
        }
    }

    // What the ledger must hold once the command is answered.
    private void Note(Planned next)
    {
        if (!next.IsApplied)
            return;
        var id = next.Command.TradeId;
        var at = next.Version == 1 ? -1 : _live.FindIndex(t => t.Id == id);
        var terms = next.Command.ActionCase switch
        {
            ActionCase.Book => next.Command.Book,
            ActionCase.Amend => next.Command.Amend.Terms,
            _ => _live[at].Terms,
        };
        var trade = new KnownTrade(id, next.Version, terms);
        if (at >= 0)
            trade.History.AddRange(_live[at].History);
        trade.History.Add(next);
        if (trade.IsCancelled)
        {
            _live.RemoveAt(at);
            _cancelled.Add(trade);
        }
        else if (at < 0)
        {
            _live.Add(trade);
        }
        else
        {
            _live[at] = trade;
        }
    }

    private TradeCommand Amendment(string trade, long version, TradeTerms terms) =>
        new() { CommandId = NextCommand(), TradeId = trade, Amend = new Amendment { ExpectedVersion = version, Terms = terms } };

    private TradeTerms Changed(TradeTerms terms)
    {
        var changed = terms.Clone();
        changed.Quantity = _random.Next(-50, 51);
        changed.Instrument.EuropeanOption.Strike = AnyStrike();
        return changed;
    }

    private double AnyStrike() => SmallMarket.Strikes[_random.Next(SmallMarket.Strikes.Length)];

    private string NextCommand() => $"{name}-c{_commands++:00000}";
}
