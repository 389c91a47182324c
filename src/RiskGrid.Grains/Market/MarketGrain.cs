using Google.Protobuf.WellKnownTypes;
using NodaTime;
using RiskGrid.Compute;
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
public sealed class MarketGrain(SiloServices silo) : Grain, IMarketGrain
{
    /// <summary>The topic on which every silo hears of quotes.</summary>
    public const string Topic = "quotes";

    /// <summary>How often a market that moves is kept in the ledger; a server that dies forgets no more than this.</summary>
    public static readonly TimeSpan KeepPeriod = TimeSpan.FromSeconds(10);

    private const int MaxRefusals = 20;

    // The market at (_epoch, _sequence); only ever replaced by a sound quote.
    private readonly SortedDictionary<FactorName, Quote> _quotes = [];
    private readonly Dictionary<string, FactorName> _names = new(StringComparer.Ordinal);
    private NodeId _id;
    private long _epoch;
    private long _sequence;
    private Instant? _valuation;

    // The sequence that the ledger keeps, and whether a newer one is on its way there.
    private long _kept;
    private bool _keeping;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = NodeId.Parse("market:" + Context.Key);
        _epoch = await silo.Ledger.TakeEpochAsync(_id, cancellationToken);
        _sequence = 1;
        if (await silo.Ledger.ReadMarketAsync(_id, cancellationToken) is { } kept)
        {
            _valuation = kept.Valuation;
            foreach (var (factor, quote) in kept.Quotes)
                _quotes.Add(factor, quote);
        }

        _kept = _sequence;
        Context.RegisterTimer(Keep, KeepPeriod, KeepPeriod);

        // Boards learn of the new epoch, and fetch the market from it, even before the first quote.
        await Context.PublishAsync(Topic, new QuotesPublished { Market = Context.Key, Epoch = _epoch, FirstSequence = _sequence, LastSequence = _sequence });
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason != DeactivationReason.OwnershipLost && _kept != _sequence && _valuation is { } valuation)
            await silo.Ledger.KeepMarketAsync(_id, _epoch, new MarketSnapshot(valuation, _quotes), cancellationToken);
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
                await silo.Ledger.PutSnapshotAsync(snapshot, Context.Deactivated);
        }

        if (!request.WithoutQuotes)
        {
            foreach (var (factor, quote) in _quotes)
                response.Quotes.Add(new WireQuote { Factor = factor.Value, Value = quote.Value, AsOf = quote.AsOf.ToTimestamp(), Status = quote.Status });
        }

        return response;
    }

    // The turn only copies; sorting, hashing and writing happen beside the turns, so that quotes never wait for the disk.
    private Task Keep()
    {
        if (_keeping || _kept == _sequence || _valuation is not { } valuation)
            return Task.CompletedTask;
        _keeping = true;
        _ = KeepAsync(valuation, [.. _quotes], _sequence);
        return Task.CompletedTask;
    }

    private async Task KeepAsync(Instant valuation, KeyValuePair<FactorName, Quote>[] quotes, long sequence)
    {
        var kept = _kept;
        try
        {
            var snapshot = await silo.Pool.RunAsync(ComputePriority.Run, () => new MarketSnapshot(valuation, quotes), Context.Deactivated).ConfigureAwait(false);
            await silo.Ledger.KeepMarketAsync(_id, _epoch, snapshot, Context.Deactivated).ConfigureAwait(false);
            kept = sequence;
        }
        catch (Exception e) when (e is OperationCanceledException or EpochLostException)
        {
            // The activation ends; the next one keeps the market.
        }
        catch (Exception e)
        {
            silo.Log.PassFailed(_id.Value, "keeping the market", e);
        }

        Context.Post(() =>
        {
            (_keeping, _kept) = (false, kept);
            return Task.CompletedTask;
        });
    }

    private static void Refuse(PublishQuotesResponse response, string factor, string reason)
    {
        response.Refused++;
        if (response.Refusals.Count < MaxRefusals)
            response.Refusals.Add(new QuoteRefusal { Factor = factor, Reason = reason });
    }

    private bool MoveValuation(Timestamp? wanted, PublishQuotesResponse response)
    {
        if (wanted is null || wanted.ToInstant() == _valuation)
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
