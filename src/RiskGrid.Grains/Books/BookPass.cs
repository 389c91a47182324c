using System.Collections.Immutable;
using Google.Protobuf;
using RiskGrid.Grains.Market;
using RiskGrid.Grains.Nodes;
using RiskGrid.Pricing;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Grains.Books;

/// <summary>The outcome of one pricing pass over a book.</summary>
/// <param name="Binding">The trades and the factors that they depend on.</param>
/// <param name="Directory">The shape of the market that the binding was made for.</param>
/// <param name="Watch">Watches those factors since before <paramref name="Market"/> was captured.</param>
/// <param name="Sequence">The ledger sequence that the sheet stands for.</param>
/// <param name="Point">Where the market stood.</param>
/// <param name="Market">The quotes used; null when no valuation instant was known.</param>
/// <param name="Valuation">The measures; null when there was no market.</param>
internal sealed record BookPass(
    SheetBinding Binding, FactorDirectory Directory, MarketWatch Watch, long Sequence, MarketPoint Point, SheetMarket? Market, SheetValuation? Valuation);

/// <summary>The P&amp;L vector of one pass, or why there is none.</summary>
/// <param name="Of">The pass whose sheet and market it revalues.</param>
/// <param name="Pnl">One number per scenario, in wire form; empty when there is none.</param>
/// <param name="Tail">The measures taken from it; null when there is none.</param>
/// <param name="Missing">Trades that it does not cover.</param>
/// <param name="Failure">Why there is none; empty when there is one.</param>
internal sealed record BookVector(BookPass Of, ByteString Pnl, Protocol.V1.TailMeasures? Tail, ImmutableArray<Pricing.TradeFailure> Missing, string Failure)
{
    public static BookVector From(BookPass pass, SheetRevaluation revaluation) => new(
        pass,
        PnlVectors.ToWire(revaluation.Pnl),
        Tails.From(revaluation.Pnl, revaluation.ScenarioSetHash, pass.Point, revaluation.TradesMissing),
        revaluation.Missing,
        string.Empty);

    public static BookVector None(BookPass pass, Exception failure) => new(pass, ByteString.Empty, null, [], failure.Message);
}
