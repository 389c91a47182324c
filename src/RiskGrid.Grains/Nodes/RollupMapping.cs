using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Protocol.Mapping;
using Wire = RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Nodes;

/// <summary>Between pricing's results and their wire messages.</summary>
internal static class RollupMapping
{
    /// <summary>Why nothing can be priced before the first quotes.</summary>
    public const string NoMarket = "the market has no valuation instant yet; publish quotes first";

    public static Wire.Measures ToWire(Pricing.Measures measures) => new()
    {
        Mtm = measures.Mtm,
        DeltaCash = measures.DeltaCash,
        GammaCash1Pct = measures.GammaCash1Pct,
        Vega1Pt = measures.Vega1Pt,
        Theta1D = measures.Theta1D,
        Rho1Bp = measures.Rho1Bp,
        BidAskReserve = measures.BidAskReserve,
        FxDelta = measures.FxDelta,
    };

    public static Pricing.Measures FromWire(Wire.Measures measures) => new(
        measures.Mtm, measures.DeltaCash, measures.GammaCash1Pct, measures.Vega1Pt, measures.Theta1D, measures.Rho1Bp,
        measures.BidAskReserve, measures.FxDelta);

    public static Wire.Coverage ToWire(Pricing.Coverage coverage)
    {
        var wire = new Wire.Coverage
        {
            Trades = (uint)coverage.Trades,
            Priced = (uint)coverage.Priced,
            Failed = (uint)coverage.Failed,
            Stale = (uint)coverage.Stale,
            OldestQuote = coverage.OldestQuote?.ToTimestamp(),
            NewestQuote = coverage.NewestQuote?.ToTimestamp(),
        };
        foreach (var (status, count) in coverage.QuoteStatus)
            wire.QuoteStatus.Add(status, (uint)count);
        foreach (var failure in coverage.Failures)
            wire.Failures.Add(new Wire.TradeFailure { TradeId = failure.Trade.Value, Reason = failure.Reason });
        foreach (var group in coverage.StaleGroups)
            wire.StaleGroups.Add(new Wire.StaleTrades { AsOf = group.AsOf.ToTimestamp(), Trades = (uint)group.Trades, AgeDays = group.AgeDays });
        return wire;
    }

    public static Pricing.Coverage FromWire(Wire.Coverage coverage) => new()
    {
        Trades = (int)coverage.Trades,
        Priced = (int)coverage.Priced,
        Failed = (int)coverage.Failed,
        Stale = (int)coverage.Stale,
        Failures = [.. coverage.Failures.Select(f => new Pricing.TradeFailure(TradeId.Parse(f.TradeId), f.Reason))],
        QuoteStatus = coverage.QuoteStatus.ToImmutableSortedDictionary(s => s.Key, s => (int)s.Value, StringComparer.Ordinal),
        StaleGroups = [.. coverage.StaleGroups.Select(g => new Pricing.StaleGroup(g.AsOf.ToInstant(), (int)g.Trades, g.AgeDays))],
        OldestQuote = coverage.OldestQuote?.ToInstant(),
        NewestQuote = coverage.NewestQuote?.ToInstant(),
    };

    /// <summary>The coverage of a book before any market is known: every trade failed, for that reason.</summary>
    public static Wire.Coverage NothingPriced(IReadOnlyCollection<TradeId> trades)
    {
        var wire = new Wire.Coverage { Trades = (uint)trades.Count, Failed = (uint)trades.Count };
        foreach (var trade in trades.Take(Pricing.Coverage.FailuresKept))
            wire.Failures.Add(new Wire.TradeFailure { TradeId = trade.Value, Reason = NoMarket });
        return wire;
    }

    /// <summary>Names the trades that a P&amp;L vector does not cover, after the pricing failures.</summary>
    public static void AddMissing(Wire.Coverage coverage, ImmutableArray<Pricing.TradeFailure> missing)
    {
        foreach (var failure in missing)
        {
            if (coverage.Failures.Count >= Pricing.Coverage.FailuresKept)
                return;
            if (!coverage.Failures.Any(known => string.Equals(known.TradeId, failure.Trade.Value, StringComparison.Ordinal)))
                coverage.Failures.Add(new Wire.TradeFailure { TradeId = failure.Trade.Value, Reason = failure.Reason });
        }
    }
}
