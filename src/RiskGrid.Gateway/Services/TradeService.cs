using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains;
using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using TradeCommand = RiskGrid.Protocol.V1.TradeCommand;

namespace RiskGrid.Gateway.Services;

/// <summary>Booking and asking about single trades: sends each command to the book that owns its trade.</summary>
public sealed class TradeService(IGrains grains, SiloViews views, TimeProvider time)
{
    private const int LocatedAtATime = 256;

    private readonly NewestTree _newest = new(views.Hierarchy);

    /// <summary>How many commands one request may carry.</summary>
    public const int MaxCommands = 10_000;

    /// <summary>The service with its handlers.</summary>
    public RpcService Bind() => new RpcService(TradesReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("TradeService"))
        .Unary<BookTradesRequest, BookTradesResponse>("BookTrades", (request, context, token) => BookTradesAsync(request, grains.Briefly(context, time), token))
        .Unary<PriceTradeRequest, PriceTradeResponse>("PriceTrade", (request, context, token) => PriceTradeAsync(request, grains.Briefly(context, time), token));

    private async Task<BookTradesResponse> BookTradesAsync(BookTradesRequest request, IGrains asked, CancellationToken cancellationToken)
    {
        if (request.Commands.Count > MaxCommands)
            throw RpcException.InvalidField("commands", $"at most {MaxCommands:N0} commands a request, {request.Commands.Count:N0} were sent; split them");
        var results = new TradeResult[request.Commands.Count];
        var byBook = new Dictionary<string, List<int>>(StringComparer.Ordinal);

        // Where earlier commands of the same request leave a trade, an amendment may follow its booking; empty after a move, because books work
        // side by side.
        var earlier = new Dictionary<string, string>(StringComparer.Ordinal);
        var hierarchy = (await views.Hierarchy.CurrentAsync().WaitAsync(cancellationToken)).Hierarchy;
        Task<HierarchyVersion>? newest = null;
        var located = await LocateAsync(request.Commands, asked, cancellationToken);
        for (var i = 0; i < results.Length; i++)
        {
            try
            {
                var command = request.Commands[i];
                if (!earlier.TryGetValue(command.TradeId, out var book) || command.ActionCase == TradeCommand.ActionOneofCase.Book)
                {
                    if (NamesUnknownBook(command, hierarchy))
                    {
                        // Added through another gateway a moment ago, perhaps, and not heard of here: asked once for all of the request.
                        newest ??= _newest.ReadAsync(cancellationToken);
                        hierarchy = (await newest).Hierarchy;
                    }

                    book = await BookOfAsync(command, hierarchy, asked, located);
                }

                if (book.Length == 0)
                {
                    results[i] = Result(command, TradeResult.Types.Outcome.Retry, string.Empty, "an earlier command of this request moves the trade; send this one after it");
                    continue;
                }

                var moves = command.ActionCase == TradeCommand.ActionOneofCase.Amend && command.Amend.Terms?.Book != book;
                earlier[command.TradeId] = moves ? string.Empty : book;
                if (!byBook.TryGetValue(book, out var places))
                    byBook.Add(book, places = []);
                places.Add(i);
            }
            catch (ValidationException e)
            {
                results[i] = Result(request.Commands[i], TradeResult.Types.Outcome.Refused, e.Field, e.Reason);
            }
            catch (GridException e) when (IsPassing(e))
            {
                results[i] = Result(request.Commands[i], TradeResult.Types.Outcome.Retry, string.Empty, e.Message);
            }
        }

        await Task.WhenAll(byBook.Select(b => SendAsync(asked, b.Key, b.Value, request, results))).WaitAsync(cancellationToken);
        return new BookTradesResponse { Results = { results } };
    }

    private static async Task SendAsync(IGrains asked, string book, List<int> places, BookTradesRequest request, TradeResult[] results)
    {
        try
        {
            var part = new BookTradesRequest { Author = request.Author, Commands = { places.Select(i => request.Commands[i]) } };
            var reply = await asked.Get<IBookGrain>(book).BookTrades(part);
            for (var k = 0; k < places.Count; k++)
                results[places[k]] = reply.Results[k];
        }
        catch (GridException e) when (IsPassing(e))
        {
            // The other books' commands keep their results; these may be sent again with the same ids.
            foreach (var i in places)
                results[i] = Result(request.Commands[i], TradeResult.Types.Outcome.Retry, string.Empty, e.Message);
        }
    }

    private static bool IsPassing(GridException exception) => Troubles.IsPassing(exception) || exception.Code == GridErrorCode.Cancelled;

    // The trades whose books their commands do not name, each asked once, many at a time: in a cluster every question is a message.
    private static async Task<Dictionary<string, Task<TradeLocation>>> LocateAsync(
        IReadOnlyList<TradeCommand> commands, IGrains asked, CancellationToken cancellationToken)
    {
        var located = new Dictionary<string, Task<TradeLocation>>(StringComparer.Ordinal);
        var booked = new HashSet<string>(StringComparer.Ordinal);
        var room = new SemaphoreSlim(LocatedAtATime);
        foreach (var command in commands)
        {
            if (command.ActionCase == TradeCommand.ActionOneofCase.Book)
                booked.Add(command.TradeId);
            if (booked.Contains(command.TradeId) || located.ContainsKey(command.TradeId))
                continue;
            try
            {
                var trade = TradeId.Parse(command.TradeId);
                await room.WaitAsync(cancellationToken);
                located.Add(command.TradeId, AskAsync(trade));
            }
            catch (ValidationException)
            {
                // Refused by name where its turn comes.
            }
        }

        await ((Task)Task.WhenAll(located.Values)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return located;

        async Task<TradeLocation> AskAsync(TradeId trade)
        {
            try
            {
                return await asked.Get<ITradeGrain>(trade.Value).Locate();
            }
            finally
            {
                room.Release();
            }
        }
    }

    private static async Task<string> BookOfAsync(
        TradeCommand command, Hierarchy hierarchy, IGrains asked, Dictionary<string, Task<TradeLocation>> located)
    {
        if (command.ActionCase == TradeCommand.ActionOneofCase.Book)
        {
            var book = NodeId.Parse(command.Book.Book, "book");
            if (!hierarchy.Nodes.ContainsKey(book))
                throw new ValidationException("book", $"there is no book '{book}'; add it to the hierarchy first");
            return book.Value;
        }

        var trade = TradeId.Parse(command.TradeId);
        var location = await (located.GetValueOrDefault(command.TradeId) ?? asked.Get<ITradeGrain>(trade.Value).Locate());
        return location.Book.Length > 0 ? location.Book : throw new ValidationException("trade_id", $"there is no trade '{trade}'");
    }

    private static bool NamesUnknownBook(TradeCommand command, Hierarchy hierarchy) =>
        command.ActionCase == TradeCommand.ActionOneofCase.Book && !hierarchy.Nodes.ContainsKey(NodeId.Parse(command.Book.Book, "book"));

    private static TradeResult Result(TradeCommand command, TradeResult.Types.Outcome outcome, string field, string reason) =>
        new() { CommandId = command.CommandId, TradeId = command.TradeId, Outcome = outcome, Field = field, Reason = reason };

    private static async Task<PriceTradeResponse> PriceTradeAsync(PriceTradeRequest request, IGrains asked, CancellationToken cancellationToken)
    {
        var trade = TradeId.Parse(request.TradeId);
        return await asked.Get<ITradeGrain>(trade.Value).PriceTrade(request).WaitAsync(cancellationToken);
    }
}
