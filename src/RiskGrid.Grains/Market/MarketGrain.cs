using Google.Protobuf.WellKnownTypes;
using NodaTime;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Grid;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;
using Quote = RiskGrid.Model.Quote;
using WireQuote = RiskGrid.Protocol.V1.Quote;

namespace RiskGrid.Grains.Market;

/// <inheritdoc cref="IMarketGrain"/>
/// <remarks>Quotes are not durable: a new activation goes on from what its silo's board has heard, so that numbers go on when the market has been
/// idle or moves here; what the last owner accepted and nobody here heard is gone, as with a feed that stops.</remarks>
public sealed class MarketGrain(ILedger ledger, MarketBoard board) : Grain, IMarketGrain
{
    /// <summary>The topic on which every silo hears of quotes.</summary>
    public const string Topic = "quotes";

    private const int MaxRefusals = 20;

    // The market at (_epoch, _sequence); only ever replaced by a sound quote.
    private readonly SortedDictionary<FactorName, Quote> _quotes = [];
    private readonly Dictionary<string, FactorName> _names = new(StringComparer.Ordinal);
    private long _epoch;
    private long _sequence;
    private Instant? _valuation;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _epoch = await ledger.AskAsync(l => l.TakeEpochAsync(NodeId.Parse("market:" + Context.Key), cancellationToken));
        if (string.Equals(board.Market, Context.Key, StringComparison.Ordinal))
        {
            (_valuation, var heard) = board.Copy();
            foreach (var (factor, quote) in heard)
                _quotes.Add(factor, quote);
        }

        // Boards learn of the new epoch, and fetch from it, even before the first quote. No sequence: heard again, it is no step.
        await Context.PublishAsync(Topic, new QuotesPublished { Market = Context.Key, Epoch = _epoch });
    }

    /// <inheritdoc/>
    public async Task<PublishQuotesResponse> Publish(QuoteBatch batch)
    {
        var response = new PublishQuotesResponse();
        var step = new QuotesPublished { Market = Context.Key, Epoch = _epoch, FirstSequence = _sequence + 1 };
        var moved = MoveValuation(batch.Valuation, response);
        foreach (var quote in batch.Quotes)
        {
            if (Refusal(quote, out var factor) is { } reason)
            {
                Refuse(response, quote.Factor, reason);
                continue;
            }

            _quotes[factor] = new Quote(quote.Value, quote.AsOf.ToInstant(), quote.Status.Length == 0 ? QuoteStatus.Ok : quote.Status);
            step.Quotes.Add(quote);
            response.Accepted++;
        }

        if (step.Quotes.Count > 0 || moved)
        {
            _sequence += Math.Max(1, step.Quotes.Count);
            step.LastSequence = _sequence;
            step.Valuation = _valuation?.ToTimestamp();
            await Context.PublishAsync(Topic, step);
        }

        response.Market = Point();
        return response;
    }

    /// <inheritdoc/>
    public async Task<GetMarketResponse> GetMarket(GetMarketRequest request)
    {
        var response = new GetMarketResponse { Point = Point() };
        if (_valuation is { } valuation)
        {
            var snapshot = new MarketSnapshot(valuation, _quotes);
            response.SnapshotHash = snapshot.Hash;
            if (request.Pin)
                await ledger.AskAsync(async l =>
                {
                    await l.PutSnapshotAsync(snapshot, Context.Deactivated);
                    return snapshot;
                });
        }

        if (!request.WithoutQuotes)
        {
            foreach (var (factor, quote) in _quotes)
                response.Quotes.Add(new WireQuote { Factor = factor.Value, Value = quote.Value, AsOf = quote.AsOf.ToTimestamp(), Status = quote.Status });
        }

        return response;
    }

    private static void Refuse(PublishQuotesResponse response, string factor, string reason)
    {
        response.Refused++;
        if (response.Refusals.Count < MaxRefusals)
            response.Refusals.Add(new QuoteRefusal { Factor = factor, Reason = reason });
    }

    private bool MoveValuation(Timestamp? wanted, PublishQuotesResponse response)
    {
        if (wanted is null)
            return false;
        if (!IsTime(wanted))
        {
            Refuse(response, string.Empty, $"valuation: {wanted.Seconds} s and {wanted.Nanos} ns is no time between the years 1 and 9999");
            return false;
        }

        if (wanted.ToInstant() == _valuation)
            return false;
        var valuation = wanted.ToInstant();
        if (_valuation is { } current && valuation < current)
        {
            Refuse(response, string.Empty, $"valuation: {valuation} is before {current}; time never moves backwards");
            return false;
        }

        _valuation = valuation;
        return true;
    }

    // The range of google.protobuf.Timestamp; outside of it no instant can be made.
    private static bool IsTime(Timestamp time) =>
        time.Seconds is >= -62_135_596_800 and <= 253_402_300_799 && time.Nanos is >= 0 and <= 999_999_999;

    private string? Refusal(WireQuote quote, out FactorName factor)
    {
        if (!_names.TryGetValue(quote.Factor, out factor))
        {
            try
            {
                factor = FactorName.Parse(quote.Factor);
            }
            catch (ValidationException e)
            {
                return e.Reason;
            }

            _names[quote.Factor] = factor;
        }

        if (quote.AsOf is null)
            return "as_of is missing";
        if (!IsTime(quote.AsOf))
            return $"as_of: {quote.AsOf.Seconds} s and {quote.AsOf.Nanos} ns is no time between the years 1 and 9999";
        if (quote.Status.Length > 0 && !QuoteStatus.All.Contains(quote.Status, StringComparer.Ordinal))
            return $"status '{quote.Status}' is not one of {string.Join(' ', QuoteStatus.All)}";
        return QuoteRules.Violation(factor.Class, quote.Value);
    }

    private MarketPoint Point() => new()
    {
        Market = Context.Key,
        Epoch = _epoch,
        Sequence = _sequence,
        Valuation = _valuation?.ToTimestamp(),
    };
}
