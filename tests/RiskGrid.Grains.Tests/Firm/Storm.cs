using RiskGrid.Grains.Nodes;
using RiskGrid.Model;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Tests;

/// <summary>Quotes, commands and hierarchy changes at the same time, each kind in its own seeded order. What is left on the ledger does not depend
/// on how they interleave.</summary>
internal sealed class Storm(int seed)
{
    private const int QuoteSteps = 120;
    private const int CommandBatches = 40;
    private const int Reorganisations = 8;

    private readonly Dictionary<string, Trade> _trades = SmallFirm.Trades.ToDictionary(
        t => t.Key, t => new Trade(TradeId.Parse(t.Key), 1, t.Value, TradeLifecycle.Live), StringComparer.Ordinal);
    private readonly Dictionary<string, Wire.Quote> _quotes = SmallFirm.Quotes().ToDictionary(q => q.Factor, StringComparer.Ordinal);

    /// <summary>The live trades once it is over.</summary>
    public IEnumerable<Trade> Live => _trades.Values.Where(t => t.Lifecycle == TradeLifecycle.Live);

    /// <summary>The last quote of every factor.</summary>
    public IEnumerable<Wire.Quote> FinalQuotes => _quotes.Values;

    public async Task RunAsync(TestSilo silo)
    {
        await Task.WhenAll(Task.Run(() => QuotesAsync(silo)), Task.Run(() => CommandsAsync(silo)), Task.Run(() => ReorganiseAsync(silo)));
        await CalmAsync(silo);
    }

    // A repeated message may have put back what a later one had changed: the last word is said again until it stands.
    private async Task CalmAsync(TestSilo silo)
    {
        var final = _quotes.Values.OrderBy(q => q.Factor, StringComparer.Ordinal).ToList();
        var nodes = Nodes(Reorganisations);
        await Patience.Eventually("the last quotes and the last tree stand", async () =>
        {
            await silo.PublishAsync(final, SmallFirm.Valuation);
            await silo.PutAsync(nodes);
            await silo.SettleAsync();
            var market = await silo.MarketAsync();
            var tree = await silo.Tree.GetHierarchy();
            return final.Select(q => (q.Factor, q.Value)).SequenceEqual(market.Quotes.Select(q => (q.Factor, q.Value)))
                && nodes.All(n => tree.Nodes.Any(t => t.Id == n.Id && t.Parent == n.Parent && t.Name == n.Name));
        });
    }

    private async Task QuotesAsync(TestSilo silo)
    {
        var random = new Random(seed);
        var factors = SmallFirm.Market.Keys.ToList();
        for (var step = 0; step < QuoteSteps; step++)
        {
            var batch = new List<Wire.Quote>();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                var factor = factors[random.Next(factors.Count)];
                batch.RemoveAll(q => q.Factor == factor);
                batch.Add(SmallFirm.Quote(factor, SmallFirm.Market[factor] * (1 + (0.04 * (random.NextDouble() - 0.5)))));
            }

            // Now and then the shape of the market changes: a new pillar, a new pair.
            if (step % 30 == 17)
                batch.Add(SmallFirm.Quote($"ZC.USD.{5 + step}Y", 0.04 + (0.001 * random.NextDouble())));
            foreach (var quote in batch)
                _quotes[quote.Factor] = quote;
            await silo.PublishAsync(batch);
        }
    }

    private async Task CommandsAsync(TestSilo silo)
    {
        var random = new Random(seed + 1);
        for (var batch = 0; batch < CommandBatches; batch++)
        {
            var commands = new List<Wire.TradeCommand>();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                if (Next(random, $"storm:{batch}:{n}", commands) is { } command)
                    commands.Add(command);
            }

            var results = await silo.BookAsync(commands);
            Assert.All(results, r => Assert.True(r.Outcome == Wire.TradeResult.Types.Outcome.Applied, $"{r.CommandId}: {r.Field} {r.Reason}"));
        }
    }

    private Wire.TradeCommand? Next(Random random, string id, List<Wire.TradeCommand> batch)
    {
        var book = SmallFirm.Books[random.Next(SmallFirm.Books.Count)];
        if (random.Next(3) == 0)
        {
            var terms = SmallFirm.Terms(book, 0.8 + (0.04 * random.Next(10)), random.Next(-50, 50));
            var trade = $"S-{id.Replace(':', '-')}";
            _trades[trade] = new Trade(TradeId.Parse(trade), 1, terms, TradeLifecycle.Live);
            return Commands.Book(id, trade, terms);
        }

        // One command a trade and batch: those to different books of one batch run at the same time.
        var live = _trades.Values.Where(t => t.Lifecycle == TradeLifecycle.Live && batch.TrueForAll(c => c.TradeId != t.Id.Value)).ToList();
        var old = live[random.Next(live.Count)];
        switch (random.Next(4))
        {
            case 0:
                _trades[old.Id.Value] = old with { Version = old.Version + 1, Lifecycle = TradeLifecycle.Cancelled };
                return Commands.Cancel(id, old.Id.Value, old.Version);
            case 1:
                return Amend(old, id, old.Terms.Of(random.Next(-99, 99)));
            default:
                return Amend(old, id, old.Terms.In(book));
        }
    }

    private Wire.TradeCommand Amend(Trade old, string id, TradeTerms terms)
    {
        _trades[old.Id.Value] = old with { Version = old.Version + 1, Terms = terms };
        return Commands.Amend(id, old.Id.Value, old.Version, terms);
    }

    private static async Task ReorganiseAsync(TestSilo silo)
    {
        for (var step = 1; step <= Reorganisations; step++)
            await silo.PutAsync(Nodes(step));
    }

    // Books and a desk wander; a desk without books comes and stays.
    private static List<Wire.HierarchyNode> Nodes(int step) =>
    [
        SmallFirm.Book(SmallFirm.Apple, step % 2 == 0 ? "APPLE" : "ZAPPLE", step % 3 == 0 ? "D-INDEX" : "D-EURO"),
        SmallFirm.Book(SmallFirm.Far, "FAR", step % 2 == 0 ? "A-STOCK" : "D-INDEX"),
        SmallFirm.Desk("D-EURO", "EURO", step % 4 == 1 ? HierarchyGrain.Firm.Value : "A-STOCK"),
        SmallFirm.Desk("D-EMPTY", $"EMPTY-{step}", HierarchyGrain.Firm.Value),
    ];
}
