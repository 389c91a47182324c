using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests;

/// <summary>What a ledger should do, in the fewest lines and the slowest way: one list of events, searched from its end.</summary>
internal sealed class LedgerModel
{
    private readonly List<TradeEvent> _events = [];
    private readonly Dictionary<NodeId, long> _epochs = [];
    private readonly Dictionary<NodeId, long> _sequences = [];
    private readonly Dictionary<CommandId, (byte[] Hash, byte[] Reply)> _replies = [];

    public long TakeEpoch(NodeId book) => _epochs[book] = _epochs.GetValueOrDefault(book) + 1;

    public long Sequence(NodeId book) => _sequences.GetValueOrDefault(book);

    public IEnumerable<Instant> RecordingTimes => _events.Select(e => e.RecordedAt);

    /// <summary>The expected results; null when the epoch is not the book's.</summary>
    /// <param name="batch">What is appended.</param>
    /// <param name="recordedAt">The store's clock, which the model can't know.</param>
    public List<AppendResult>? Append(AppendBatch batch, Instant recordedAt) =>
        _epochs.GetValueOrDefault(batch.Book) != batch.Epoch ? null : [.. batch.Commands.Select(c => Append(batch, c, recordedAt))];

    public IReadOnlyList<Trade> Book(NodeId book, AsOf? asOf) =>
        [.. _events
            .Where(e => asOf is not { } point || (e.RecordedAt <= point.RecordedAt && e.ValidAt <= point.ValidAt))
            .GroupBy(e => e.Trade.Id)
            .Select(g => g.MaxBy(e => e.Trade.Version)!)
            .Where(e => e.Book == book && e.Kind != TradeEventKind.Cancelled)
            .Select(e => e.Trade)
            .OrderBy(t => t.Id)];

    /// <summary>The events that touched the book, played up to the sequence.</summary>
    public IReadOnlyList<Trade> BookAt(NodeId book, long sequence)
    {
        var held = new SortedDictionary<TradeId, Trade>();
        foreach (var played in BookEvents(book, 0).Take((int)sequence))
        {
            held.Remove(played.Trade.Id);
            if (played.Book == book && played.Kind != TradeEventKind.Cancelled)
                held.Add(played.Trade.Id, played.Trade);
        }

        return [.. held.Values];
    }

    public long SequenceAsOf(NodeId book, Instant recordedAt) =>
        _events.Where(e => e.RecordedAt <= recordedAt)
            .SelectMany(e => new[] { e.Book == book ? e.BookSequence : 0, e.FromBook == book ? e.FromBookSequence!.Value : 0 })
            .DefaultIfEmpty(0).Max();

    public IReadOnlyList<TradeEvent> BookEvents(NodeId book, long after) =>
        [.. _events
            .Where(e => e.Book == book || e.FromBook == book)
            .OrderBy(e => e.Book == book ? e.BookSequence : e.FromBookSequence)
            .Where(e => (e.Book == book ? e.BookSequence : e.FromBookSequence) > after)];

    public IReadOnlyList<TradeEvent> Trade(TradeId trade) => [.. _events.Where(e => e.Trade.Id == trade)];

    private AppendResult Append(AppendBatch batch, LedgerCommand ledgerCommand, Instant recordedAt)
    {
        var command = ledgerCommand.Command;
        if (_replies.TryGetValue(command.CommandId, out var stored))
        {
            if (stored.Hash.AsSpan().SequenceEqual(ledgerCommand.RequestHash))
                return new AppendResult(stored.Reply, null);
            return new AppendResult([], new AppendOutcome(null, "command_id", "reused"));
        }

        var last = _events.FindLast(e => e.Trade.Id == command.TradeId);
        var field = Refusal(command, batch.Book, last);
        var outcome = field is null
            ? new AppendOutcome(Add(batch, ledgerCommand, last, recordedAt), null, null)
            : new AppendOutcome(null, field, "refused");
        var reply = batch.EncodeReply(command, outcome);
        _replies[command.CommandId] = (ledgerCommand.RequestHash, reply);
        return new AppendResult(reply, outcome);
    }

    private static string? Refusal(TradeCommand command, NodeId book, TradeEvent? last)
    {
        if (command is BookCommand booking)
            return last is not null ? "trade_id" : booking.Terms.Book != book ? "book" : null;
        var expected = command is AmendCommand amendment ? amendment.ExpectedVersion : ((CancelCommand)command).ExpectedVersion;
        if (last is null || last.Kind == TradeEventKind.Cancelled)
            return "trade_id";
        return last.Trade.Version != expected ? "expected_version" : last.Book != book ? "book" : null;
    }

    private TradeEvent Add(AppendBatch batch, LedgerCommand command, TradeEvent? last, Instant recordedAt)
    {
        var (kind, terms) = command.Command switch
        {
            BookCommand booking => (TradeEventKind.Booked, booking.Terms),
            AmendCommand amendment => (TradeEventKind.Amended, amendment.Terms),
            _ => (TradeEventKind.Cancelled, last!.Trade.Terms),
        };
        var trade = new Trade(
            command.Command.TradeId, (last?.Trade.Version ?? 0) + 1, terms,
            kind == TradeEventKind.Cancelled ? TradeLifecycle.Cancelled : TradeLifecycle.Live);
        var moves = terms.Book != batch.Book;
        var added = new TradeEvent(
            kind, trade, terms.Book, Next(terms.Book), moves ? batch.Book : null, moves ? Next(batch.Book) : null, batch.Epoch,
            command.Command.CommandId, command.ValidAt ?? recordedAt, recordedAt, batch.Author);
        _events.Add(added);
        return added;
    }

    private long Next(NodeId book) => _sequences[book] = _sequences.GetValueOrDefault(book) + 1;
}
