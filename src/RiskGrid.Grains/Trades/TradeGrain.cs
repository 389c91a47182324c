using RiskGrid.Grains.Nodes;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using OptionInputs = RiskGrid.Protocol.V1.OptionInputs;

namespace RiskGrid.Grains.Trades;

/// <inheritdoc cref="ITradeGrain"/>
/// <remarks>Holds nothing between calls: the ledger says what the trade is, the board what the market is, and the kernels of its book price it.</remarks>
public sealed class TradeGrain(SiloServices silo) : Grain, ITradeGrain
{
    /// <inheritdoc/>
    public async Task<PriceTradeResponse> PriceTrade(PriceTradeRequest request)
    {
        var history = await silo.Ledger.AskAsync(l => l.ReadTradeAsync(TradeId.Parse(Context.Key), Context.Deactivated));
        if (history.Count == 0)
            throw GrainErrors.Missing($"there is no trade '{Context.Key}'");
        var trade = history[^1].Trade;
        var hierarchy = (await silo.Hierarchy.CurrentAsync()).Hierarchy;
        var response = new PriceTradeResponse
        {
            TradeId = trade.Id.Value,
            Version = trade.Version,
            Lifecycle = trade.Lifecycle == TradeLifecycle.Live ? "live" : "cancelled",
            Terms = TradeMapping.ToWire(trade.Terms),
            BookPath = hierarchy.Nodes.ContainsKey(trade.Terms.Book) ? hierarchy.PathOf(trade.Terms.Book) : string.Empty,
            QuoteStatus = string.Empty,
        };
        if (request.IncludeHistory)
            response.History.AddRange(history.Select(ToWire));
        Price(trade, response);
        return response;
    }

    /// <inheritdoc/>
    public async Task<TradeLocation> Locate()
    {
        var history = await silo.Ledger.AskAsync(l => l.ReadTradeAsync(TradeId.Parse(Context.Key), Context.Deactivated));
        return new TradeLocation { Book = history.Count == 0 ? string.Empty : history[^1].Book.Value };
    }

    private void Price(Trade trade, PriceTradeResponse response)
    {
        var sheet = Sheet.Build(trade.Terms.Book, [trade]);
        (SheetMarket? Market, MarketPoint Point)? captured = null;
        while (captured is null)
        {
            var shape = silo.Board.Directory;
            captured = silo.Board.Capture(new SheetBinding(sheet, shape, silo.Options), shape, watch: null);
        }

        var (market, point) = captured.Value;
        response.Market = point;
        if (trade.Lifecycle != TradeLifecycle.Live)
        {
            response.Failure = "the trade is cancelled: it has no value";
            return;
        }

        if (market is null)
        {
            response.Failure = RollupMapping.NoMarket;
            return;
        }

        var quote = SheetPricer.PriceTrade(market, 0);
        if (quote.Failure is { } failure)
        {
            response.Failure = failure;
            return;
        }

        response.Measures = RollupMapping.ToWire(quote.Measures);
        response.QuoteStatus = quote.QuoteStatus;
        response.QuoteAsOf = quote.QuoteAsOf.ToTimestamp();
        response.Stale = quote.Stale;
        var (inputs, greeks) = (quote.Inputs, quote.Greeks);
        response.Inputs = new OptionInputs
        {
            Spot = inputs.Spot,
            Forward = inputs.Forward,
            Strike = inputs.Strike,
            Time = inputs.Time,
            Volatility = inputs.Volatility,
            ZeroRate = inputs.ZeroRate,
            DividendYield = inputs.DividendYield,
            Discount = inputs.Discount,
        };
        response.Greeks = new OptionGreeks
        {
            Price = RollupMapping.Zero(greeks.Price),
            Delta = RollupMapping.Zero(greeks.Delta),
            Gamma = RollupMapping.Zero(greeks.Gamma),
            Vega = RollupMapping.Zero(greeks.Vega),
            Theta = RollupMapping.Zero(greeks.Theta),
            Rho = RollupMapping.Zero(greeks.Rho),
            ThetaPerDay = RollupMapping.Zero(greeks.ThetaPerDay),
            DividendRho = RollupMapping.Zero(greeks.DividendRho(inputs.Spot, inputs.Time)),
        };
        if (greeks.Elasticity(inputs.Spot) is { } elasticity)
            response.Greeks.Elasticity = elasticity;
    }

    private static TradeHistoryEntry ToWire(TradeEvent tradeEvent) => new()
    {
        Version = tradeEvent.Trade.Version,
        Event = tradeEvent.Kind switch
        {
            TradeEventKind.Booked => "booked",
            TradeEventKind.Amended => "amended",
            _ => "cancelled",
        },
        Book = tradeEvent.Book.Value,
        BookSequence = tradeEvent.BookSequence,
        RecordedAt = tradeEvent.RecordedAt.ToTimestamp(),
        CommandId = tradeEvent.CommandId.Value,
        Author = tradeEvent.Author,
        Terms = TradeMapping.ToWire(tradeEvent.Trade.Terms),
    };
}
