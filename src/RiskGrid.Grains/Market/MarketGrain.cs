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
/// <remarks>A new activation goes on from what its silo's board has heard or, in a process that has just started, from what the ledger keeps: at most
/// <see cref="KeepPeriod"/> old. It says where it went on from; a silo whose board holds more offers it, and what is not quoted anew by then is taken
/// over. Lost is what no living silo heard: quotes whose step had not left a silo when it was killed, as with a feed that stops for a moment.</remarks>
public sealed partial class MarketGrain(SiloServices silo) : Grain, IMarketGrain
{
    /// <summary>The topic on which every silo hears of quotes.</summary>
    public const string Topic = "quotes";

    /// <summary>How often a market that moves is kept in the ledger; a server that dies forgets no more than this.</summary>
    public static readonly TimeSpan KeepPeriod = TimeSpan.FromSeconds(10);

    private const int MaxFactors = 1_000_000;

    // The market at (_epoch, _sequence); only ever replaced by a sound quote.
    private readonly SortedDictionary<FactorName, Quote> _quotes = [];
    private readonly Dictionary<string, FactorName> _names = new(StringComparer.Ordinal);
    private NodeId _id;
    private long _epoch;
    private long _sequence;
    private Instant? _valuation;

    // Where the market stood when this epoch began, as far as is known here, and what has been quoted since.
    private MarketPoint _continues = new();
    private readonly HashSet<FactorName> _quotedAnew = [];

    // The sequence that the ledger keeps, -1 when what it keeps is another's, and the write that is on its way there.
    private long _kept = -1;
    private Task _keeping = Task.CompletedTask;

    // The snapshot hash at a sequence, once somebody has asked for it.
    private (long Sequence, string Hash) _hashed = (-1, string.Empty);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = NodeId.Parse("market:" + Context.Key);
        _epoch = await silo.Ledger.AskAsync(l => l.TakeEpochAsync(_id, cancellationToken));
        (_continues, var heard) = silo.Board.Copy();
        _valuation = _continues.Valuation?.ToInstant();
        if (_valuation is null && await silo.Ledger.AskAsync(l => l.ReadMarketAsync(_id, cancellationToken)) is { } kept)
            (_valuation, heard, _continues, _kept) = (kept.Valuation, [.. kept.Quotes], new MarketPoint(), _sequence);
        foreach (var (factor, quote) in heard)
            _quotes.Add(factor, quote);
        Context.RegisterTimer(Keep, KeepPeriod, KeepPeriod);

