using Google.Protobuf;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>The ledger against what the clients were told.</summary>
internal static class LedgerCheck
{
    /// <summary>Fails unless the ledger holds every command of the lanes exactly once, and nothing else.</summary>
    public static void Holds(LedgerFacts ledger, IReadOnlyList<CommandLane> lanes)
    {
        var commands = lanes.SelectMany(l => l.Commands).ToList();
        Assert.All(commands, c => Assert.NotNull(c.Result));
        Replies(ledger, commands);
        var applied = commands.Where(c => c.IsApplied).ToDictionary(c => c.Command.CommandId, StringComparer.Ordinal);
        Assert.True(applied.Count == ledger.Events.Count, $"{applied.Count:N0} commands were applied for their clients, the ledger has {ledger.Events.Count:N0} events");
        Chains(ledger, lanes);
        foreach (var row in ledger.Events)
        {
            var told = applied[row.Command].Result!;
            Assert.True(
                (told.Version, told.BookSequence) == (row.Version, row.Sequence),
                $"{row.Command} was answered version {told.Version}, sequence {told.BookSequence}, and is {row} in the ledger");
        }

        Sequences(ledger);
    }

    /// <summary>Fails unless the books' live trades are those of the lanes, with their terms.</summary>
    public static async Task SheetsAsync(ILedger ledger, IReadOnlyList<CommandLane> lanes, IReadOnlyList<string> books)
    {
        var live = lanes.SelectMany(l => l.Trades).Where(t => !t.IsCancelled).ToLookup(t => t.Terms.Book, StringComparer.Ordinal);
        foreach (var book in books)
        {
            var state = await ledger.ReadBookAsync(NodeId.Parse(book), null, CancellationToken.None);
            Assert.Equal(
                live[book].OrderBy(t => t.Id, StringComparer.Ordinal).Select(t => (t.Id, t.Version, t.Terms)),
                state.Trades.Select(t => (t.Id.Value, t.Version, TradeMapping.ToWire(t.Terms))));
        }
    }

    // What the client saw is what is stored, to the byte; a command id that was used again keeps its first reply.
    private static void Replies(LedgerFacts ledger, List<Planned> commands)
    {
        var expected = commands.Where(c => !c.ReusesId).ToList();
        Assert.Equal(expected.Count, expected.DistinctBy(c => c.Command.CommandId).Count());
        foreach (var command in expected)
        {
            Assert.True(ledger.Replies.TryGetValue(command.Command.CommandId, out var stored), $"{command.Command} was answered {command.Result} and is not in the ledger");
            Assert.True(
                stored.AsSpan().SequenceEqual(command.Result!.ToByteArray()),
                $"{command.Command} was answered {command.Result}; the ledger's reply is {TradeResult.Parser.ParseFrom(stored)}");
        }

        Assert.True(expected.Count == ledger.Replies.Count, $"{expected.Count:N0} commands were answered, the ledger has {ledger.Replies.Count:N0}");
    }

    private static void Chains(LedgerFacts ledger, IReadOnlyList<CommandLane> lanes)
    {
        var rows = ledger.Events.ToLookup(e => e.Trade, StringComparer.Ordinal);
        var trades = 0;
        var live = 0;
        foreach (var lane in lanes)
        {
            foreach (var trade in lane.Trades)
            {
                trades++;
                Assert.Equal(
                    trade.History.Select((h, i) => (i + 1L, h.Command.CommandId, EventFact.KindOf(h.Command), BookAfter(trade, i), h.From, lane.Name)),
                    rows[trade.Id].Select(e => (e.Version, e.Command, e.Kind, e.Book, e.FromBook, e.Author)));
                if (trade.IsCancelled)
                    continue;
                live++;
                Assert.True(
                    ledger.Live.TryGetValue((trade.Terms.Book, trade.Id), out var version) && version == trade.Version,
                    $"{trade.Id} is live at version {trade.Version} in {trade.Terms.Book}; the ledger's table of live trades has {version}");
            }
        }

        Assert.Equal(trades, rows.Count);
        Assert.Equal(live, ledger.Live.Count);
    }

    private static string BookAfter(KnownTrade trade, int version) => trade.History[version].Command switch
    {
        { Book: { } booked } => booked.Book,
        { Amend: { } amendment } => amendment.Terms.Book,
        _ => BookAfter(trade, version - 1),
    };

    // Each book's events are numbered 1 to n, and no writer wrote after a later one had taken the book.
    private static void Sequences(LedgerFacts ledger)
    {
        var touching = ledger.Events.Select(e => (e.Book, e.Sequence))
            .Concat(ledger.Events.Where(e => e.FromBook.Length > 0).Select(e => (Book: e.FromBook, Sequence: e.FromSequence)))
            .ToLookup(t => t.Book, t => t.Sequence, StringComparer.Ordinal);
        foreach (var book in touching)
        {
            var sequences = book.Order().ToList();
            Assert.Equal(Enumerable.Range(1, sequences.Count).Select(s => (long)s), sequences);
            Assert.Equal(sequences.Count, ledger.Books[book.Key].Sequence);
        }

        foreach (var book in ledger.Events.GroupBy(e => e.Writer, StringComparer.Ordinal))
        {
            var epoch = 0L;
            foreach (var row in book.OrderBy(e => e.WriterSequence))
            {
                Assert.True(row.Epoch >= epoch, $"{row} was written after epoch {epoch} of {book.Key} had begun");
                epoch = row.Epoch;
            }

            Assert.True(epoch <= ledger.Books[book.Key].Epoch, $"{book.Key} is at epoch {ledger.Books[book.Key].Epoch} and was written in {epoch}");
        }
    }
}
