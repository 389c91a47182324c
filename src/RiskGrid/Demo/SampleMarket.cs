using NodaTime;
using RiskGrid.Cli;
using RiskGrid.Client;
using RiskGrid.Model;
using RiskGrid.Pricing.Chains;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;
using HierarchyNode = RiskGrid.Model.HierarchyNode;
using Quote = RiskGrid.Model.Quote;
using TradeCommand = RiskGrid.Protocol.V1.TradeCommand;
using TradeTerms = RiskGrid.Model.TradeTerms;

namespace RiskGrid.Demo;

/// <summary>The sample market and portfolio, ready to be sent to a server: the index desk from the option chain, the single-stock desk from the
/// history panel.</summary>
internal sealed class SampleMarket
{
    private const int QuotesPerBatch = 5_000;

    private readonly List<KeyValuePair<FactorName, Quote>> _quotes;
    private readonly List<KeyValuePair<TradeId, TradeTerms>> _trades;

    public SampleMarket(CalibratedChain chain, HistoryPanel panel, NodeId firm)
    {
        Valuation = chain.AsOf;
        var stocks = SingleStockPortfolio.Create(panel, firm);
        Nodes = [.. IndexPortfolio.Nodes(chain, firm), .. stocks.Nodes];
        _quotes = [.. chain.ToQuotes(), .. stocks.Quotes];
        _trades = [.. IndexPortfolio.Trades(chain), .. stocks.Trades];
    }

    /// <summary>When everything is valued.</summary>
    public Instant Valuation { get; }

    /// <summary>Desks and books.</summary>
    public IReadOnlyList<HierarchyNode> Nodes { get; }

    /// <summary>How many trades there are.</summary>
    public int TradeCount => _trades.Count;

    /// <summary>How many quotes there are.</summary>
    public int QuoteCount => _quotes.Count;

    /// <summary>Sends everything: the tree, the trades, then the quotes, so that nothing is priced before it is complete.</summary>
    public async Task SendAsync(Stages stages, RiskGridClient client, string author, CancellationToken cancellationToken)
    {
        await client.PutHierarchyAsync(WireNodes(), cancellationToken);
        var results = await stages.RunAsync("book", $"Book {TradeCount:N0} trades over gRPC, durably", progress => client.BookTradesAsync(
            Commands(), new BookingOptions { Author = author, Progress = new CountBar(progress, TradeCount) }, cancellationToken));
        if (results.FirstOrDefault(r => r.Outcome != TradeResult.Types.Outcome.Applied) is { } refused)
            throw new InvalidDataException($"trade {refused.TradeId} of the sample was refused: {refused.Field}: {refused.Reason}");
        var quotes = await stages.RunAsync(
            "quotes", $"Publish {QuoteCount:N0} quotes over gRPC", progress => client.PublishQuotesAsync(QuoteBatches(progress).ToAsyncEnumerable(), cancellationToken));
        if (quotes.Refused > 0)
            throw new InvalidDataException($"{quotes.Refused} quotes of the sample were refused, the first: {quotes.Refusals[0].Factor}: {quotes.Refusals[0].Reason}");
    }

    private IEnumerable<Protocol.V1.HierarchyNode> WireNodes() => Nodes.Select(n => new Protocol.V1.HierarchyNode
    {
        Id = n.Id.Value,
        Kind = n.Kind == NodeKind.Book ? "book" : "desk",
        Name = n.Name,
        Parent = n.Parent?.Value ?? string.Empty,
    });

    // The command id is the trade's: sent again, it books nothing again.
    private IEnumerable<TradeCommand> Commands() => _trades.Select(t => new TradeCommand
    {
        CommandId = "sample:" + t.Key.Value,
        TradeId = t.Key.Value,
        Book = TradeMapping.ToWire(t.Value),
    });

    // The last batch carries the valuation instant, so that nothing is priced from half a market.
    private IEnumerable<QuoteBatch> QuoteBatches(IProgress<double> progress)
    {
        for (var start = 0; start < _quotes.Count; start += QuotesPerBatch)
        {
            var part = _quotes.Skip(start).Take(QuotesPerBatch);
            var batch = new QuoteBatch
            {
                Quotes = { part.Select(q => new Protocol.V1.Quote { Factor = q.Key.Value, Value = q.Value.Value, AsOf = q.Value.AsOf.ToTimestamp(), Status = q.Value.Status }) },
            };
            if (start + QuotesPerBatch >= _quotes.Count)
                batch.Valuation = Valuation.ToTimestamp();
            progress.Report((double)start / _quotes.Count);
            yield return batch;
        }
    }
}