        // Boards learn of the new epoch, and fetch from it, even before the first quote. No sequence: heard again, it is no step.
        await Context.PublishAsync(Topic, new QuotesPublished { Market = Context.Key, Epoch = _epoch, Continues = _continues });
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // An older state must not be written after this one.
        await _keeping;
        if (reason == DeactivationReason.OwnershipLost || _kept == _sequence || _valuation is not { } valuation)
            return;
        try
        {
            await silo.Ledger.KeepMarketAsync(_id, _epoch, new MarketSnapshot(valuation, _quotes), cancellationToken);
        }
        catch (Exception e) when (e is LedgerUnavailableException or EpochLostException)
        {
            silo.Troubles.MarketNotKept(_id.Value, e);
        }
    }

    /// <inheritdoc/>
    public async Task<PublishQuotesResponse> Publish(QuoteBatch batch)
    {
        var response = new PublishQuotesResponse();
        var step = new QuotesPublished { Market = Context.Key, Epoch = _epoch, FirstSequence = _sequence + 1, Continues = _continues };
        var moved = MoveValuation(batch.Valuation, response);
        foreach (var quote in batch.Quotes)
        {
            if (Refusal(quote, out var factor) is { } reason)
            {
                Refuse(response, quote.Factor, reason);
                continue;
            }

            _names[quote.Factor] = factor;
            _quotes[factor] = new Quote(quote.Value, quote.AsOf.ToInstant(), quote.Status.Length == 0 ? QuoteStatus.Ok : quote.Status);
            _quotedAnew.Add(factor);
            step.Quotes.Add(quote);
            response.Accepted++;
        }

        if (step.Quotes.Count > 0 || moved)
            await PublishAsync(step);
        if (GrainsTelemetry.Quotes.Enabled)
        {
            GrainsTelemetry.Quotes.Add((long)response.Accepted, new KeyValuePair<string, object?>("riskgrid.outcome", "accepted"));
            GrainsTelemetry.Quotes.Add((long)response.Refused, new KeyValuePair<string, object?>("riskgrid.outcome", "refused"));
        }

        response.Market = Point();
        return response;
    }

    /// <inheritdoc/>
    public Task<MarketPoint> GetPoint() => Task.FromResult(Point());

    /// <inheritdoc/>
    public async Task<GetMarketResponse> GetMarket(GetMarketRequest request)
    {
        // The turn only copies; sorting, hashing and storing happen beside the turns, so that quotes never wait for a reader.
        var (point, valuation, sequence) = (Point(), _valuation, _sequence);
        KeyValuePair<FactorName, Quote>[] quotes = [.. _quotes];
        var response = MarketBoard.ToWire(point, request.WithoutQuotes ? [] : quotes);
        if (valuation is { } instant)
        {
            if (_hashed.Sequence == sequence && !request.Pin)
                response.SnapshotHash = _hashed.Hash;
            else
                response.SnapshotHash = await HashAsync(instant, quotes, request.Pin);
            _hashed = (sequence, response.SnapshotHash);
        }

        return response;
    }

    private async Task PublishAsync(QuotesPublished step)
    {
        _sequence += Math.Max(1, step.Quotes.Count);
        step.LastSequence = _sequence;
        step.Valuation = _valuation?.ToTimestamp();
        await Context.PublishAsync(Topic, step);
    }

    private async Task<string> HashAsync(Instant valuation, KeyValuePair<FactorName, Quote>[] quotes, bool pin)
    {
        var snapshot = await silo.Pool.RunAsync(ComputePriority.Live, () => Hashed(valuation, quotes), Context.Deactivated);
        if (pin)
        {
            await silo.Ledger.AskAsync(async l =>
            {
                await l.PutSnapshotAsync(snapshot, Context.Deactivated);
                return snapshot;
            });
        }

        return snapshot.Hash;
    }

    private static MarketSnapshot Hashed(Instant valuation, KeyValuePair<FactorName, Quote>[] quotes)
    {
        var snapshot = new MarketSnapshot(valuation, quotes);
        _ = snapshot.Hash;
        return snapshot;
    }

    // As with readers: quotes never wait for the disk.
    private Task Keep()
    {
        if (_keeping.IsCompleted && _kept != _sequence && _valuation is { } valuation)
            _keeping = KeepAsync(valuation, [.. _quotes], _sequence);
        return Task.CompletedTask;
    }

    private async Task KeepAsync(Instant valuation, KeyValuePair<FactorName, Quote>[] quotes, long sequence)
    {
        try
        {
            var snapshot = await silo.Pool.RunAsync(ComputePriority.Run, () => Hashed(valuation, quotes), Context.Deactivated).ConfigureAwait(false);
            await silo.Ledger.KeepMarketAsync(_id, _epoch, snapshot, Context.Deactivated).ConfigureAwait(false);
            Context.Post(() =>
            {
                _kept = sequence;
                return Task.CompletedTask;
            });
        }
        catch (Exception e) when (e is OperationCanceledException or EpochLostException)
        {
            // The activation ends; the next one keeps the market.
        }
        catch (Exception e)
        {
            silo.Troubles.MarketNotKept(_id.Value, e);
        }
    }

    private static void Refuse(PublishQuotesResponse response, string factor, string reason)
    {
        response.Refused++;
        if (response.Refusals.Count < IMarketGrain.MaxRefusals)
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

        }

        if (quote.AsOf is null)
            return "as_of is missing";
        if (!IsTime(quote.AsOf))
            return $"as_of: {quote.AsOf.Seconds} s and {quote.AsOf.Nanos} ns is no time between the years 1 and 9999";
        if (quote.Status.Length > 0 && !QuoteStatus.All.Contains(quote.Status, StringComparer.Ordinal))
            return $"status '{quote.Status}' is not one of {string.Join(' ', QuoteStatus.All)}";
        if (_quotes.Count >= MaxFactors && !_quotes.ContainsKey(factor))
            return $"the market holds {MaxFactors:N0} factors, no more are taken";
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
