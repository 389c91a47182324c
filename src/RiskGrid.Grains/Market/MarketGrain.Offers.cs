using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Market;

/// <content>What other silos heard of the epoch before and this activation did not know.</content>
public sealed partial class MarketGrain
{
    /// <inheritdoc/>
    public async Task Offer(GetMarketResponse held)
    {
        // Late, repeated, or another silo had as much: nothing new in it.
        var point = held.Point;
        if (point.Epoch >= _epoch || point.Epoch < _continues.Epoch || (point.Epoch == _continues.Epoch && point.Sequence <= _continues.Sequence))
            return;

        // What the ledger kept has no place in the order of steps: there the quotes' own times decide.
        var ordered = _continues.Epoch > 0;
        _continues = point;
        var step = new QuotesPublished { Market = Context.Key, Epoch = _epoch, FirstSequence = _sequence + 1, Continues = _continues };
        foreach (var quote in held.Quotes)
        {
            if (Refusal(quote, out var factor) is not null || _quotedAnew.Contains(factor))
                continue;
            var offered = MarketBoard.FromWire(quote);
            if (_quotes.TryGetValue(factor, out var known) && (known == offered || (!ordered && offered.AsOf < known.AsOf)))
                continue;
            _names[quote.Factor] = factor;
            _quotes[factor] = offered;
            step.Quotes.Add(quote);
        }

        if (point.Valuation?.ToInstant() is { } valuation && (_valuation is null || valuation > _valuation))
            _valuation = valuation;

        // Also without a quote: the boards that offered wait for it.
        await PublishAsync(step);
    }
}
