using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using TradeCommand = RiskGrid.Model.TradeCommand;

namespace RiskGrid.Grains.Books;

/// <content>Commands: validate, one ledger transaction, apply, acknowledge.</content>
public sealed partial class BookGrain
{
    private const int MaxAuthorLength = 64;
    private const int PingsPerLedgerCheck = 10;

    private int _pingsSinceLedgerCheck;

    /// <inheritdoc/>
    public async Task<BookTradesResponse> BookTrades(BookTradesRequest request)
    {
        if (request.Author.Length > MaxAuthorLength || request.Author.Any(char.IsControl))
            throw GrainErrors.Invalid(new ValidationException("author", $"at most {MaxAuthorLength} characters and no control characters"));
        var results = new TradeResult[request.Commands.Count];
        var commands = new List<LedgerCommand>(results.Length);
        var places = new List<int>(results.Length);
        var asked = false;
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                var command = TradeMapping.FromWire(request.Commands[i]);
                if (!asked && NamesUnknownBook(command))
                {
                    // Added a moment ago, perhaps, and not heard of here.
                    asked = true;
                    await HierarchyChanged(await silo.Hierarchy.RefreshAsync());
                }

                CheckBooks(command);
                commands.Add(new LedgerCommand(command, RequestHash.Of(command)));
                places.Add(i);
            }
            catch (ValidationException e)
            {
                results[i] = Refused(request.Commands[i].CommandId, request.Commands[i].TradeId, e.Field, e.Reason);
            }
        }

        if (commands.Count > 0)
            await AppendAsync(commands, places, request.Author, results);
        return new BookTradesResponse { Results = { results } };
    }

    /// <inheritdoc/>
    public async Task CatchUp()
    {
        var events = await silo.Ledger.AskAsync(l => l.ReadBookEventsAsync(_book, _sequence, Context.Deactivated));
        foreach (var tradeEvent in events)
            Apply(tradeEvent);
        if (events.Count > 0)
            StartPass();
    }

    private static TradeResult Refused(string commandId, string tradeId, string field, string reason) => new()
    {
        CommandId = commandId,
        TradeId = tradeId,
        Outcome = TradeResult.Types.Outcome.Refused,
        Field = field,
        Reason = reason,
    };

    private static byte[] EncodeReply(TradeCommand command, AppendOutcome outcome)
    {
        var result = outcome.Event is { } tradeEvent
            ? new TradeResult
            {
                CommandId = command.CommandId.Value,
                TradeId = command.TradeId.Value,
                Outcome = TradeResult.Types.Outcome.Applied,
                Version = tradeEvent.Trade.Version,
                BookSequence = tradeEvent.BookSequence,
                RecordedAt = tradeEvent.RecordedAt.ToTimestamp(),
            }
            : Refused(command.CommandId.Value, command.TradeId.Value, outcome.Field!, outcome.Reason!);
        using var bytes = new MemoryStream(result.CalculateSize());
        Google.Protobuf.MessageExtensions.WriteTo(result, bytes);
        return bytes.ToArray();
    }

    private async Task AppendAsync(List<LedgerCommand> commands, List<int> places, string author, TradeResult[] results)
    {
        IReadOnlyList<AppendResult> appended;
        try
        {
            appended = await silo.Ledger.AppendAsync(new AppendBatch(_book, _epoch, author, commands, EncodeReply), Context.Deactivated);
        }
        catch (EpochLostException e)
        {
            silo.Log.EpochLost(_book.Value);
            throw new ActivationFencedException(e.Message, e);
        }
        catch (LedgerUnavailableException e)
        {
            throw GrainErrors.Retry($"the ledger cannot store now ({e.Message}); nothing was acknowledged, send the commands again with the same ids");
        }

        // What another book wrote meanwhile, or what was stored when its answer was lost, is read before anything is acknowledged.
        var behind = appended.Any(a => a.Outcome is null);
        var moves = new List<NodeId>();
        for (var i = 0; i < appended.Count; i++)
        {
            results[places[i]] = TradeResult.Parser.ParseFrom(appended[i].Reply);
            if (appended[i].Outcome?.Event is not { } tradeEvent)
                continue;
            if (SequenceHere(tradeEvent) > _sequence + 1)
                behind = true;
            else
                Apply(tradeEvent);
            if (tradeEvent.FromBook == _book)
                moves.Add(tradeEvent.Book);
        }

        if (behind)
            await CatchUp();
        StartPass();
        foreach (var book in moves.Distinct())
            await TellMoveAsync(book);
    }

    private async Task TellMoveAsync(NodeId book)
    {
        try
        {
            await Context.Grains.Get<IBookGrain>(book.Value).CatchUp();
        }
        catch (GridException e)
        {
            // The move is durable whatever the other book hears: it reads the ledger again with its desk's sign of life.
            silo.Log.PassFailed(book.Value, "telling it of a move", e);
        }
    }

    // An event that is in already changes nothing: a move can be heard of twice.
    private void Apply(TradeEvent tradeEvent)
    {
        var sequence = SequenceHere(tradeEvent);
        if (sequence <= _sequence)
            return;
        _sequence = sequence;
        if (tradeEvent.Book == _book && tradeEvent.Trade.Lifecycle == TradeLifecycle.Live)
            _trades[tradeEvent.Trade.Id] = tradeEvent.Trade;
        else
            _trades.Remove(tradeEvent.Trade.Id);
        _tradesChanged = true;
    }

    private long SequenceHere(TradeEvent tradeEvent) => tradeEvent.Book == _book ? tradeEvent.BookSequence : tradeEvent.FromBookSequence ?? 0;

    private bool NamesUnknownBook(TradeCommand command)
    {
        var nodes = _hierarchy.Hierarchy.Nodes;
        return !nodes.ContainsKey(_book) || (command is AmendCommand amend && !nodes.ContainsKey(amend.Terms.Book));
    }

    private void CheckBooks(TradeCommand command)
    {
        RequireBook(_book);
        switch (command)
        {
            case BookCommand book when book.Terms.Book != _book:
                throw new ValidationException("book", $"the command names book {book.Terms.Book} and was sent to {_book}");
            case AmendCommand amend when amend.Terms.Book != _book:
                RequireBook(amend.Terms.Book);
                break;
        }
    }

    private void RequireBook(NodeId id)
    {
        if (!_hierarchy.Hierarchy.Nodes.TryGetValue(id, out var node))
            throw new ValidationException("book", $"there is no book '{id}'; add it to the hierarchy first");
        if (node.Kind != NodeKind.Book)
            throw new ValidationException("book", $"'{id}' is a desk; trades are held by books");
    }
}
